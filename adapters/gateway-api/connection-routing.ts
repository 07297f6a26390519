import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach, type WeightedDestination } from '../../src/mesh/decision.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { serverNameRank } from '../../src/mesh/server-names.ts'
import { attachedConnectionRoutes, type ConnectionRoute } from './connection-route.ts'
import type { RouteDialect } from './dialect.ts'

/** A connection has no status: one that is refused or closed is said to be a 503. */
const refused = 503

/**
 * Where a connection goes by the TLSRoutes, else the TCPRoutes, attached to the port: of TLSRoutes the one with the most specific
 * name, of TCPRoutes the oldest. Undefined where there is neither.
 */
export function routeByConnectionRoutes(
  request: MeshRequest,
  spoken: 'tcp' | 'tls',
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision | undefined {
  const tls = spoken === 'tls' ? attachedConnectionRoutes('TLSRoute', request, objects) : []
  const routes = tls.length > 0 ? tls : attachedConnectionRoutes('TCPRoute', request, objects)
  if (routes.length === 0) return undefined
  const ranked = routes.flatMap((one) => {
    const rank = serverNameRank(one.hostnames, request.sni)
    return rank === undefined ? [] : [{ route: one, rank }]
  })
  const [best] = ranked.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
  if (best === undefined) return decideOn(null, { status: refused, reason: 'no route takes that server name' })
  const decision = forward(best.route, request, services, dialect)
  const unfollowed = unfollowedFields(best.route)
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

function forward(
  { rules: [rule] }: ConnectionRoute,
  { service, port }: MeshRequest,
  services: ServiceDirectory,
  dialect: RouteDialect,
): RoutingDecision {
  const { name, backends } = rule ?? { name: null, backends: [] }
  const division = dialect.divide(backends)
  if (division === 'parent') return decideOn(name, reach(service, port, services, refused))
  if (typeof division === 'number')
    return decideOn(name, { status: refused, reason: 'no backend of the route has weight' })
  const ways = division.map((backend): WeightedDestination => {
    const { weight } = backend
    if (backend.service !== undefined && backend.port !== undefined)
      return { weight, to: reach(backend.service, backend.port, services, refused) }
    return { weight, to: { status: refused, reason: 'a backend is not a port of a Service' } }
  })
  return decide(name, ways)
}

/** Implementations agree on the first rule only. */
function unfollowedFields({ object, rules }: ConnectionRoute): UnfollowedField[] {
  const ofFirst = (rules[0]?.others ?? []).map((field) => ['spec', 'rules', 0, field])
  const more = rules.length > 1 ? [['spec', 'rules', 1]] : []
  return [...ofFirst, ...more].map((path) => ({ object, path }))
}
