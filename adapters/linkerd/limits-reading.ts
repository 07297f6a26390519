import type { KubeObject } from '../../src/kube/object.ts'
import { selects } from '../../src/mesh/access.ts'
import { fieldsOf, listOf, numberOf, otherFields } from '../../src/mesh/fields.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { type PodLimit, podLimitKey } from '../../src/mesh/pod-limits.ts'
import type { ObservedLimits } from '../../src/mesh/pod-limits-adapter.ts'
import { compareText } from '../../src/mesh/service.ts'
import type { RateLimit } from '../../src/mesh/service-policies.ts'
import { selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { foreignIn, serverGroupKind } from './access-reading.ts'
import { isWithin, type PodPlace, reachOf } from './limited-pods.ts'
import { rateLimitPolicy } from './limits.ts'

type Foreign = ReturnType<typeof foreignIn>

/** Reads rate limits of Servers, whoever wrote them, as those of whole selections of pods. */
export function observeLimits(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedLimits {
  const problems: ObjectProblem[] = []
  const found = new Map<string, PodLimit>()
  const taken = new Set<string>()
  // Of several for one Server the oldest counts (policy-controller, status of HTTPLocalRateLimitPolicy).
  const policies = objects.filter((one) => groupKind(one) === rateLimitPolicy).sort(compareAge)
  for (const policy of policies) {
    const foreign = foreignIn(policy, problems)
    const { namespace = 'default' } = policy.metadata
    const { kind, name } = fieldsOf(fieldsOf(policy.spec)['targetRef'])
    const server = objects.find((one) => {
      const { name: own, namespace: at = 'default' } = one.metadata
      return groupKind(one) === serverGroupKind && kind === 'Server' && own === name && at === namespace
    })
    if (server === undefined) {
      foreign(`the target ${String(kind)} ${String(name)}, which is not there`, ['spec', 'targetRef'])
      continue
    }
    if (taken.has(`${namespace}/${String(name)}`)) {
      foreign(`the target ${String(name)}, which an older policy limits`, ['spec', 'targetRef'])
      continue
    }
    taken.add(`${namespace}/${String(name)}`)
    const limit = readLimit(policy, foreign)
    if (limit === undefined) continue
    const selected = limitedPods(server, limit, workloads)
    if (selected === undefined)
      foreign('a Server of which it is not known whose pods it selects', ['spec', 'targetRef'])
    for (const one of selected ?? []) found.set(podLimitKey(one), one)
  }
  const limits = [...found.values()].sort((a, b) => compareText(podLimitKey(a), podLimitKey(b)))
  return { limits, problems }
}

/** The selections of pods that a Server is about; undefined where it is about none, or about a part of one. */
function limitedPods(server: KubeObject, limit: RateLimit, workloads: WorkloadDirectory): PodLimit[] | undefined {
  const { namespace, places } = reachOf(server, workloads)
  const limits = places.map(({ workload, port }): PodLimit | undefined => {
    const { serviceAccount, labels } = workload
    const selections = selectionsOf({ namespace, serviceAccount }, workloads)
    const selection = selections.find((one) => selects(one.labels, labels))
    if (selection === undefined) return undefined
    const own = workloads.in(namespace).filter((other) => selects(selection.labels, other.labels))
    const all = own.map((other): PodPlace => ({ workload: other, port }))
    return isWithin(all, places) ? { namespace, serviceAccount, selection, port, limit } : undefined
  })
  const whole = limits.flatMap((one) => one ?? [])
  return whole.length === 0 || whole.length < limits.length ? undefined : whole
}

function readLimit({ spec }: KubeObject, foreign: Foreign): RateLimit | undefined {
  const { total, identity, overrides } = fieldsOf(spec)
  for (const field of otherFields(fieldsOf(spec), ['targetRef', 'total', 'identity', 'overrides']))
    foreign(field, ['spec', field])
  if (listOf(overrides).length > 0) foreign('overrides', ['spec', 'overrides'])
  const requestsPerSecond = numberOf(fieldsOf(total)['requestsPerSecond'])
  const perClient = numberOf(fieldsOf(identity)['requestsPerSecond'])
  if (requestsPerSecond === undefined || requestsPerSecond < 1) {
    foreign('no total', ['spec'])
    return undefined
  }
  if (perClient !== undefined && perClient < 1) {
    foreign('identity', ['spec', 'identity'])
    return undefined
  }
  return { requestsPerSecond, ...(perClient !== undefined && { perClient }) }
}

function compareAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '')
  return compareText(first ?? '', second ?? '') || compareText(a.metadata.name, b.metadata.name)
}
