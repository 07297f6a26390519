import fc from 'fast-check'
import type { KubeObject } from '../kube/object.ts'
import { checkAccess } from '../mesh/access-check.ts'
import { normalAccess, withPortsNamed } from '../mesh/access-normal-form.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { describePath } from '../mesh/object-reading.ts'
import { type PodLimit, podLimitKey } from '../mesh/pod-limits.ts'
import type { PodLimitsAdapter } from '../mesh/pod-limits-adapter.ts'
import { declaredPorts, workloadAccess, workloadsFor } from './access-arbitraries.ts'
import { type Contradiction, difference, generatedLaw, type Law, sameData, singleLaw } from './law.ts'
import { alikePodLimits, podLimits as generatedLimits, type LimitedPlace, places } from './limit-arbitraries.ts'
import { damage, spoiled } from './spoiled-objects.ts'

/**
 * What `PodLimitsAdapter` promises of a mesh that has rate limits for pods: that they are read back as they were asked, or refused with
 * something to do about it, and change nothing of who may call these pods.
 */
export function limitLaws(adapter: MeshAdapter): Law[] {
  const { podLimits, reading } = adapter
  if (podLimits === undefined) return []
  const workloads = workloadsFor(adapter)
  const cases = generatedLimits.map((limits) => ({ limits }))
  return [
    generatedLaw(
      'carries limits of pods that have the same on all of their ports',
      100,
      alikePodLimits(adapter.capabilities).map((limits) => ({ limits })),
      ({ limits }) => difference({ carried: limits }, { carried: written(adapter, podLimits, limits, []).carried }),
    ),
    generatedLaw('answers each limit of pods, with objects or with what to do about it', 100, cases, ({ limits }) => {
      const answers = podLimits.translate(limits, { workloads, others: [], own: [] })
      if (answers.length !== limits.length) return { problem: 'not one answer for each limit', answers }
      const mute = answers.filter(({ objects, problems }) => {
        const isRefused = problems.some(({ code, remedy }) => code.startsWith('AP2') && remedy !== '')
        return problems.length === 0 ? objects.length === 0 : !isRefused || objects.length > 0
      })
      return mute.length === 0 ? undefined : { problem: 'neither carried nor refused, or both', answers: mute }
    }),
    generatedLaw('reads limits of pods back, and nobody who may call them', 100, cases, ({ limits }) => {
      const { objects, carried } = written(adapter, podLimits, limits, [])
      const expected = { limits: carried, problems: [], accesses: [], mtls: [] }
      const found = difference(expected, {
        ...podLimits.observe(objects, workloads),
        accesses: adapter.access?.observe(objects, workloads).accesses ?? [],
        mtls: adapter.mtls?.observe(objects, workloads).policies ?? [],
      })
      return found && { objects, ...found }
    }),
    besideAccess(adapter, podLimits),
    generatedLaw('writes valid objects for limits of pods, the same each time', 50, cases, ({ limits }) => {
      const { objects } = written(adapter, podLimits, limits, [])
      const again = written(adapter, podLimits, structuredClone(limits), []).objects
      if (JSON.stringify(objects) !== JSON.stringify(again)) return { objects, again }
      const strange = objects.filter(({ apiVersion, kind }) => {
        return !podLimits.kinds.some((one) => one.kind === kind && `${one.group}/${one.version}` === apiVersion)
      })
      if (strange.length > 0) return { problem: 'not of its kinds', objects: strange, kinds: podLimits.kinds }
      const problems = objects.flatMap((object) =>
        reading.validate(object).map(({ path, problem }) => `${object.kind} ${describePath(path)}: ${problem}`),
      )
      return problems.length === 0 ? undefined : { objects, problems }
    }),
    generatedLaw(
      'stands whatever its objects about limits of pods hold',
      50,
      fc.record({ limits: generatedLimits, damage }),
      ({ limits, damage: one }) => {
        const objects = spoiled(written(adapter, podLimits, limits, []).objects, one)
        podLimits.observe(objects, workloads)
        podLimits.translate(limits, { workloads, others: objects, own: objects })
        for (const object of objects) {
          podLimits.yields(object, objects, workloads)
          reading.validate(object)
        }
        return undefined
      },
    ),
    ...examples.map(({ name, limited }) =>
      singleLaw(`${name}: they are limited so, or it is refused`, () => {
        const limits = places.filter(limited).map((place) => ({ ...place, limit: { requestsPerSecond: 20 } }))
        const { objects, carried } = written(adapter, podLimits, limits, [])
        if (carried.length < limits.length) return undefined
        const found = podLimits.observe(objects, workloads).limits.map(podLimitKey)
        const contradiction = difference(limits.map(podLimitKey), found)
        return contradiction && { objects, ...contradiction }
      }),
    ),
    singleLaw('carries rate limits in its table as it does on pods', () => {
      const { rateLimit, rateLimitPerClient } = adapter.capabilities
      return rateLimit.support === 'unsupported' ? { rateLimit, rateLimitPerClient } : undefined
    }),
  ]
}

