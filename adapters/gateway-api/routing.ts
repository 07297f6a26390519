import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach, type WeightedDestination, withChanges } from '../../src/mesh/decision.ts'
import { contestsHeaders } from '../../src/mesh/header-changes.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import { withPrefix } from '../../src/mesh/route-filters.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { spokenOn } from '../../src/mesh/service.ts'
import { redirected, treated } from '../../src/mesh/treated-decision.ts'
import { strangeAnnotations } from '../linkerd/annotations.ts'
import { routeByConnectionRoutes } from './connection-routing.ts'
import { type RouteDialect, routeMatchHolds } from './dialect.ts'
import { callRank } from './grpc-route.ts'
import {
  type BackendRef,
  type HttpRoute,
  isAttached,
  mostSpecificKind,
  type RouteMatch,
  type RouteRule,
  routesOf,
} from './http-route.ts'

interface Candidate {
  readonly name: string
  readonly route: HttpRoute
  readonly rule: RouteRule
  readonly match: RouteMatch
  readonly rank: readonly number[]
}

/**
 * Where a proxy sends a request by the HTTPRoutes attached to the Service: the most specific match over all routes, 404 when
 * there are routes and none takes it.
 */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const apex = reach(request.service, request.port, services, 503)
  if ('status' in apex) return decideOn(null, apex)
  const routes = attachedRoutes(request, objects, dialect)
  const spoken = spokenOn(request.service, request.port, services)
  // A route for connections takes whatever they carry where nothing reads it as HTTP.
  if (spoken !== undefined || request.protocol !== undefined || routes.length === 0) {
    const isRead = dialect.readsAll && spoken === undefined && routes.length > 0
    const kind = spoken ?? request.protocol ?? 'tcp'
    const decision = isRead ? undefined : routeByConnectionRoutes(request, kind, objects, services, dialect)
    return decision ?? decideOn(null, apex)
  }
  const compared = { ...request, path: dialect.comparedPath(request.path) }
  const candidates = routes.flatMap((one) => {
    const host = dialect.hostRank(one, request)
    if (host === undefined) return []
    return one.rules.flatMap((rule): Candidate[] => {
      const holding = rule.matches.filter((match) => routeMatchHolds(match, compared, dialect))
      return holding.map((match) => {
        const rank = [host, ...rankOf(match, compared, dialect)]
        return { name: rule.name ?? String(rule.index), route: one, rule, match, rank }
      })
    })
  })
  const best = candidates.reduce<Candidate | undefined>(
    (first, other) => (first === undefined || compareRanks(other.rank, first.rank) < 0 ? other : first),
    undefined,
  )
  if (best === undefined) return decideOn(null, { status: 404, reason: 'no rule of the routes takes the request' })
  const decision = treatedBy(best, request, services, dialect)
  const unfollowed = unfollowedFields(best, request, dialect)
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

/**
 * The routes that a client follows for a port of a Service: those of its own namespace where there are any, otherwise those of
 * the Service's (GEP-1294: routes of a consumer replace those of the producer).
 */
export function attachedRoutes(
  { service, port, from = service.namespace }: MeshRequest,
  objects: readonly KubeObject[],
  dialect: RouteDialect,
): readonly HttpRoute[] {
  const attached = routesOf(service, objects, from).filter(
    (one) => dialect.follows(one) && isAttached(one, service, port),
  )
  const own = attached.filter(({ namespace }) => namespace === from)
  return mostSpecificKind(own.length > 0 ? own : attached)
}

function rankOf(match: RouteMatch, request: MeshRequest, dialect: RouteDialect): readonly number[] {
  const { calls, headers } = match
  return calls === undefined ? dialect.rank(match, request) : callRank({ calls }, headers.length)
}

/** What a rule says of the request besides its destination and treatment, and this file does not know. */
function unfollowedFields(
  { route, rule }: Candidate,
  { headers }: MeshRequest,
  dialect: RouteDialect,
): UnfollowedField[] {
  const path = ['spec', 'rules', rule.index]
  const strange = rule.filtered.strange.filter(({ routed, ofOrigins }) => {
    return routed !== true && (ofOrigins !== true || headers['origin'] !== undefined)
  })
  return [
    ...(dialect.annotated ? strangeAnnotations(route) : []).map((name) => ['metadata', 'annotations', name]),
    ...strange.map((one) => [...path, ...one.path]),
    ...rule.others.map((field) => [...path, field]),
    ...dialect.openRetry(rule).map((field) => [...path, ...field]),
    ...rule.backends.flatMap((backend, index) =>
      [...backend.others, ...(contestsHeaders(rule.filtered.treatment, backend) ? ['filters'] : [])].map((field) => [
        ...path,
        'backendRefs',
        index,
        field,
      ]),
    ),
  ].map((field) => ({ object: route.object, path: field }))
}

function treatedBy(
  best: Candidate,
  request: MeshRequest,
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const { treatment, newPrefix } = best.rule.filtered
  const path = dialect.comparedPath(request.path)
  const prefixed = newPrefix !== undefined && { path: withPrefix(path, best.match.path.value, newPrefix) }
  if (treatment.redirect !== undefined) {
    const redirect = { ...treatment.redirect, ...prefixed }
    return redirected(best.name, dialect.redirected(redirect, request.port), { ...request, path }, treatment)
  }
  if (dialect.answersItself && typeof dialect.divide(best.rule.backends) === 'number') {
    // Nothing is sent anywhere, and so nothing is copied, rewritten or tried again.
    const { responseHeaders } = treatment
    return treated(forward(best, request, services, dialect), { ...(responseHeaders && { responseHeaders }) }, services)
  }
  const rewrite = { ...treatment.rewrite, ...prefixed }
  const read = { ...treatment, rewrite, ...dialect.attempts(best.rule, best.route) }
  return treated(forward(best, request, services, dialect), read, services)
}

function forward(
  { name, rule, route: { kind } }: Candidate,
  { service, port }: MeshRequest,
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const division = dialect.divide(rule.backends)
  if (division === 'parent') return decideOn(name, reach(service, port, services, dialect.invalidBackend[kind]))
  if (typeof division === 'number')
    return decideOn(name, { status: division, reason: 'no backend of the rule has weight' })
  return decide(
    name,
    division.map((backend) => destinationOf(backend, services, dialect.invalidBackend[kind])),
  )
}

function destinationOf(backend: BackendRef, services: ServiceDirectory, invalid: number): WeightedDestination {
  const { service, port, weight } = backend
  if (service !== undefined && port !== undefined)
    return { weight, to: withChanges(reach(service, port, services, invalid), backend) }
  return { weight, to: { status: invalid, reason: 'a backend is not a port of a Service' } }
}
