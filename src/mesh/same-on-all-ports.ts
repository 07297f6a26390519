import { normalForm } from './normal-form.ts'
import { alwaysHolds, normalMatch } from './normal-match.ts'
import { normalAction, normalTreatment } from './normal-treatment.ts'
import type { ServiceDirectory } from './routing.ts'
import { sameService, spokenOn, tcpPorts } from './service.ts'
import { spokenRules } from './spoken-rules.ts'
import type { PortTraffic, ServiceTraffic, TrafficRule } from './traffic.ts'

/**
 * Whether one division says it all: rules that are the same for requests and, where a port speaks gRPC, for calls are the same
 * whatever is spoken; ports without HTTP have the last of these, as their connections satisfy no conditions on requests, and may be
 * left out where that is the Service itself.
 */
export function sameOnAllPorts(traffic: ServiceTraffic, services: ServiceDirectory): boolean {
  if (traffic.ports.length === 0) return true
  const all = tcpPorts(traffic.service, services) ?? traffic.ports.map(({ port }) => port)
  const http = traffic.ports.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'tls')
  const requests = http.filter(({ protocol }) => protocol !== 'grpc')
  const asCalls = http.map((port) => ({ ...port, protocol: 'grpc' as const }))
  if (!sameMeaning({ ...traffic, ports: requests })) return false
  if (requests.length < http.length && !sameMeaning({ ...traffic, ports: asCalls })) return false
  const missing = all.filter((port) => !traffic.ports.some((listed) => listed.port === port))
  const connections = traffic.ports.filter(({ protocol }) => protocol === 'tcp' || protocol === 'tls')
  if (missing.length === 0 && connections.length === 0) return true
  const mayBeMissing = connections.length === 0 && missing.every((port) => spokenOn(traffic.service, port, services))
  if (missing.length > 0 && !mayBeMissing) return false
  // What is read from rules of calls may say nothing any more of a condition that requests and connections do not satisfy.
  const telling = requests.length > 0 ? requests : http
  const asRequests = normalForm({ ...traffic, ports: telling.map(({ port, rules }) => ({ port, rules })) }).ports
  if (missing.length > 0) return asRequests.some(({ rules }) => rules.length > 1) && isIdle(traffic, asRequests)
  const normal = [...asRequests, ...normalForm({ ...traffic, ports: connections }).ports]
  return new Set(normal.map(({ port, rules }) => JSON.stringify(relative(rules.slice(-1), port)))).size <= 1
}

function sameMeaning(traffic: ServiceTraffic): boolean {
  if (traffic.ports.length <= 1) return true
  // Ports that differ do so most often in what they do with all other requests, which is found out much sooner than the rest.
  if (new Set(traffic.ports.flatMap((port) => defaultText(port, traffic))).size > 1) return false
  const meanings = normalForm(traffic).ports.map(({ port, rules }) => JSON.stringify(relative(rules, port)))
  return new Set(meanings).size <= 1
}

/** What becomes of the requests that no condition takes; none where there is no rule for them. */
function defaultText(traffic: PortTraffic, { service }: ServiceTraffic): string[] {
  const isDefault = ({ matches }: TrafficRule) =>
    matches.length === 0 || matches.some((one) => alwaysHolds(normalMatch(one)))
  const rule = spokenRules(traffic).find(isDefault)
  if (rule === undefined) return []
  const normal = { name: 'default', matches: [], ...normalAction(rule, service, traffic.port) }
  return [JSON.stringify(relative([normal], traffic.port))]
}

/** Whether what no conditions take stays with the Service. */
function isIdle({ service }: ServiceTraffic, ports: readonly PortTraffic[]): boolean {
  return ports.every(({ port, rules }) => {
    const last = rules.at(-1)
    if (last === undefined || Object.keys(normalTreatment(last)).length > 0) return false
    return last.backends.every((backend) => sameService(backend.service, service) && backend.port === port)
  })
}

/** Rules with the apex's own port number left out of their backends. */
function relative(rules: readonly TrafficRule[], apexPort: number): unknown {
  const withoutOwn = ({ port, ...rest }: { readonly port: number }) => ({ ...rest, ...(port !== apexPort && { port }) })
  return rules.map((rule) => ({
    ...rule,
    backends: rule.backends.map(withoutOwn),
    ...(rule.mirrors && { mirrors: rule.mirrors.map(withoutOwn) }),
  }))
}
