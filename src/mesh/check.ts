import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { accessFeatureNames } from './access-check.ts'
import type { MeshAdapter } from './adapter.ts'
import type { Feature, Limits } from './capabilities.ts'
import { cookiePattern } from './cookie-pattern.ts'
import { faultBackendName, withFaultBackends } from './fault-backend.ts'
import { featuresOf } from './features.ts'
import { contestedHeaders } from './header-changes.ts'
import type { HttpMatch } from './match.ts'
import type { ServiceDirectory } from './routing.ts'
import { orderConflicts } from './rule-order.ts'
import { serviceName } from './service.ts'
import { spokenTraffic } from './spoken-rules.ts'
import type { PortTraffic, ServiceTraffic } from './traffic.ts'
import type { HeaderChanges } from './treatment.ts'

/** How messages call a feature. */
export const featureNames: Readonly<Record<Feature, string>> = {
  weightedSplit: 'a weighted split',
  matchedSplit: 'a split with matches',
  portSplit: 'a split of some ports only, or of each port in its own way',
  tcpSplit: 'a split of TCP connections',
  tlsSplit: 'a split of TLS connections by server name',
  tlsDefault: 'a split of TLS connections for any server name',
  backendPort: 'a backend on another port than the apex',
  missingBackend: 'a backend that does not exist',
  crossNamespaceBackend: 'a backend in another namespace',
  apexAsBackend: 'the apex as its own backend',
  pathExact: 'an exact path',
  pathPrefix: 'a path prefix',
  pathPrefixString: 'a path prefix by characters',
  pathRegex: 'a path expression',
  methodMatch: 'a condition on the method',
  headerExact: 'an exact header',
  headerPrefix: 'a header prefix',
  headerRegex: 'a header expression',
  headerPresent: 'a header that must be present',
  headerAbsent: 'a header that must be absent',
  cookieMatch: 'a condition on a cookie',
  queryMatch: 'a condition on a query parameter',
  queryRegex: 'an expression for a query parameter',
  repeatedName: 'two conditions on one header, or on two cookies, in one match',
  orderedRules: 'rules whose order matters',
  noDefaultRule: 'rules without one for all other requests',
  subset: 'a subset of a Service',
  timeout: 'a timeout',
  retries: 'retries',
  retriesOff: 'retries turned off',
  retryBackoff: 'a pause before retries',
  retryOnClass: 'retries for a class of answers, 5xx or gateway-error',
  retryOnConnection: 'retries for broken connections',
  retryOnGrpcStatus: 'retries for the status of gRPC calls, on a port that is not known to speak gRPC',
  partialTimeout: 'a timeout for some requests of a port only',
  partialRetryPolicy: 'retries, or a timeout of gRPC calls, for some requests of a port only',
  grpcMatch: 'calls of one gRPC service or method',
  grpcMethodOnly: 'calls of a gRPC method of any service',
  grpcPath: 'an expression or a part of a name for gRPC services or methods',
  grpcTimeout: 'a timeout of gRPC calls',
  grpcRetries: 'retries of gRPC calls',
  grpcRetryOnHttp: 'retries of gRPC calls for an HTTP answer',
  grpcRewrite: 'another host or path for gRPC calls',
  grpcRedirect: 'a redirect of gRPC calls',
  grpcResponseHeaders: 'changed headers of answers to gRPC calls',
  faultAbort: 'a fault that aborts requests',
  faultGrpcAbort: 'a fault that answers with a gRPC status',
  faultDelay: 'a fault that delays requests',
  treatedFault: 'an abort together with retries, copies or changed response headers',
  mirror: 'copies of requests',
  mirrorShare: 'copies of a share of the requests',
  requestHeaders: 'changed request headers',
  responseHeaders: 'changed response headers',
  backendRequestHeaders: 'request headers changed for one backend of a split',
  backendResponseHeaders: 'response headers changed for one backend of a split, as a cookie that remembers the version',
  rewrite: 'another host or path for the backend',
  redirect: 'a redirect',
  redirectOwnPort: 'a redirect to the own port of a scheme on the same host',
  redirectPath: 'a redirect to another path',
  redirectStatus: 'a redirect with a status other than 301 and 302',
  affinityByCookie: 'clients kept on a pod by a cookie',
  affinityByHeader: 'clients kept on a pod by a header',
  affinityByQuery: 'clients kept on a pod by a query parameter',
  affinityBySource: 'clients kept on a pod by their address',
  outlierEjection: 'pods left out after errors',
  ejectionBounds: 'an interval or a share of pods for leaving them out',
  connectionLimits: 'limits for connections and requests under way',
  requestsPerConnection: 'connections that are closed after so many requests',
  rateLimit: 'a rate limit',
  rateLimitPerClient: 'a rate limit for each client',
  crossNamespacePolicy: 'an affinity, breaker or rate limit that reaches into another namespace',
  ...accessFeatureNames,
  attachedSplit: "weights in a route of the user's",
}

