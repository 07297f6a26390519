import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { checkTraffic } from '../mesh/check.ts'
import type { MergedTraffic } from '../mesh/merge.ts'
import { type PodLimit, podLimitKey, podLimitsOf, rivalLimits } from '../mesh/pod-limits.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import { sameService } from '../mesh/service.ts'
import type { ServiceTraffic } from '../mesh/traffic.ts'
import type { WorkloadDirectory } from '../mesh/workloads.ts'
import type { Contribution } from './contributions.ts'
import type { MeshObjects } from './mesh-objects.ts'
import type { PolicyPlan } from './policies.ts'
import { limitProtection, protectedBy } from './protection.ts'

export interface LimitDeps {
  readonly adapter: MeshAdapter
  readonly meshObjects: MeshObjects
  readonly services: ServiceDirectory
  readonly workloads: WorkloadDirectory
}

/** One apex with a rate limit, and who asks something of it. */
interface Limited {
  readonly traffic: ServiceTraffic
  readonly limits: readonly PodLimit[]
  readonly sources: readonly string[]
  readonly problems: Diagnostic[]
}

/**
 * Adds the rate limits of the apexes in the plan's namespaces, on a mesh that has them for pods: a limit shares the objects that are
 * about the same pods with access policies and mutual TLS, so that all of a namespace are planned together.
 */
export function withLimits(
  plan: PolicyPlan,
  own: Contribution,
  before: Contribution | undefined,
  asking: readonly Contribution[],
  merged: MergedTraffic,
  { adapter, meshObjects, services, workloads }: LimitDeps,
): PolicyPlan {
  const { namespaces } = plan
  const { podLimits } = adapter
  if (podLimits === undefined || namespaces.length === 0) return plan
  const limited = limitedIn(namespaces, merged, asking, { adapter, services, workloads })
  const carried = limited.filter(({ problems }) => problems.length === 0)
  const wanted = [...new Map(carried.flatMap(({ limits }) => limits).map((one) => [podLimitKey(one), one])).values()]
  // What is refused stays as it is, and so does what it shares.
  const isOurs = (object: KubeObject) => meshObjects.protects(object)
  const stays = (object: KubeObject) => plan.refused.has(protectedBy(object) ?? '')
  const live = namespaces.flatMap((namespace) => meshObjects.within(namespace))
  const written = podLimits.translate(wanted, {
    workloads,
    others: [...plan.objects.map(({ object }) => object), ...live.filter((one) => !isOurs(one) || stays(one))],
    own: live.filter((one) => isOurs(one) && !stays(one)),
  })
  for (const one of carried) {
    const answers = one.limits.map(
      (limit) => written[wanted.findIndex((other) => podLimitKey(other) === podLimitKey(limit))],
    )
    one.problems.push(...answers.flatMap((answer) => answer?.problems ?? []))
  }
  const mine = ({ sources, traffic }: Limited) =>
    sources.includes(own.request.source) || before?.protects.includes(limitProtection(traffic.service)) === true
  const refused = limited.filter(({ problems }) => problems.length > 0)
  const objects = wanted.flatMap((limit, index) => {
    const sharers = limited.filter(({ limits }) => limits.some((one) => podLimitKey(one) === podLimitKey(limit)))
    const [first] = sharers
    if (first === undefined || sharers.some((one) => refused.includes(one))) return []
    const sources = [...new Set(sharers.flatMap((one) => one.sources))]
    const protection = limitProtection(first.traffic.service)
    return (written[index]?.objects ?? []).map((object) => ({ protection, object, sources }))
  })
  const unmerged = merged.refused.filter(({ namespace }) => namespaces.includes(namespace))
  return {
    ...plan,
    refusals: [...plan.refusals, ...refused.filter(mine).flatMap(({ problems }) => problems)],
    objects: [...plan.objects, ...distinct(objects)],
    refused: new Set([
      ...plan.refused,
      ...refused.map(({ traffic }) => limitProtection(traffic.service)),
      ...unmerged.map(limitProtection),
    ]),
  }
}

function limitedIn(
  namespaces: readonly string[],
  { traffic: all }: MergedTraffic,
  asking: readonly Contribution[],
  { adapter, services, workloads }: Omit<LimitDeps, 'meshObjects'>,
): Limited[] {
  const found = all
    .filter(({ service, policies }) => policies?.rateLimit !== undefined && namespaces.includes(service.namespace))
    .map((traffic): Limited => {
      const sharers = asking.filter(({ apexes }) => apexes.some((apex) => sameService(apex, traffic.service)))
      const { limits, problems } = podLimitsOf(traffic, services, workloads, adapter.name)
      return {
        traffic,
        limits,
        sources: sharers.map(({ request }) => request.source),
        problems: [...checkTraffic(traffic, adapter, services), ...problems],
      }
    })
  for (const [index, one] of found.entries())
    for (const earlier of found.slice(0, index)) {
      const rivals = rivalLimits(
        { apex: earlier.traffic.service, limits: earlier.limits },
        { apex: one.traffic.service, limits: one.limits },
      )
      one.problems.push(...rivals)
      earlier.problems.push(...rivals)
    }
  return found
}

/** One object may be there for several limits; it is there for all who ask for one of them. */
function distinct(objects: PolicyPlan['objects']): PolicyPlan['objects'] {
  const byName = new Map<string, PolicyPlan['objects'][number]>()
  for (const one of objects) {
    const key = `${one.object.kind} ${one.object.metadata.namespace}/${one.object.metadata.name}`
    const known = byName.get(key)
    byName.set(key, known === undefined ? one : { ...known, sources: [...new Set([...known.sources, ...one.sources])] })
  }
  return [...byName.values()]
}
