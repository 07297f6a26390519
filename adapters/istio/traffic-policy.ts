import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import { fieldsOf, isFields, numberOf, otherFields, textOf } from '../../src/mesh/fields.ts'
import type { FieldPath, UnreadField } from '../../src/mesh/object-reading.ts'
import {
  type AffinityKey,
  type Breaker,
  normalPolicies,
  type ServicePolicies,
} from '../../src/mesh/service-policies.ts'

/** What the `trafficPolicy` of a DestinationRule says, and what of it the neutral model has no words for. */
export interface ReadTrafficPolicy {
  readonly policies: ServicePolicies | undefined
  /** Paths begin below the policy. */
  readonly strange: readonly UnreadField[]
}

/** Errors in a row after which Envoy leaves a pod out unless told (OutlierDetection.consecutive5xxErrors). */
const usualErrors = 5
/** Of the pods, which Envoy leaves out at most (max_ejection_percent). */
const usualEjectionPercent = 10

/** The fields of `trafficPolicy`; undefined when there is nothing for a DestinationRule to say. */
export function writeTrafficPolicy({ affinity, breaker }: ServicePolicies): object | undefined {
  const policy = {
    ...(affinity !== undefined && { loadBalancer: { consistentHash: writeAffinity(affinity) } }),
    ...(breaker !== undefined && writeBreaker(breaker)),
  }
  return Object.keys(policy).length === 0 ? undefined : policy
}

export function readTrafficPolicy(value: unknown): ReadTrafficPolicy {
  const policy = fieldsOf(value)
  const strange: UnreadField[] = []
  const foreign: Foreign = (...path) => strange.push({ what: ['trafficPolicy', ...path].join('.'), path })
  others(policy, ['loadBalancer', 'connectionPool', 'outlierDetection'], foreign)
  const affinity = isFields(policy['loadBalancer']) ? readBalancer(policy['loadBalancer'], foreign) : undefined
  const breaker = { ...readDetection(policy, foreign), ...readPool(policy, foreign) }
  return { policies: normalPolicies({ ...(affinity !== undefined && { affinity }), breaker }), strange }
}

type Foreign = (...path: readonly string[]) => void

/** Envoy sets a cookie only where it has a `ttl`; of zero, the cookie lasts as long as the browser. */
function writeAffinity(key: AffinityKey): object {
  if (key === 'sourceIp') return { useSourceIp: true }
  if ('header' in key) return { httpHeaderName: key.header }
  if ('queryParameter' in key) return { httpQueryParameterName: key.queryParameter }
  const { name, ttl, path } = key.cookie
  return { httpCookie: { name, ...(path !== undefined && { path }), ttl: formatDuration(ttl ?? 0) } }
}

function writeBreaker(breaker: Breaker): object {
  const { consecutiveErrors, interval, ejectionTime, maxEjectionPercent } = breaker
  const { maxConnections, maxPendingRequests, maxRequests, maxRequestsPerConnection } = breaker
  const http = {
    ...(maxPendingRequests !== undefined && { http1MaxPendingRequests: maxPendingRequests }),
    ...(maxRequests !== undefined && { http2MaxRequests: maxRequests }),
    ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
  }
  const pool = {
    ...(maxConnections !== undefined && { tcp: { maxConnections } }),
    ...(Object.keys(http).length > 0 && { http }),
  }
  return {
    ...(consecutiveErrors !== undefined && {
      outlierDetection: {
        consecutive5xxErrors: consecutiveErrors,
        ...(interval !== undefined && { interval: formatDuration(interval) }),
        ...(ejectionTime !== undefined && { baseEjectionTime: formatDuration(ejectionTime) }),
        // Envoy itself leaves out a tenth at most, which of fewer than ten pods is none.
        maxEjectionPercent: maxEjectionPercent ?? 100,
      },
    }),
    ...(Object.keys(pool).length > 0 && { connectionPool: pool }),
  }
}

