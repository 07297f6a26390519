import { normalConnections } from './normal-connections.ts'
import { normalMatches } from './normal-matches.ts'
import { equalActions, normalAction } from './normal-treatment.ts'
import { rulesCommute } from './rule-order.ts'
import { compareText } from './service.ts'
import { normalPolicies, type ServicePolicies } from './service-policies.ts'
import { spokenRules } from './spoken-rules.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule } from './traffic.ts'

/**
 * Traffic in the form in which it is compared: two traffics with the same normal form mean the same. Idempotent.
 *
 * Weights are reduced to the smallest integers of the same ratio and zero weights are dropped (all zero: they are kept, as
 * that has no neutral meaning); backends and matches stand in a stable order; rules that nothing can reach are gone; rules
 * whose order does not matter stand in a stable order; and as names mean nothing, the rules are `rule-1`, `rule-2`, … and
 * `default`. Rules of TCP and TLS ports with the same backends are one, and their order means nothing. A rule whose requests are all aborted has the apex for a backend, one that redirects has none. Objects are written from the traffic as asked, 90/10 rather than 9/1: people read them.
 */
export function normalForm(traffic: ServiceTraffic): ServiceTraffic {
  const ports = traffic.ports.map((port) => normalPort(port, traffic.service)).filter((port) => port.rules.length > 0)
  const policies = normalPolicies(traffic.policies)
  return { service: traffic.service, ports: ports.sort((a, b) => a.port - b.port), ...(policies && { policies }) }
}

/** Traffic in normal form with these policies, in normal form as well. */
export function withPolicies(traffic: ServiceTraffic, policies: ServicePolicies | undefined): ServiceTraffic {
  const normal = normalPolicies(policies)
  return normal === undefined ? traffic : { ...traffic, policies: normal }
}

function normalPort({ rules, ...spoken }: PortTraffic, apex: ServiceRef): PortTraffic {
  const { port } = spoken
  if (spoken.protocol === 'tcp' || spoken.protocol === 'tls') return { ...spoken, rules: normalConnections(rules) }
  const reachable: TrafficRule[] = []
  for (const rule of spokenRules({ rules, ...spoken })) {
    const matches = normalMatches(rule.matches)
    reachable.push({ name: rule.name, matches, ...normalAction(rule, apex, port) })
    if (matches.length === 0) break
  }
  const needed = spoken.protocol === 'grpc' ? withoutIdle(reachable) : reachable
  const conditional = needed.filter(({ matches }) => matches.length > 0)
  const unconditional = needed.filter(({ matches }) => matches.length === 0)
  return { ...spoken, rules: [...inStableOrder(conditional), ...unconditional].map(numbered) }
}

/**
 * Rules without those that do what the last one would do with their requests. Rules that were told apart as those of HTTP become
 * such as those of calls, and which of two comes before the other must not show.
 */
function withoutIdle(rules: readonly TrafficRule[]): TrafficRule[] {
  const kept: TrafficRule[] = []
  for (const rule of rules.toReversed()) {
    const last = kept.at(-1)
    const isIdle =
      last?.matches.length === 0 && equalActions(rule, last) && kept.every((one) => rulesCommute(rule, one))
    if (!isIdle) kept.unshift(rule)
  }
  return kept
}

function numbered(rule: TrafficRule, index: number): TrafficRule {
  return { ...rule, name: rule.matches.length === 0 ? 'default' : `rule-${index + 1}` }
}

/** Of all orders with the same meaning the first by text: always the least rule that no earlier one has to precede. */
function inStableOrder(rules: readonly TrafficRule[]): TrafficRule[] {
  const left = rules.map((rule, index) => {
    const { name, matches, backends, ...treatment } = rule
    const before = rules.slice(0, index).filter((earlier) => !rulesCommute(earlier, rule))
    return { rule, before: new Set(before), text: JSON.stringify([matches, backends, treatment]) }
  })
  left.sort((a, b) => compareText(a.text, b.text))
  const ordered: TrafficRule[] = []
  while (left.length > 0) {
    const next = left.findIndex(({ before }) => before.size === 0)
    for (const { rule } of left.splice(next, 1)) {
      ordered.push(rule)
      for (const { before } of left) before.delete(rule)
    }
  }
  return ordered
}
