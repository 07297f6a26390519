import type { HttpMatch } from '../../src/mesh/match.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import { spansWhole } from '../../src/mesh/regex.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import { serverNameRank } from '../../src/mesh/server-names.ts'
import type { PortTraffic } from '../../src/mesh/traffic.ts'
import type { RouteDialect } from '../gateway-api/dialect.ts'
import {
  type BackendRef,
  type HttpRoute,
  pathLength,
  type RouteMatch,
  type RouteRule,
} from '../gateway-api/http-route.ts'
import { callPrecedence } from '../gateway-api/specification.ts'
import { readAnnotations } from './annotations.ts'
import { missesNothing } from './expressions.ts'

/** Filters that pass admission and then fail the conversion of the whole route (policy-controller, outbound index). */
const fatalFilters = new Set(['RequestMirror', 'URLRewrite', 'ExtensionRef'])

/**
 * HTTPRoutes as Linkerd's proxy follows them (linkerd2-proxy, linkerd/http/route/src/http/match.rs): the longest stretch
 * of the path that was matched, whatever kind of match it was, then the number of headers, then of query parameters, then
 * whether there is a method. That is not the order of the specification, which has the method second.
 */
export const linkerdRoutes: RouteDialect = {
  follows: ({ rules }: HttpRoute) =>
    !rules.some(
      ({ filters, backends, matches }) =>
        [filters, ...backends.map((backend) => backend.filters)].flat().some((filter) => fatalFilters.has(filter)) ||
        // An expression for a gRPC method passes admission as well.
        matches.some(({ calls }) => calls?.regex === true),
    ),
  hostRank,
  comparedPath: (path) => path,
  regexHolds: spansWhole,
  comparesWhole: missesNothing,
  rank: ({ path, method, headers, queryParams }: RouteMatch, request: MeshRequest) => [
    path.type === 'PathPrefix' ? pathLength(path) : request.path.length,
    headers.length,
    queryParams.length,
    method === undefined ? 0 : 1,
  ],
  precedence,
  readingOrder(earlier, later, protocol) {
    const which = precedence(earlier, later, protocol)
    const isTie = which > 0 && protocol !== 'grpc' && mayTie(later, earlier)
    return isTie ? Number.NaN : which
  },
  divide,
  answersItself: false,
  // To gRPC, 503 is UNAVAILABLE, as the specification wants it.
  invalidBackend: { HTTPRoute: 500, GRPCRoute: 503 },
  redirected: (redirect) => redirect,
  // Of a port with HTTPRoutes, what is no HTTP goes to the Service (policy-controller, outbound API: Detect).
  readsAll: true,
  annotated: true,
  // It takes no notice of the Experimental channel: the field is dropped, and the rule counts without it.
  unreadRetry: ({ retry }: RouteRule) => (retry === undefined ? [] : [['retry']]),
  openRetry: () => [],
  // `backendRequest` passes admission and is never read (policy-controller, since 2.16).
  attempts: ({ timeouts: { request } }: RouteRule, route: HttpRoute) => ({
    ...(request !== undefined && { timeout: request }),
    ...readAnnotations(route),
  }),
}

/**
 * The proxy compares host names before anything else, without the port (linkerd/http/route/src/http/match/host.rs): an exact one
 * before a domain, a longer one before a shorter, any before a route without.
 */
function hostRank({ hostnames }: HttpRoute, { headers, service }: MeshRequest): number | undefined {
  if (hostnames.length === 0) return 0
  const host = (headers['host'] ?? service.name).replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
  const rank = serverNameRank(hostnames, host)
  return rank === undefined ? undefined : Math.min(rank, longestHost + 1)
}

/** Of a DNS name. */
const longestHost = 253

/** NaN where an expression and a prefix compete: the path may be longer than the prefix or be just the prefix. */
function precedence(a: HttpMatch, b: HttpMatch, protocol?: PortTraffic['protocol']): number {
  if (protocol === 'grpc') return callPrecedence(a, b)
  const paths = comparePaths(a, b)
  return Number.isNaN(paths) ? paths : paths || compareRest(a, b)
}

/** Whether an expression for the path is as long as a prefix where the path is just that, and nothing else tells them apart. */
function mayTie(whole: HttpMatch, prefix: HttpMatch): boolean {
  const isExpression = whole.path !== undefined && !('exact' in whole.path) && prefixLength(whole) === undefined
  return isExpression && prefixLength(prefix) !== undefined && compareRest(whole, prefix) === 0
}

function comparePaths(a: HttpMatch, b: HttpMatch): number {
  const [lengthOfA, lengthOfB] = [prefixLength(a), prefixLength(b)]
  // Two matches of the whole path that both hold are as long as the path is.
  if (lengthOfA === undefined && lengthOfB === undefined) return 0
  if (lengthOfA !== undefined && lengthOfB !== undefined) return lengthOfB - lengthOfA
  return lengthOfA === undefined ? wholeAgainstPrefix(a, b, lengthOfB ?? 1) : -wholeAgainstPrefix(b, a, lengthOfA)
}

/** A match of the whole path is at least as long as the prefix it competes with; where it may be as long, the rest must agree. */
function wholeAgainstPrefix(whole: HttpMatch, prefix: HttpMatch, length: number): number {
  if (whole.path !== undefined && 'exact' in whole.path) return length - whole.path.exact.length
  return compareRest(whole, prefix) <= 0 ? -1 : Number.NaN
}

/** Undefined for matches of the whole path. */
function prefixLength({ path }: HttpMatch): number | undefined {
  if (path === undefined) return 1
  return 'prefixPath' in path ? Math.max(1, path.prefixPath.replace(/\/+$/, '').length) : undefined
}

function compareRest(a: HttpMatch, b: HttpMatch): number {
  return compareRanks(restRank(a), restRank(b))
}

function restRank({ methods, headers = [], cookies = [], queryParams = [] }: HttpMatch): number[] {
  return [headers.length + cookies.length, queryParams.length, methods === undefined ? 0 : 1]
}

/**
 * No backends means the Service itself, a single one gets everything whatever its weight (linkerd/distribute/src/params.rs),
 * and with several of no weight at all the proxy fails.
 */
function divide(backends: readonly BackendRef[]): readonly BackendRef[] | 'parent' | number {
  if (backends.length === 0) return 'parent'
  if (backends.length === 1) return backends.map((backend) => ({ ...backend, weight: 1 }))
  return backends.some(({ weight }) => weight > 0) ? backends : 500
}