export interface TrafficProblem extends Diagnostic {
  /** Set where it is one that the mesh has not. */
  readonly feature?: Feature
  /** Set where it is something else that parts of the traffic ask for: an order, or more of a kind than the mesh takes. */
  readonly aspect?: string
}

/**
 * Everything that keeps this mesh from carrying this traffic with its neutral meaning; empty when `translate` may have it.
 * Judges by the adapter's table of capabilities, its limits and its order of matches, never by the name of the mesh. An order
 * that is not proven to survive is refused. `services` is asked for the ports of the apex.
 */
export function checkTraffic(
  traffic: ServiceTraffic,
  adapter: MeshAdapter,
  services: ServiceDirectory,
): TrafficProblem[] {
  const refusals = checkFeatures(traffic, adapter, services)
  const byBackends = adapter.capabilities.faultAbort.support === 'emulated'
  // Limits are about what is written.
  const spoken = spokenTraffic(traffic)
  const written = byBackends ? withFaultBackends(spoken) : spoken
  const known = services.surroundings?.(traffic.service) ?? {}
  return [
    ...refusals,
    ...(adapter.enrollment?.missing(traffic.service, known) ?? []),
    ...(byBackends ? checkFaultBackends(traffic, adapter, services) : []),
    ...written.ports.flatMap((port) => checkLimits(port, traffic, adapter)),
    ...checkHeaders(traffic),
    // The place of a match that the mesh cannot say at all is not worth a second message.
    ...spoken.ports.flatMap((port) => checkOrder(port, traffic, adapter, refusals.length === 0)),
  ]
}

function checkFeatures(traffic: ServiceTraffic, adapter: MeshAdapter, services: ServiceDirectory): TrafficProblem[] {
  return [...featuresOf(traffic, services)].flatMap((feature) => {
    const support = adapter.capabilities[feature]
    // Whether an order survives is proven per pair of rules, so that the message can name them.
    if (support.support !== 'unsupported' || feature === 'orderedRules') return []
    const { reason, instead } = support
    const facts = {
      mesh: adapter.name,
      feature: featureNames[feature],
      apex: serviceName(traffic.service),
      reason,
      remedy: instead,
    }
    return [{ ...diagnostic('AP2101', facts), feature }]
  })
}

/** The Services that stand in for faults have to be there: without one, requests would fail with another status. */
function checkFaultBackends(traffic: ServiceTraffic, adapter: MeshAdapter, services: ServiceDirectory): Diagnostic[] {
  const problems = traffic.ports.flatMap(({ port, rules }) =>
    rules.flatMap(({ fault }) => {
      if (fault?.abort === undefined || fault.abort.percent <= 0) return []
      const status = 'status' in fault.abort ? String(fault.abort.status) : `the gRPC status ${fault.abort.grpcStatus}`
      const backend = { namespace: traffic.service.namespace, name: faultBackendName(fault.abort) }
      if (services.ports(backend)?.includes(port)) return []
      const apex = serviceName(traffic.service)
      return [diagnostic('AP2145', { mesh: adapter.name, apex, backend: serviceName(backend), port, status })]
    }),
  )
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}

