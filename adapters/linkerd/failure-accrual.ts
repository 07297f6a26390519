import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { sameService, serviceName } from '../../src/mesh/service.ts'
import type { Breaker } from '../../src/mesh/service-policies.ts'
import type { ServiceRef, ServiceTraffic } from '../../src/mesh/traffic.ts'

/** What all annotations about failure accrual begin with; by itself, the mode. */
export const failureAccrual = 'balancer.linkerd.io/failure-accrual'
const maxFailures = `${failureAccrual}-consecutive-max-failures`
const minPenalty = `${failureAccrual}-consecutive-min-penalty`
const maxPenalty = `${failureAccrual}-consecutive-max-penalty`

/** What holds where an annotation is left out (policy-controller, outbound index: parse_accrual_config). Milliseconds. */
const usual = { failures: 7, longestPenalty: 60_000 }

/**
 * The breaker of the apex as annotations of the Service itself: the policy controller reads them from the parent of the routes
 * alone and applies them to each pod that is reached through it. A penalty above the longest one would void them all, so that one
 * is raised along.
 */
export function translateBreaker({ service, policies }: ServiceTraffic): KubeObject[] {
  const { consecutiveErrors, ejectionTime } = policies?.breaker ?? {}
  if (consecutiveErrors === undefined) return []
  const annotations = {
    [failureAccrual]: 'consecutive',
    [maxFailures]: String(consecutiveErrors),
    ...(ejectionTime !== undefined && { [minPenalty]: `${ejectionTime}ms` }),
    ...(raisesLongest(ejectionTime) && { [maxPenalty]: `${ejectionTime}ms` }),
  }
  const { namespace, name } = service
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, annotations } }]
}

/** The breaker that the annotations of a Service ask for; one that the policy controller would not take counts for nothing. */
export function observeBreaker(
  objects: readonly KubeObject[],
  apex: ServiceRef,
): { readonly breaker: Breaker | undefined; readonly problems: readonly ObjectProblem[] } {
  const service = objects.find((one) => {
    const { name, namespace = 'default' } = one.metadata
    return groupKind(one) === '/Service' && sameService({ namespace, name }, apex)
  })
  if (service === undefined) return { breaker: undefined, problems: [] }
  const { breaker, strange } = readBreaker(service.metadata.annotations ?? {})
  const problems = strange.map((name): ObjectProblem => {
    const facts = { object: `Service ${serviceName(apex)}`, what: `the annotation ${name}` }
    return { ...diagnostic('AP2121', facts), place: { object: service, path: ['metadata', 'annotations', name] } }
  })
  return { breaker, problems }
}

/** Whether a Service says anything about failure accrual. */
export function hasFailureAccrual({ metadata }: KubeObject): boolean {
  return Object.keys(metadata.annotations ?? {}).some(isAboutAccrual)
}

export function isAboutAccrual(annotation: string): boolean {
  return annotation.startsWith(failureAccrual)
}

function readBreaker(annotations: Readonly<Record<string, string>>): {
  readonly breaker: Breaker | undefined
  readonly strange: readonly string[]
} {
  const about = Object.keys(annotations).filter(isAboutAccrual)
  if (annotations[failureAccrual] !== 'consecutive') return { breaker: undefined, strange: about }
  const consecutiveErrors = Number(annotations[maxFailures] ?? usual.failures)
  const ejectionTime = readDuration(annotations[minPenalty])
  const longest = readDuration(annotations[maxPenalty])
  const isWhole = Number.isInteger(consecutiveErrors) && consecutiveErrors >= 1
  const wrong = [
    ...(isWhole ? [] : [maxFailures]),
    ...(annotations[minPenalty] !== undefined && ejectionTime === undefined ? [minPenalty] : []),
    ...(annotations[maxPenalty] !== undefined && longest === undefined ? [maxPenalty] : []),
    ...(ejectionTime !== undefined && ejectionTime > (longest ?? usual.longestPenalty) ? [minPenalty] : []),
  ]
  if (wrong.length > 0) return { breaker: undefined, strange: [...new Set(wrong)] }
  const known = [failureAccrual, maxFailures, minPenalty, ...(isOurs(longest, ejectionTime) ? [maxPenalty] : [])]
  return {
    breaker: { consecutiveErrors, ...(ejectionTime !== undefined && { ejectionTime }) },
    strange: about.filter((name) => !known.includes(name)),
  }
}

function raisesLongest(ejectionTime: number | undefined): boolean {
  return ejectionTime !== undefined && ejectionTime > usual.longestPenalty
}

/** Whether the longest penalty says no more than the usual one does. */
function isOurs(longest: number | undefined, ejectionTime: number | undefined): boolean {
  return longest === (raisesLongest(ejectionTime) ? ejectionTime : usual.longestPenalty)
}
