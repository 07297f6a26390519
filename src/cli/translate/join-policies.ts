import { serviceName } from '../../mesh/service.ts'
import { normalPolicies } from '../../mesh/service-policies.ts'
import type { FoundTraffic } from './found-traffic.ts'

/**
 * What some objects say about an apex as a whole and nothing else, such as annotations of the Service, joined to what others say about where
 * its requests go. What says the same kind of thing twice is left apart: it is a conflict.
 */
export function joinPolicies(found: readonly FoundTraffic[]): FoundTraffic[] {
  const joined: FoundTraffic[] = []
  for (const one of found) {
    const index = joined.findIndex((other) => mayJoin(one, other))
    const other = joined[index]
    if (other === undefined) joined.push(one)
    else joined[index] = join(other, one)
  }
  return joined
}

function mayJoin({ traffic: a }: FoundTraffic, { traffic: b }: FoundTraffic): boolean {
  if (serviceName(a.service) !== serviceName(b.service)) return false
  if (a.ports.length > 0 && b.ports.length > 0) return false
  const [parts, others] = [a, b].map(({ policies }) => Object.keys(normalPolicies(policies) ?? {}))
  return parts?.every((part) => !others?.includes(part)) === true
}

function join(a: FoundTraffic, b: FoundTraffic): FoundTraffic {
  const policies = normalPolicies({ ...a.traffic.policies, ...b.traffic.policies })
  return {
    traffic: { ...a.traffic, ports: [...a.traffic.ports, ...b.traffic.ports], ...(policies && { policies }) },
    sources: [...a.sources, ...b.sources],
  }
}
