import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'

const requestTimeout = 'timeout.linkerd.io/request'
const retryOn = 'retry.linkerd.io/http'
const retryLimit = 'retry.linkerd.io/limit'
const retryTimeout = 'retry.linkerd.io/timeout'

/**
 * Routes with the annotations for retries and timeouts, which are about all rules of a route: the check has made sure that
 * those agree. A timeout stands in the rules as well, and the annotation wins (policy-controller, outbound index).
 */
export function withAnnotations(routes: readonly KubeObject[], traffic: ServiceTraffic): KubeObject[] {
  return routes.map((route, index) => {
    const rule = traffic.ports[index]?.rules.find(({ redirect }) => redirect === undefined)
    const annotations = writeAnnotations(normalTreatment(rule ?? {}))
    if (Object.keys(annotations).length === 0) return route
    return { ...route, metadata: { ...route.metadata, annotations } }
  })
}

/** Durations are of one unit there. */
function writeAnnotations({ timeout, retries }: Treatment): Record<string, string> {
  return {
    ...(retries && {
      [retryOn]: retries.conditions.join(','),
      [retryLimit]: String(retries.attempts),
      ...(retries.perTryTimeout !== undefined && { [retryTimeout]: `${retries.perTryTimeout}ms` }),
    }),
    ...(timeout !== undefined && { [requestTimeout]: `${timeout}ms` }),
  }
}

/** What the annotations of a route ask for. One retry, of answers from 500 on, where only something else is said. */
export function readAnnotations(annotations: Readonly<Record<string, string>>): Pick<Treatment, 'timeout' | 'retries'> {
  const timeout = readDuration(annotations[requestTimeout])
  const perTryTimeout = readDuration(annotations[retryTimeout])
  const limit = Number(annotations[retryLimit] ?? 1)
  const asked = [retryOn, retryLimit, retryTimeout].some((name) => annotations[name] !== undefined)
  const retries: Retries = {
    attempts: Number.isInteger(limit) && limit > 0 ? limit : 1,
    conditions: conditionsOf(annotations[retryOn] ?? '5xx'),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
  }
  return { ...(timeout !== undefined && { timeout }), ...(asked && { retries }) }
}

/** Annotations about retries and timeouts (linkerd.io/2/reference/retries, /timeouts) that `readAnnotations` does not know. */
export function otherAnnotations(annotations: Readonly<Record<string, string>>): string[] {
  const known = [requestTimeout, retryOn, retryLimit, retryTimeout]
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