/** Pods that people limit; which of them is told by what they run as, their Deployment and the port. */
const examples: readonly { readonly name: string; readonly limited: (place: LimitedPlace) => boolean }[] = [
  { name: 'all pods of a ServiceAccount', limited: ({ serviceAccount }) => serviceAccount === 'web' },
  { name: 'the pods of one of its Deployments', limited: ({ selection }) => selection.name === 'web-v2' },
  { name: 'one port of some pods', limited: ({ serviceAccount, port }) => serviceAccount === 'api' && port === 8080 },
]

/** Objects about who may call the same pods are there already: a limit shares them, or leaves them alone. */
function besideAccess(adapter: MeshAdapter, podLimits: PodLimitsAdapter): Law {
  const workloads = workloadsFor(adapter)
  const { access: own } = adapter
  const access = workloadAccess(adapter.capabilities).filter((one) => checkAccess(one, adapter, workloads).length === 0)
  const cases = fc.record({
    limits: alikePodLimits(adapter.capabilities),
    access: own === undefined ? fc.constant(undefined) : access,
  })
  const named = (one: Parameters<typeof normalAccess>[0]) => normalAccess(withPortsNamed(one, declaredPorts))
  return generatedLaw(
    'keeps limits of pods and access to them apart',
    100,
    cases,
    (given): Contradiction | undefined => {
      const { limits, access: asked } = given
      const others = asked === undefined ? [] : (own?.translate(asked, workloads) ?? [])
      const { objects, carried } = written(adapter, podLimits, limits, others)
      const all = [...others, ...objects]
      const names = all.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
      if (new Set(names).size < names.length) return { problem: 'an object is there twice', objects: all }
      const accesses = asked === undefined ? [] : [named(asked)]
      const found = difference(
        { carried: limits, limits, problems: [], accesses },
        {
          carried,
          ...podLimits.observe(all, workloads),
          accesses: (own?.observe(all, workloads).accesses ?? []).map(named),
        },
      )
      return found && { objects: all, ...found }
    },
  )
}

/** What is written for limits beside other objects, each object once, and which of the limits it carries. */
function written(
  adapter: MeshAdapter,
  podLimits: PodLimitsAdapter,
  limits: readonly PodLimit[],
  others: readonly KubeObject[],
): { readonly objects: KubeObject[]; readonly carried: PodLimit[] } {
  const answers = podLimits.translate(limits, { workloads: workloadsFor(adapter), others, own: [] })
  const objects = new Map<string, KubeObject>()
  for (const object of answers.flatMap((answer) => answer.objects)) {
    const name = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`
    const known = objects.get(name)
    if (known !== undefined && !sameData(known, object)) throw new Error(`${name} is written in two forms`)
    objects.set(name, object)
  }
  return {
    objects: [...objects.values()],
    carried: limits.filter((_limit, index) => answers[index]?.problems.length === 0),
  }
}
