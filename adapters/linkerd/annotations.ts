import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import type { ReadTreatment } from '../../src/mesh/treated-decision.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import type { HttpRoute } from '../gateway-api/http-route.ts'
import { routeName } from '../gateway-api/route-name.ts'

const requestTimeout = 'timeout.linkerd.io/request'
const responseTimeout = 'timeout.linkerd.io/response'
const idleTimeout = 'timeout.linkerd.io/idle'
const retryOn = { HTTPRoute: 'retry.linkerd.io/http', GRPCRoute: 'retry.linkerd.io/grpc' } as const
const retryLimit = 'retry.linkerd.io/limit'
const retryTimeout = 'retry.linkerd.io/timeout'
const aboutAttempts = /^(retry|timeout)\.linkerd\.io\//
const httpCondition = /^(5xx|gateway-error|[1-5]\d\d(-[1-5]\d\d)?)$/i
const grpcCondition = /^(cancelled|deadline-exceeded|internal|resource-exhausted|unavailable)$/i

/** What of a route its annotations are about. */
type Annotated = Pick<HttpRoute, 'kind' | 'annotations'>

/**
 * Routes with the annotations for retries and timeouts, which are about all rules of a route: the check has made sure that
 * those agree in their retries. A timeout stands in the rules as well, and the annotation wins (policy-controller, outbound index): there
 * is none where their timeouts differ.
 */
export function withAnnotations(routes: readonly KubeObject[], traffic: ServiceTraffic): KubeObject[] {
  return routes.map((route) => {
    const own = traffic.ports.find(({ port }) => route.metadata.name === routeName(traffic.service, port))
    const treatments = (own?.rules ?? []).filter(({ redirect }) => redirect === undefined).map(normalTreatment)
    const { retries, timeout }: Treatment = treatments[0] ?? {}
    const isShared = timeout !== undefined && treatments.every((one) => one.timeout === timeout)
    const annotations = writeAnnotations(
      { ...(retries && { retries }), ...(isShared && { timeout }) },
      retryOn[own?.protocol === 'grpc' ? 'GRPCRoute' : 'HTTPRoute'],
    )
    if (Object.keys(annotations).length === 0) return route
    return { ...route, metadata: { ...route.metadata, annotations } }
  })
}

/** Durations are of one unit there. */
function writeAnnotations({ timeout, retries }: Treatment, conditionsIn: string): Record<string, string> {
  return {
    ...(retries && {
      [conditionsIn]: retries.conditions.join(','),
      [retryLimit]: String(retries.attempts),
      ...(retries.perTryTimeout !== undefined && { [retryTimeout]: `${retries.perTryTimeout}ms` }),
    }),
    ...(timeout !== undefined && { [requestTimeout]: `${timeout}ms` }),
  }
}

/**
 * What the annotations of a route ask for. One retry where no limit is said, and of an HTTPRoute for answers from 500 on where only
 * something else is said. One value that cannot be read voids all about retries, or all about timeouts (policy-controller, outbound
 * index: parse_http_retry, parse_timeouts).
 */
export function readAnnotations(route: Annotated): Pick<ReadTreatment, 'timeout' | 'backendTimeout' | 'retries'> {
  const { kind, annotations } = route
  const unreadable = unreadableAnnotations(route)
  const isUsable = (group: string) => !unreadable.some((name) => name.startsWith(group))
  const timeout = isUsable('timeout') ? readDuration(annotations[requestTimeout]) : undefined
  const backendTimeout = isUsable('timeout') ? readDuration(annotations[responseTimeout]) : undefined
  const perTryTimeout = readDuration(annotations[retryTimeout])
  const limit = Number(annotations[retryLimit] ?? 1)
  const asksFor = kind === 'HTTPRoute' ? [retryOn[kind], retryLimit, retryTimeout] : [retryOn[kind]]
  const asked = isUsable('retry') && asksFor.some((name) => annotations[name] !== undefined)
  const retries: Retries = {
    attempts: limit > 0 ? limit : 1,
    conditions: conditionsOf(annotations[retryOn[kind]] ?? '5xx'),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
  }
  return {
    ...(timeout !== undefined && { timeout }),
    ...(backendTimeout !== undefined && { backendTimeout }),
    ...(asked && { retries }),
  }
}

/**
 * Annotations about retries and timeouts (linkerd.io/2/reference/retries, /timeouts) that say something which the neutral model has no
 * words for, or nothing that can be read.
 */
export function otherAnnotations(route: Annotated): string[] {
  const said = [responseTimeout, idleTimeout].filter((name) => route.annotations[name] !== undefined)
  return [...new Set([...said, ...strangeAnnotations(route), ...unreadableAnnotations(route)])]
}

/** Annotations of these groups that nobody here knows. */
export function strangeAnnotations({ kind, annotations }: Annotated): string[] {
  const retries = kind === 'HTTPRoute' || annotations[retryOn[kind]] !== undefined ? [retryLimit, retryTimeout] : []
  const known = [requestTimeout, responseTimeout, idleTimeout, retryOn[kind], ...retries]
  return Object.keys(annotations).filter((name) => aboutAttempts.test(name) && !known.includes(name))
}

function unreadableAnnotations({ kind, annotations }: Annotated): string[] {
  const wrong = (name: string, isRight: (value: string) => boolean) => {
    const value = annotations[name]
    return value === undefined || isRight(value) ? [] : [name]
  }
  const conditions = kind === 'HTTPRoute' ? httpCondition : grpcCondition
  return [
    ...[requestTimeout, responseTimeout, idleTimeout, retryTimeout].flatMap((name) => wrong(name, isDuration)),
    ...wrong(retryLimit, (value) => /^\d{1,5}$/.test(value) && Number(value) < 65_536),
    ...wrong(retryOn[kind], (value) => value.split(',').every((part) => conditions.test(part.trim()))),
  ]
}

/** One number and one unit, as the policy controller reads it; several of them, as people write for Go, are taken as well. */
function isDuration(value: string): boolean {
  return readDuration(value) !== undefined || /^0(ms|s|m|h|d)?$/.test(value)
}

/** A range such as `500-504` is all of its codes. */
function conditionsOf(text: string): string[] {
  return text.split(',').flatMap((part) => {
    const [from, to] = part.split('-').map(Number)
    if (!/^\s*[1-5]\d\d-[1-5]\d\d\s*$/.test(part) || from === undefined || to === undefined)
      return [part.trim().toLowerCase()]
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => String(from + index))
  })
}