function readBalancer(balancer: Readonly<Record<string, unknown>>, foreign: Foreign): AffinityKey | undefined {
  others(balancer, ['consistentHash'], (field) => foreign('loadBalancer', String(field)))
  const hash = fieldsOf(balancer['consistentHash'])
  const below: Foreign = (...path) => foreign('loadBalancer', 'consistentHash', ...path)
  others(hash, ['httpCookie', 'httpHeaderName', 'httpQueryParameterName', 'useSourceIp'], below)
  const header = textOf(hash['httpHeaderName'])
  const queryParameter = textOf(hash['httpQueryParameterName'])
  if (header) return { header }
  if (queryParameter) return { queryParameter }
  if (hash['useSourceIp'] === true) return 'sourceIp'
  if (!isFields(hash['httpCookie'])) return undefined
  const cookie = hash['httpCookie']
  others(cookie, ['name', 'path', 'ttl'], (field) => below('httpCookie', String(field)))
  const path = textOf(cookie['path'])
  const ttl = readDuration(cookie['ttl'])
  // Without one the mesh sets no cookie, and only clients that have it already are kept together.
  if (cookie['ttl'] === undefined) {
    below('httpCookie')
    return undefined
  }
  return {
    cookie: {
      name: textOf(cookie['name']) ?? '',
      ...(ttl !== undefined && { ttl }),
      ...(path !== undefined && path !== '' && { path }),
    },
  }
}

function readDetection(policy: Readonly<Record<string, unknown>>, foreign: Foreign): Breaker {
  const detection = policy['outlierDetection']
  if (!isFields(detection)) return {}
  const below: Foreign = (...path) => foreign('outlierDetection', ...path)
  others(detection, ['consecutive5xxErrors', 'interval', 'baseEjectionTime', 'maxEjectionPercent'], below)
  const consecutiveErrors = numberOf(detection['consecutive5xxErrors']) ?? usualErrors
  if (consecutiveErrors < 1) {
    below('consecutive5xxErrors')
    return {}
  }
  const interval = readDuration(detection['interval'])
  const ejectionTime = readDuration(detection['baseEjectionTime'])
  return {
    consecutiveErrors,
    ...(interval !== undefined && { interval }),
    ...(ejectionTime !== undefined && { ejectionTime }),
    maxEjectionPercent: numberOf(detection['maxEjectionPercent']) || usualEjectionPercent,
  }
}

function readPool(policy: Readonly<Record<string, unknown>>, foreign: Foreign): Breaker {
  const pool = fieldsOf(policy['connectionPool'])
  const [tcp, http] = [fieldsOf(pool['tcp']), fieldsOf(pool['http'])]
  const below: Foreign = (...path) => foreign('connectionPool', ...path)
  others(pool, ['tcp', 'http'], below)
  others(tcp, ['maxConnections'], (field) => below('tcp', String(field)))
  others(http, ['http1MaxPendingRequests', 'http2MaxRequests', 'maxRequestsPerConnection'], (field) =>
    below('http', String(field)),
  )
  return {
    ...countOf(tcp['maxConnections'], 'maxConnections'),
    ...countOf(http['http1MaxPendingRequests'], 'maxPendingRequests'),
    ...countOf(http['http2MaxRequests'], 'maxRequests'),
    ...countOf(http['maxRequestsPerConnection'], 'maxRequestsPerConnection'),
  }
}

/** Zero is what the API has for a field that is left out. */
function countOf(value: unknown, field: keyof Breaker): Breaker {
  const count = numberOf(value)
  return count === undefined || count < 1 ? {} : { [field]: count }
}

function others(fields: Readonly<Record<string, unknown>>, known: readonly string[], foreign: Foreign): void {
  for (const field of otherFields(fields, known)) foreign(field)
}

/** The fields of two policies that both say something, `portLevelSettings` of one against all of the other. */
export function contestedFields(a: unknown, b: unknown): string[] {
  const [one, other] = [fieldsOf(a), fieldsOf(b)]
  const every = 'portLevelSettings'
  return Object.keys(one).filter((field) => field in other || field === every || every in other)
}

/** Where in a DestinationRule a path of its policy is. */
export function policyPath(path: FieldPath): FieldPath {
  return ['spec', 'trafficPolicy', ...path]
}
