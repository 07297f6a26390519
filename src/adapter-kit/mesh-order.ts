import type { MeshAdapter } from '../mesh/adapter.ts'
import { type OrderConflict, orderConflicts } from '../mesh/rule-order.ts'
import { spokenRules } from '../mesh/spoken-rules.ts'
import type { PortTraffic, ServiceTraffic, TrafficRule } from '../mesh/traffic.ts'

type Precedence = MeshAdapter['precedence']

/**
 * Traffic with its rules in the order in which the mesh tries them, and without those of which it does not say when. As they are
 * generated, every other traffic would be refused for its order, and the more so the more its rules have to do with each other.
 */
export function inMeshOrder(traffic: ServiceTraffic, { precedence }: Pick<MeshAdapter, 'precedence'>): ServiceTraffic {
  return { ...traffic, ports: traffic.ports.map((port) => ({ ...port, rules: ordered(port, precedence) })) }
}

function ordered({ rules: given, ...port }: PortTraffic, precedence: Precedence): readonly TrafficRule[] {
  if (port.protocol === 'tcp' || port.protocol === 'tls') return given
  let rules = given
  // Each turn settles a pair. A rule with two matches may have to stand before another and behind it: no order is right then.
  for (let turn = 0; turn < given.length; turn++) {
    const [conflict] = orderConflicts({ ...port, rules: spokenRules({ ...port, rules }) }, precedence)
    if (conflict === undefined) return rules
    rules = settled(rules, conflict)
  }
  return rules
}

function settled(rules: readonly TrafficRule[], { earlier, later, reversed }: OrderConflict): TrafficRule[] {
  const moving = rules.filter(({ name }) => reversed && name === later.name)
  return rules.flatMap((rule) => {
    if (rule.name === later.name) return []
    return rule.name === earlier.name ? [...moving, rule] : [rule]
  })
}
