import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import type { HttpRoute } from '../gateway-api/http-route.ts'
import { routeName } from '../gateway-api/route-name.ts'

const requestTimeout = 'timeout.linkerd.io/request'
const retryOn = { HTTPRoute: 'retry.linkerd.io/http', GRPCRoute: 'retry.linkerd.io/grpc' } as const
const retryLimit = 'retry.linkerd.io/limit'
const retryTimeout = 'retry.linkerd.io/timeout'

/** What of a route its annotations are about. */
type Annotated = Pick<HttpRoute, 'kind' | 'annotations'>

/**
 * Routes with the annotations for retries and timeouts, which are about all rules of a route: the check has made sure that
 * those agree. A timeout stands in the rules as well, and the annotation wins (policy-controller, outbound index).
 */
export function withAnnotations(routes: readonly KubeObject[], traffic: ServiceTraffic): KubeObject[] {
  return routes.map((route) => {
    const own = traffic.ports.find(({ port }) => route.metadata.name === routeName(traffic.service, port))
    const rule = own?.rules.find(({ redirect }) => redirect === undefined)
    const annotations = writeAnnotations(
      normalTreatment(rule ?? {}),
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
 * something else is said.
 */
export function readAnnotations({ kind, annotations }: Annotated): Pick<Treatment, 'timeout' | 'retries'> {
  const timeout = readDuration(annotations[requestTimeout])
  const perTryTimeout = readDuration(annotations[retryTimeout])
  const limit = Number(annotations[retryLimit] ?? 1)
  const asksFor = kind === 'HTTPRoute' ? [retryOn[kind], retryLimit, retryTimeout] : [retryOn[kind]]
  const asked = asksFor.some((name) => annotations[name] !== undefined)
  const retries: Retries = {
    attempts: Number.isInteger(limit) && limit > 0 ? limit : 1,
    conditions: conditionsOf(annotations[retryOn[kind]] ?? '5xx'),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
  }
  return { ...(timeout !== undefined && { timeout }), ...(asked && { retries }) }
}

/** Annotations about retries and timeouts (linkerd.io/2/reference/retries, /timeouts) that `readAnnotations` does not know. */
export function otherAnnotations({ kind, annotations }: Annotated): string[] {
  const retries = kind === 'HTTPRoute' || annotations[retryOn[kind]] !== undefined ? [retryLimit, retryTimeout] : []
  const known = [requestTimeout, retryOn[kind], ...retries]
  return Object.keys(annotations).filter(
    (name) => /^(retry|timeout)\.linkerd\.io\//.test(name) && !known.includes(name),
  )
}

/** A range such as `500-504` is all of its codes. */
function conditionsOf(text: string): string[] {
  return text.split(',').flatMap((part) => {
    const [from, to] = part.split('-').map(Number)
    if (!/^\s*[1-5]\d\d-[1-5]\d\d\s*$/.test(part) || from === undefined || to === undefined) return [part.trim()]
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => String(from + index))
  })
}
