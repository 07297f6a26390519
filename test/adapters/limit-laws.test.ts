import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { declaredPorts, generatedWorkloads, workloadAccess } from '../../src/adapter-kit/access-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { normalAccess, withPortsNamed } from '../../src/mesh/access-normal-form.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { type PodLimit, podLimitKey } from '../../src/mesh/pod-limits.ts'
import { selectionsOf } from '../../src/mesh/workloads.ts'
import { adapters } from './adapters.ts'

const limiting = adapters.filter(([, { podLimits }]) => podLimits !== undefined)

const places = ['web', 'api'].flatMap((serviceAccount) =>
  selectionsOf({ namespace: 'shop', serviceAccount }, generatedWorkloads).flatMap((selection) =>
    declaredPorts.map((port) => ({ namespace: 'shop', serviceAccount, selection, port })),
  ),
)
const rate = fc
  .record({ requestsPerSecond: fc.constantFrom(20, 100), perClient: fc.constantFrom(undefined, 1, 20) })
  .map(({ requestsPerSecond, perClient }) => ({ ...(perClient !== undefined && { perClient }), requestsPerSecond }))
/** Limits of some of the pods, in the order in which they are read. */
const podLimits: fc.Arbitrary<PodLimit[]> = fc
  .tuple(...places.map((place) => fc.option(rate.map((limit) => ({ ...place, limit })))))
  .map((all) => all.flatMap((one) => one ?? []).sort((a, b) => (podLimitKey(a) < podLimitKey(b) ? -1 : 1)))

/** What is written for limits beside other objects, each object once, and what of them is refused. */
function written({ podLimits: own }: MeshAdapter, limits: readonly PodLimit[], others: readonly KubeObject[]) {
  const answers = own?.translate(limits, { workloads: generatedWorkloads, others, own: [] }) ?? []
  const objects = answers.flatMap((answer) => answer.objects)
  const byName = new Map(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object]))
  return {
    objects: [...byName.values()],
    carried: limits.filter((_limit, index) => answers[index]?.problems.length === 0),
  }
}

/** The same for all ports of the pods of a selection. */
const alike: fc.Arbitrary<PodLimit[]> = fc
  .tuple(podLimits, fc.array(fc.constantFrom(20, 100), { minLength: 8, maxLength: 8 }))
  .map(([some, rates]) => {
    const keys = [...new Set(some.map(({ serviceAccount, selection }) => `${serviceAccount} ${selection.name}`))]
    return places
      .flatMap((place): PodLimit[] => {
        const index = keys.indexOf(`${place.serviceAccount} ${place.selection.name}`)
        return index < 0 ? [] : [{ ...place, limit: { requestsPerSecond: rates[index] ?? 20 } }]
      })
      .sort((a, b) => (podLimitKey(a) < podLimitKey(b) ? -1 : 1))
  })

describe.each(limiting)('rate limits of pods on %s', (_name, adapter) => {
  test.prop([alike], { numRuns: 100 })('are carried where all ports of some pods have the same', (limits) => {
    expect(written(adapter, limits, []).carried).toEqual(limits)
  })

  test.prop([podLimits], { numRuns: 100 })('read back what was written', (limits) => {
    const { objects, carried } = written(adapter, limits, [])
    expect(adapter.podLimits?.observe(objects, generatedWorkloads)).toEqual({ limits: carried, problems: [] })
    for (const object of objects) expect(adapter.reading.validate(object)).toEqual([])
    // Whoever asks who may call these pods hears of nobody.
    expect(adapter.access?.observe(objects, generatedWorkloads).accesses).toEqual([])
    expect(adapter.mtls?.observe(objects, generatedWorkloads).policies).toEqual([])
  })

  const access = workloadAccess(adapter.capabilities).filter(
    (one) => checkAccess(one, adapter, generatedWorkloads).length === 0,
  )
  test.prop([alike, access], { numRuns: 100 })(
    'are beside access policies without a change to either',
    (limits, one) => {
      const others = adapter.access?.translate(one, generatedWorkloads) ?? []
      const { objects, carried } = written(adapter, limits, others)
      expect(carried).toEqual(limits)
      const all = [...others, ...objects]
      expect(adapter.podLimits?.observe(all, generatedWorkloads)).toEqual({ limits, problems: [] })
      const observed = adapter.access?.observe(all, generatedWorkloads)
      const named = (what: typeof one) => normalAccess(withPortsNamed(what, declaredPorts))
      expect(observed?.accesses.map(named)).toEqual([named(one)])
      const kinds = new Set(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
      expect(kinds.size).toBe(all.length)
    },
  )

  test.prop([podLimits], { numRuns: 50 })('are the same objects each time', (limits) => {
    const again = written(adapter, structuredClone(limits), [])
    expect(JSON.stringify(again)).toBe(JSON.stringify(written(adapter, limits, [])))
  })
})
