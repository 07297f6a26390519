import type { HttpMatch } from '../../src/mesh/match.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import { isOwnPort } from '../../src/mesh/redirect-port.ts'
import { matchesWhole } from '../../src/mesh/regex.ts'
import { canonicalPath } from '../istio/path.ts'
import { keptPort } from '../istio/treatment.ts'
import type { RouteDialect } from './dialect.ts'
import { neutralCallRank } from './grpc-route.ts'
import { pathLength, type RouteMatch, type RouteRule } from './http-route.ts'
import { retriesOf, unsaidOf } from './retry.ts'

/**
 * HTTPRoutes as the Gateway API specifies them (HTTPRouteRule.matches, HTTPBackendRef): an exact path before the longest
 * prefix, then a method, then the number of headers, then of query parameters. Implementations agree on nothing about
 * regular expressions for paths, which are ranked last here as Istio does, and never written.
 */
export const specification: RouteDialect = {
  follows: () => true,
  // Host names are for gateways; in a mesh they should be ignored (GEP-1294).
  hostRank: () => 0,
  // The specification is silent; those on Envoy (Istio, Cilium) resolve it first.
  comparedPath: canonicalPath,
  regexHolds: matchesWhole,
  comparesWhole: () => true,
  rank: ({ path, method, headers, queryParams }: RouteMatch) => [
    path.type === 'Exact' ? 2 : path.type === 'PathPrefix' ? 1 : 0,
    pathLength(path),
    method === undefined ? 0 : 1,
    headers.length,
    queryParams.length,
  ],
  precedence(a, b, protocol): number {
    if (protocol === 'grpc') return callPrecedence(a, b)
    return compareRanks(neutralRank(a), neutralRank(b))
  },
  readingOrder: (earlier, later, protocol) =>
    protocol === 'grpc' ? callPrecedence(earlier, later) : compareRanks(rankAsRead(earlier), rankAsRead(later)),
  divide: (backends) => (backends.some(({ weight }) => weight > 0) ? backends : 500),
  answersItself: true,
  // The specification wants UNAVAILABLE for calls. Istio answers 500 to them as well, which is UNKNOWN.
  invalidBackend: { HTTPRoute: 500, GRPCRoute: 500 },
  // The specification wants the own port of the scheme. Istio leaves the host as it came, with its port.
  redirected: (redirect, port) =>
    redirect.host === undefined && isOwnPort(redirect, port)
      ? { ...redirect, port: keptPort(redirect.scheme, port) }
      : redirect,
  readsAll: false,
  annotated: false,
  attempts({ timeouts: { request, backendRequest }, retry }: RouteRule) {
    const retries = retry && retriesOf(retry, backendRequest)
    return {
      ...(request !== undefined && { timeout: request }),
      ...(backendRequest !== undefined && !retries?.attempts && { backendTimeout: backendRequest }),
      ...(retries && { retries }),
    }
  },
  unreadRetry: ({ retry }: RouteRule) => unsaidOf(retry),
  openRetry: ({ retry }: RouteRule) => unsaidOf(retry),
}

/** The order of matches of a GRPCRoute, on which implementations agree but for expressions. */
export function callPrecedence(a: HttpMatch, b: HttpMatch): number {
  return compareRanks(neutralCallRank(a), neutralCallRank(b))
}

/** As `rank`, which has expressions for paths last: of a match that was read from a route. */
function rankAsRead(match: HttpMatch): readonly number[] {
  const { path } = match
  if (path === undefined || !('regex' in path)) return neutralRank(match) ?? []
  const [, , ...rest] = neutralRank({ ...match, path: { prefixPath: '/' } }) ?? []
  return [0, path.regex.length, ...rest]
}

/** A cookie is a condition on a header; no path is the prefix `/`. Undefined for paths that the Gateway API cannot say. */
function neutralRank({ path = { prefixPath: '/' }, methods, headers = [], cookies = [], queryParams = [] }: HttpMatch) {
  if ('regex' in path || 'prefixString' in path) return undefined
  const value = 'exact' in path ? path.exact : path.prefixPath.replace(/\/+$/, '') || '/'
  return [
    'exact' in path ? 2 : 1,
    value.length,
    methods === undefined ? 0 : 1,
    headers.length + cookies.length,
    queryParams.length,
  ]
}
