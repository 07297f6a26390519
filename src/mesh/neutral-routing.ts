import { decide, decideOn, reach, withChanges } from './decision.ts'
import { anyMatchHolds } from './http-match.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from './routing.ts'
import { serverNameRank, serverNamesOf } from './server-names.ts'
import { spokenRules } from './spoken-rules.ts'
import type { ServiceTraffic, TrafficRule } from './traffic.ts'
import { redirected, treated } from './treated-decision.ts'

/** What the neutral model answers for a Service that does not exist, or lacks the port. */
const unreachable = 503

/**
 * Where a request goes by the neutral meaning of traffic: the first rule that takes it divides it by weight; a port without
 * rules belongs to the Service itself. A fault takes its share of all requests before they are divided. A backend that does not exist fails its share of the requests with 503: meshes say
 * 503 or 500, and only that it is a 5xx is the same everywhere. A connection has no status: one that is refused or closed is said
 * to be a 503. Nothing at all reaches an apex that does not exist.
 */
export function routeNeutral(
  request: MeshRequest,
  traffic: ServiceTraffic | undefined,
  services: ServiceDirectory,
): RoutingDecision {
  const apex = reach(request.service, request.port, services, unreachable)
  const port = traffic?.ports.find((one) => one.port === request.port)
  if ('status' in apex || port === undefined) return decideOn(null, apex)
  if (port.protocol === 'tcp' || port.protocol === 'tls') return routeConnection(request, port.rules, services)
  // What carries no HTTP is no matter of HTTP rules.
  if (request.protocol !== undefined) return decideOn(null, apex)
  const rule = spokenRules(port).find(({ matches }) => anyMatchHolds(matches, request))
  if (rule === undefined) return decideOn(null, { status: 404, reason: 'no rule takes the request' })
  if (rule.redirect !== undefined) return redirected(rule.name, rule.redirect, request)
  return treated(divide(rule, services), rule, services)
}

/** The rule with the most specific name, then the one without names; of equally specific ones the first. */
function routeConnection(
  { sni }: MeshRequest,
  rules: readonly TrafficRule[],
  services: ServiceDirectory,
): RoutingDecision {
  const ranked = rules.flatMap((rule) => {
    const rank = serverNameRank(serverNamesOf(rule), sni)
    return rank === undefined ? [] : [{ rule, rank }]
  })
  const [best] = ranked.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
  if (best !== undefined) return divide(best.rule, services)
  return decideOn(null, { status: unreachable, reason: 'no rule takes connections for that name' })
}

function divide(rule: TrafficRule, services: ServiceDirectory): RoutingDecision {
  if (rule.backends.every(({ weight }) => weight === 0)) {
    return decideOn(rule.name, { status: unreachable, reason: `no backend of ${rule.name} has weight` })
  }
  return decide(
    rule.name,
    rule.backends.map((backend) => {
      const { service, port, weight, subset } = backend
      const to = reach(service, port, services, unreachable)
      const part = 'service' in to && subset !== undefined ? { ...to, subset } : to
      return { weight, to: withChanges(part, backend) }
    }),
  )
}
