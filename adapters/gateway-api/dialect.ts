import type { Precedence } from '../../src/mesh/adapter.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import type { FieldPath } from '../../src/mesh/object-reading.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { PortTraffic } from '../../src/mesh/traffic.ts'
import type { ReadTreatment } from '../../src/mesh/treated-decision.ts'
import type { Redirect } from '../../src/mesh/treatment.ts'
import type { BackendRef, HttpRoute, RouteMatch, RouteRule } from './http-route.ts'

/** What meshes that take HTTPRoutes disagree about. */
export interface RouteDialect {
  /** Whether the mesh takes the route up at all. */
  follows(route: HttpRoute): boolean
  /** How specifically the host names of a route name that of a request: greater is more, undefined is not at all. */
  hostRank(route: HttpRoute, request: MeshRequest): number | undefined
  /** The path that is compared, of the one that was sent. */
  comparedPath(path: string): string
  /** Whether an expression takes a value. */
  regexHolds(pattern: string, value: string): boolean
  /** Whether `regexHolds` is certain to compare whole values by this expression. */
  comparesWhole(pattern: string): boolean
  /**
   * How specific a match that holds is for this request, most significant number first: the greatest is followed, of equal ones
   * the first in order of routes and rules.
   */
  rank(match: RouteMatch, request: MeshRequest): readonly number[]
  /** The same as an order of neutral matches, where it does not depend on the request. */
  precedence: Precedence
  /** What is followed where two matches of somebody's routes hold, the first of which was written earlier. See `ReadingOrder`. */
  readingOrder(earlier: HttpMatch, later: HttpMatch, protocol?: PortTraffic['protocol']): number
  /** The weights that take effect; `parent` in place of a list means the Service itself, a status that the mesh answers with it. */
  divide(backends: readonly BackendRef[]): readonly BackendRef[] | 'parent' | number
  /** Whether a rule that `divide` has the mesh answer itself is meant to be one, and not one on which the proxy fails. */
  readonly answersItself: boolean
  /** The HTTP status of the answer for a backend that does not exist or is no port of a Service. */
  readonly invalidBackend: Readonly<Record<HttpRoute['kind'], number>>
  /** The redirect that takes effect on requests to a port. */
  redirected(redirect: Redirect, port: number): Redirect
  /** Whether HTTPRoutes keep a port from following routes for connections, even for what is no HTTP. */
  readonly readsAll: boolean
  /** Whether the mesh follows the annotations by which Linkerd retries and times out. */
  readonly annotated: boolean
  /** The timeouts and retries that take effect on a rule, wherever the mesh has them. */
  attempts(rule: RouteRule, route: HttpRoute): Pick<ReadTreatment, 'timeout' | 'backendTimeout' | 'retries'>
  /** What of the `retry` of a rule is not among these. */
  unreadRetry(rule: RouteRule): readonly FieldPath[]
  /** What of it leaves open how often a request is tried. */
  openRetry(rule: RouteRule): readonly FieldPath[]
}

/** Whether every condition of a match holds; prefixes go by segments. */
export function routeMatchHolds(
  match: RouteMatch,
  request: MeshRequest,
  dialect: Pick<RouteDialect, 'regexHolds'>,
): boolean {
  const holds = (condition: { regex: boolean; value: string }, value: string | undefined) =>
    value !== undefined && (condition.regex ? dialect.regexHolds(condition.value, value) : value === condition.value)
  return (
    pathHolds(match, request.path, dialect) &&
    (match.method === undefined || match.method === request.method) &&
    match.headers.every((header) => holds(header, request.headers[header.name])) &&
    match.queryParams.every((param) => holds(param, request.query[param.name]))
  )
}

function pathHolds(
  { path: { type, value } }: RouteMatch,
  path: string,
  dialect: Pick<RouteDialect, 'regexHolds'>,
): boolean {
  if (type === 'Exact') return path === value
  if (type === 'RegularExpression') return dialect.regexHolds(value, path)
  const prefix = value.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}
