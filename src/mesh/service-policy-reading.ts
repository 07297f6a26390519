import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { describeValue, type Fields, isFields } from './fields.ts'
import { pathProblem, token } from './match-validity.ts'
import type { PolicyFields } from './policy-fields.ts'
import { type Place, readPolicyHead } from './policy-head.ts'
import type { AffinityKey, Breaker, RateLimit, ServicePolicies } from './service-policies.ts'
import type { ServiceRef } from './traffic.ts'
import type { VersionCookie } from './version-cookie.ts'

/** Outputs about a Service as a whole. */
export const servicePolicyKinds = ['sessionaffinities', 'circuitbreakers', 'ratelimits'] as const
export type ServicePolicyKind = (typeof servicePolicyKinds)[number]

/** What one of them asks for. */
export interface ServicePolicyParts extends ServicePolicies {
  readonly versionCookie?: VersionCookie
}

/** One of them as it came from a worker, checked as far as it can be without the cluster. */
export interface ReadServicePolicy {
  readonly kind: ServicePolicyKind
  /** How messages call it: `CanaryDeployment shop/web: SessionAffinity web`. */
  readonly output: string
  readonly source: string
  readonly name: string
  readonly apex: ServiceRef
  readonly parts: ServicePolicyParts
  /** Everything wrong with it; when there is something, nothing else about it counts but the apex. */
  readonly problems: readonly Diagnostic[]
}

/** Of a signed 32-bit number, in which meshes count. */
const most = 2_147_483_647
const counts = ['maxConnections', 'maxPendingRequests', 'maxRequests', 'maxRequestsPerConnection'] as const
const ejection = ['interval', 'ejectionTime', 'maxEjectionPercent'] as const

const ownKeys: Readonly<Record<ServicePolicyKind, readonly string[]>> = {
  sessionaffinities: ['by', 'versionCookie'],
  circuitbreakers: ['consecutiveErrors', ...ejection, ...counts],
  ratelimits: ['requestsPerSecond', 'perClient'],
}

/** Reads one policy, of which nothing is taken for granted. `lost` takes the problems of one that names no apex. */
export function readServicePolicy(
  kind: ServicePolicyKind,
  value: unknown,
  place: Place,
  lost: Diagnostic[],
): ReadServicePolicy[] {
  const found = readPolicyHead(kind, value, ownKeys[kind], place, lost)
  if (found === undefined) return []
  return [{ kind, ...found.head, parts: readers[kind](found.value, found.read) }]
}

const readers: Readonly<Record<ServicePolicyKind, (value: Fields, read: PolicyFields) => ServicePolicyParts>> = {
  sessionaffinities(value, read) {
    const { by, versionCookie } = value
    if ((by === undefined) === (versionCookie === undefined))
      read.malformed('it has to have one of `by` and `versionCookie`')
    const affinity = by === undefined ? undefined : readKey(by, read)
    const version = versionCookie === undefined ? undefined : readVersionCookie(versionCookie, read)
    return { ...(affinity !== undefined && { affinity }), ...(version && { versionCookie: version }) }
  },
  circuitbreakers(value, read) {
    const given = (field: string) => value[field] !== undefined
    if (!ownKeys.circuitbreakers.some(given)) read.malformed('it asks for nothing')
    if (!given('consecutiveErrors') && ejection.some(given))
      read.malformed(`${ejection.filter(given).join(', ')} mean nothing without consecutiveErrors`)
    const whole = (field: string, limit = most) =>
      given(field) ? { [field]: read.whole(value[field], field, 1, limit) } : {}
    const breaker: Breaker = {
      ...whole('consecutiveErrors'),
      ...(given('interval') && { interval: read.requiredDuration(value['interval'], 'interval') }),
      ...(given('ejectionTime') && { ejectionTime: read.requiredDuration(value['ejectionTime'], 'ejectionTime') }),
      ...whole('maxEjectionPercent', 100),
      ...Object.assign({}, ...counts.map((field) => whole(field))),
    }
    return { breaker }
  },
  ratelimits(value, read) {
    const requestsPerSecond = read.whole(value['requestsPerSecond'], 'requestsPerSecond', 1, most)
    const own = value['perClient']
    const perClient = own === undefined ? undefined : read.whole(own, 'perClient', 1, most)
    if (perClient !== undefined && perClient > requestsPerSecond)
      read.invalid('perClient', perClient, `at most requestsPerSecond, which is ${requestsPerSecond}`)
    const rateLimit: RateLimit = { requestsPerSecond, ...(perClient !== undefined && { perClient }) }
    return { rateLimit }
  },
}

