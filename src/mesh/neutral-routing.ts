import { decide, decideOn, reach, withChanges } from './decision.ts'
import { anyMatchHolds } from './http-match.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from './routing.ts'
import { spokenRules } from './spoken-rules.ts'
import type { ServiceTraffic } from './traffic.ts'
import { redirected, treated } from './treated-decision.ts'

/** What the neutral model answers for a Service that does not exist, or lacks the port. */
const unreachable = 503

/**
 * Where a request goes by the neutral meaning of traffic: the first rule that takes it divides it by weight; a port without
 * rules belongs to the Service itself. A fault takes its share of all requests before they are divided. A backend that does not exist fails its share of the requests with 503: meshes say
 * 503 or 500, and only that it is a 5xx is the same everywhere. Nothing at all reaches an apex that does not exist.
 */
export function routeNeutral(
  request: MeshRequest,
  traffic: ServiceTraffic | undefined,
  services: ServiceDirectory,
): RoutingDecision {
  const apex = reach(request.service, request.port, services, unreachable)
  const spoken = traffic?.ports.find(({ port }) => port === request.port)
  const rules = spoken && spokenRules(spoken)
  if ('status' in apex || rules === undefined) return decideOn(null, apex)
  const rule = rules.find(({ matches }) => anyMatchHolds(matches, request))
  if (rule === undefined) return decideOn(null, { status: 404, reason: 'no rule takes the request' })
  if (rule.redirect !== undefined) return redirected(rule.name, rule.redirect, request)
  if (rule.backends.every(({ weight }) => weight === 0)) {
    return decideOn(rule.name, { status: unreachable, reason: `no backend of ${rule.name} has weight` })
  }
  const divided = decide(
    rule.name,
    rule.backends.map((backend) => {
      const { service, port, weight, subset } = backend
      const to = reach(service, port, services, unreachable)
      const part = 'service' in to && subset !== undefined ? { ...to, subset } : to
      return { weight, to: withChanges(part, backend) }
    }),
  )
  return treated(divided, rule, services)
}
