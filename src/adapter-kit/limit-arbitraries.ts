import fc from 'fast-check'
import type { Capabilities } from '../mesh/capabilities.ts'
import { type PodLimit, podLimitKey } from '../mesh/pod-limits.ts'
import { compareText } from '../mesh/service.ts'
import { selectionsOf } from '../mesh/workloads.ts'
import { declaredPorts, generatedWorkloads } from './access-arbitraries.ts'

export type LimitedPlace = Omit<PodLimit, 'limit'>

/** Every port of every selection of pods, in the order in which limits are read. */
export const places: readonly LimitedPlace[] = ['api', 'web'].flatMap((serviceAccount) =>
  selectionsOf({ namespace: 'shop', serviceAccount }, generatedWorkloads).flatMap((selection) =>
    declaredPorts.map((port) => ({ namespace: 'shop', serviceAccount, selection, port })),
  ),
)
const rate = fc
  .record({ requestsPerSecond: fc.constantFrom(20, 100), perClient: fc.constantFrom(undefined, 1, 20) })
  .map(({ requestsPerSecond, perClient }) => ({ ...(perClient !== undefined && { perClient }), requestsPerSecond }))

/** Limits of some of the pods, in the order in which they are read. */
export const podLimits: fc.Arbitrary<PodLimit[]> = fc
  .tuple(...places.map((place) => fc.option(rate.map((limit) => ({ ...place, limit })))))
  .map((all) => inOrder(all.flatMap((one) => one ?? [])))

/**
 * The same limit for all ports of the pods of a selection, which a mesh that has them for whole pods can carry as well; for each client
 * besides where the table has that.
 */
export function alikePodLimits({ rateLimitPerClient }: Capabilities): fc.Arbitrary<PodLimit[]> {
  const requestsPerSecond = fc.constantFrom(20, 100).map((number) => ({ requestsPerSecond: number }))
  const own = rateLimitPerClient.support === 'unsupported' ? requestsPerSecond : rate
  return fc
    .tuple(podLimits, fc.array(own, { minLength: places.length, maxLength: places.length }))
    .map(([some, rates]) => {
      const keys = [...new Set(some.map(keyOf))]
      return inOrder(
        places.flatMap((place): PodLimit[] => {
          const limit = rates[keys.indexOf(keyOf(place))]
          return limit === undefined ? [] : [{ ...place, limit }]
        }),
      )
    })
}

function inOrder(limits: readonly PodLimit[]): PodLimit[] {
  return limits.toSorted((a, b) => compareText(podLimitKey(a), podLimitKey(b)))
}

function keyOf({ serviceAccount, selection }: Pick<PodLimit, 'serviceAccount' | 'selection'>): string {
  return `${serviceAccount} ${selection.name}`
}