function readKey(value: unknown, read: PolicyFields): AffinityKey | undefined {
  if (value === 'sourceIp') return value
  const fields = isFields(value) ? read.part(value, 'by', ['cookie', 'header', 'queryParameter']) : undefined
  const [field, ...others] = Object.keys(fields ?? {})
  if (fields === undefined || field === undefined || others.length > 0) {
    read.malformed('`by` has to be sourceIp, or have one of cookie, header and queryParameter')
    return undefined
  }
  if (field === 'cookie') return readCookieKey(fields['cookie'], read)
  const name = fields[field]
  const problem = nameProblem(name)
  if (problem !== undefined) read.unusable(`by.${field}`, describeValue(name), problem)
  return field === 'header' ? { header: describeValue(name) } : { queryParameter: describeValue(name) }
}

function readCookieKey(value: unknown, read: PolicyFields): AffinityKey | undefined {
  const cookie = read.part(value, 'by.cookie', ['name', 'ttl', 'path'])
  if (cookie === undefined) return undefined
  const { name, path } = cookie
  const problem = nameProblem(name)
  if (problem !== undefined) read.unusable('by.cookie.name', describeValue(name), problem)
  const wrong = path === undefined ? undefined : pathText(path)
  if (wrong !== undefined) read.unusable('by.cookie.path', describeValue(path), wrong)
  const ttl = read.duration(cookie['ttl'], 'by.cookie.ttl')
  return {
    cookie: {
      name: describeValue(name),
      ...(ttl !== undefined && { ttl }),
      ...(path !== undefined && { path: describeValue(path) }),
    },
  }
}

function readVersionCookie(value: unknown, read: PolicyFields): VersionCookie | undefined {
  const cookie = isFields(value) ? read.part(value, 'versionCookie', ['name', 'ttl', 'backends']) : undefined
  if (cookie === undefined) {
    read.malformed('`versionCookie` is not an object with a name')
    return undefined
  }
  const { name, backends } = cookie
  if (typeof name !== 'string' || !plainName.test(name))
    read.unusable('versionCookie.name', describeValue(name), 'it has other characters than letters, digits, ., _ and -')
  const ttl = read.duration(cookie['ttl'], 'versionCookie.ttl')
  if (ttl !== undefined && ttl % 1000 !== 0) read.invalid('versionCookie.ttl', ttl, 'whole seconds, in milliseconds')
  const listed = Array.isArray(backends) && backends.length > 0 ? backends : []
  if (backends !== undefined && listed.length === 0)
    read.malformed('`versionCookie.backends` is not a list with a backend in it')
  const remembered = listed.map((backend: unknown, index) =>
    read.serviceName(backend, `versionCookie.backends[${index}]`),
  )
  return {
    name: describeValue(name),
    ...(ttl !== undefined && { ttl }),
    ...(remembered.length > 0 && { backends: remembered }),
  }
}

/** Of tokens, those that proxies do not take for a command when they set the cookie. */
const plainName = /^[A-Za-z0-9._-]{1,64}$/

/** Names of cookies (RFC 6265) and headers are tokens; a query parameter that is none would have to be escaped. */
function nameProblem(name: unknown): string | undefined {
  return typeof name === 'string' && token.test(name) ? undefined : 'it is not a token'
}

function pathText(path: unknown): string | undefined {
  if (typeof path !== 'string' || path.includes(';')) return 'it is not the path of a cookie'
  return pathProblem({ exact: path })
}