/** Meshes differ in whether the rule or its backend has the last word. */
function checkHeaders(traffic: ServiceTraffic): Diagnostic[] {
  const contested = traffic.ports.flatMap(({ port, rules }) =>
    rules.flatMap((rule) =>
      rule.backends.flatMap((backend) =>
        [
          ...contestedHeaders(rule.requestHeaders, backend.requestHeaders),
          ...contestedHeaders(rule.responseHeaders, backend.responseHeaders),
        ].map((header) => {
          const apex = `${serviceName(traffic.service)}:${port}`
          return diagnostic('AP2190', { apex, rule: rule.name, header, backend: serviceName(backend.service) })
        }),
      ),
    ),
  )
  return [...new Map(contested.map((problem) => [problem.message, problem])).values()]
}

function checkOrder(
  { port, rules, ...spoken }: PortTraffic,
  traffic: ServiceTraffic,
  adapter: MeshAdapter,
  includeUndefined: boolean,
): TrafficProblem[] {
  // The most specific server name decides everywhere.
  if (spoken.protocol === 'tls') return []
  const conflicts = orderConflicts({ rules, ...spoken }, adapter.precedence).filter(
    ({ reversed }) => reversed || includeUndefined,
  )
  return conflicts.map(({ earlier, later, reversed }) => ({
    ...diagnostic('AP2102', {
      mesh: adapter.name,
      apex: `${serviceName(traffic.service)}:${port}`,
      earlier: earlier.name,
      later: later.name,
      reversed,
    }),
    aspect: 'order',
  }))
}

function checkLimits(
  { port, protocol, rules }: PortTraffic,
  traffic: ServiceTraffic,
  adapter: MeshAdapter,
): TrafficProblem[] {
  const { limits } = adapter
  const isHttp = protocol === undefined || protocol === 'grpc'
  const problems: TrafficProblem[] = []
  const check = (where: string, what: string, count: number, limit: number | undefined) => {
    if (limit === undefined || count <= limit) return
    const place =
      where === '' ? `${serviceName(traffic.service)}:${port}` : `${where} of ${serviceName(traffic.service)}:${port}`
    problems.push({ ...diagnostic('AP2116', { mesh: adapter.name, place, what, count, limit }), aspect: what })
  }
  // Each of the other rules is an object of its own.
  if (isHttp) check('', 'rules', rules.length, limits.rulesPerPort)
  check('', 'matches', sum(rules.map(({ matches }) => countMatches(matches))), limits.matchesPerPort)
  for (const rule of rules) {
    const { name, matches, backends } = rule
    check(name, 'matches', countMatches(matches), limits.matchesPerRule)
    check(name, 'backends', backends.length, limits.backendsPerRule)
    check(name, 'as weight', Math.max(...backends.map(({ weight }) => weight)), limits.weight)
    const ofBackends = backends.flatMap((backend) => [backend.requestHeaders, backend.responseHeaders])
    for (const changes of [rule.requestHeaders, rule.responseHeaders, ...ofBackends])
      check(name, 'changes of headers', countChanges(changes ?? {}), limits.headerChanges)
    for (const match of matches) checkMatch(match, limits, (what, count, limit) => check(name, what, count, limit))
  }
  return problems
}

function checkMatch(
  match: HttpMatch,
  limits: Limits,
  check: (what: string, count: number, limit?: number) => void,
): void {
  const headers = (match.headers?.length ?? 0) + (match.cookies?.length ?? 0)
  check('headers in one match', headers, limits.headersPerMatch)
  check('query parameters in one match', match.queryParams?.length ?? 0, limits.queryParamsPerMatch)
  for (const regex of regexesOf(match)) check('characters in an expression', regex.length, limits.regexLength)
}

function regexesOf(match: HttpMatch): string[] {
  const conditions = [match.path, ...(match.headers ?? []), ...(match.queryParams ?? [])]
  const written = conditions.flatMap((condition) => (condition && 'regex' in condition ? [condition.regex] : []))
  return [...written, ...(match.cookies ?? []).map(cookiePattern)]
}

/** As the Gateway API counts: each of the three lists by itself. */
function countChanges({ set = {}, add = {}, remove = [] }: HeaderChanges): number {
  return Math.max(Object.keys(set).length, Object.keys(add).length, remove.length)
}

/** A match with no method counts once, as one with one method does. */
function countMatches(matches: readonly HttpMatch[]): number {
  return sum(matches.map(({ methods }) => methods?.length ?? 1))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
