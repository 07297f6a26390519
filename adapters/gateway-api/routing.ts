import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach, type WeightedDestination } from '../../src/mesh/decision.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from '../../src/mesh/routing.ts'
import { redirected, treated } from '../../src/mesh/treated-decision.ts'
import { type RouteDialect, routeMatchHolds } from './dialect.ts'
import { type BackendRef, type HttpRoute, isAttached, type RouteRule, routesOf } from './http-route.ts'
import { compareRanks } from './specification.ts'

/** The Gateway API's answer for a backend that does not exist or is no port of a Service. */
const invalidBackend = 500

interface Candidate {
  readonly name: string
  readonly route: HttpRoute
  readonly rule: RouteRule
  readonly rank: readonly number[]
}

/**
 * Where a proxy sends a request by the HTTPRoutes attached to the Service: the most specific match over all routes, 404 when
 * there are routes and none takes it. Host names of routes are not looked at, as the mesh profile recommends.
 */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const { service, port } = request
  const apex = reach(service, port, services, 503)
  if ('status' in apex) return decideOn(null, apex)
  const routes = routesOf(service, objects).filter((one) => dialect.follows(one) && isAttached(one, service, port))
  if (routes.length === 0) return decideOn(null, apex)
  const candidates = routes.flatMap((one) =>
    one.rules.flatMap((rule, index): Candidate[] => {
      const ranks = rule.matches
        .filter((match) => routeMatchHolds(match, request, dialect))
        .map((match) => dialect.rank(match, request))
      return ranks.map((rank) => ({ name: `${one.name}/${index}`, route: one, rule, rank }))
    }),
  )
  const best = candidates.reduce<Candidate | undefined>(
    (first, other) => (first === undefined || compareRanks(other.rank, first.rank) < 0 ? other : first),
    undefined,
  )
  if (best === undefined) return decideOn(null, { status: 404, reason: 'no rule of the routes takes the request' })
  const { treatment } = best.rule.filtered
  if (treatment.redirect !== undefined) return redirected(best.name, treatment.redirect, request)
  const read = { ...treatment, ...dialect.attempts(best.rule, best.route) }
  return treated(forward(best, request, services, dialect), read, services)
}

function forward(
  { name, rule }: Candidate,
  { service, port }: MeshRequest,
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const division = dialect.divide(rule.backends)
  if (division === 'parent') return decideOn(name, reach(service, port, services, invalidBackend))
  if (typeof division === 'number')
    return decideOn(name, { status: division, reason: 'no backend of the rule has weight' })
  return decide(
    name,
    division.map((backend) => destinationOf(backend, services)),
  )
}

function destinationOf({ service, port, weight }: BackendRef, services: ServiceDirectory): WeightedDestination {
  if (service !== undefined && port !== undefined) return { weight, to: reach(service, port, services, invalidBackend) }
  return { weight, to: { status: invalidBackend, reason: 'a backend is not a port of a Service' } }
}
