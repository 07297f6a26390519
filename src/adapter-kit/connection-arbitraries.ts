import fc from 'fast-check'
import type { Capabilities } from '../mesh/capabilities.ts'
import type { HttpMatch } from '../mesh/match.ts'
import type { MeshRequest, ServiceDirectory } from '../mesh/routing.ts'
import type { PortTraffic, ServiceTraffic, TrafficRule, WeightedBackend } from '../mesh/traffic.ts'
import { apex, generatedServices } from './generated-services.ts'
import { meshRequest } from './request-arbitraries.ts'
import type { Supports } from './supports.ts'
import { serviceTraffic } from './traffic-arbitraries.ts'

/** Names that overlap, so that the more specific of two has to win. */
const names = ['a.example.com', 'b.example.com', '*.example.com', '*.b.example.com', 'x.b.example.com', 'example.org']
const asked = [
  ...names.filter((name) => !name.startsWith('*')),
  'c.example.com',
  'y.x.b.example.com',
  'other.org',
  undefined,
]
const tcpPort = 5432
const tlsPort = 8443

/** The Services that generated traffic may name, each with a TCP port and a TLS port beside those that speak HTTP. */
export const mixedServices: ServiceDirectory = {
  ports(service) {
    const http = generatedServices.ports(service)
    return http && [...http, tcpPort, tlsPort].sort((a, b) => a - b)
  },
  application(service, port) {
    if (port === tcpPort) return 'tcp'
    return port === tlsPort ? 'tls' : generatedServices.application?.(service, port)
  },
}

/**
 * Traffic of HTTP ports and others. Where a mesh divides all ports alike, the others get what the HTTP ports do with requests that
 * satisfy no conditions.
 */
export function mixedTraffic(capabilities?: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const supports: Supports = (feature) => capabilities === undefined || capabilities[feature].support !== 'unsupported'
  const http = serviceTraffic(capabilities)
  if (!supports('portSplit')) {
    return fc.tuple(http, fc.boolean()).map(([traffic, listed]) => {
      const mayBeLeftOut = supports('apexAsBackend') && traffic.ports.some(({ rules }) => rules.length > 1)
      if (!listed && mayBeLeftOut) return { ...traffic, ports: traffic.ports.map(withIdleDefault) }
      return { ...traffic, ports: [...traffic.ports, ...[tcpPort, tlsPort].map((port) => likeDefault(traffic, port))] }
    })
  }
  const carries = supports('tcpSplit') || supports('tlsSplit') || supports('tlsDefault')
  const tcp = plainRule(tcpPort, supports).map(
    (rule): PortTraffic => ({ port: tcpPort, protocol: 'tcp', rules: [rule] }),
  )
  const tlsPart =
    supports('tlsSplit') || supports('tlsDefault')
      ? fc.option(tlsTraffic(supports), { nil: undefined })
      : fc.constant(undefined)
  return fc
    .tuple(fc.option(http), tcp, tlsPart, supports('tcpSplit') ? fc.boolean() : fc.constant(false))
    .map(([traffic, connections, tls, isTcp]) => ({
      service: apex,
      ports: [...(isTcp ? [connections] : []), ...(tls ? [tls] : []), ...(traffic?.ports ?? [])].sort(
        (a, b) => a.port - b.port,
      ),
    }))
    .filter(({ ports }) => ports.some(({ protocol }) => !carries || protocol !== undefined))
}

/** Requests to the HTTP ports and connections to the others. */
export function requestOrConnection(): fc.Arbitrary<MeshRequest> {
  const connection = fc.record({ port: fc.constantFrom(tcpPort, tlsPort), sni: fc.constantFrom(...asked) })
  return fc.oneof(
    meshRequest(),
    connection.map(({ port, sni }): MeshRequest => {
      const nothing = { method: '', path: '', headers: {}, query: {} }
      if (port === tcpPort) return { service: apex, port, protocol: 'tcp', ...nothing }
      return { service: apex, port, protocol: 'tls', ...nothing, ...(sni !== undefined && { sni }) }
    }),
  )
}

function likeDefault({ ports }: ServiceTraffic, port: number): PortTraffic {
  const [first] = ports
  const last = first?.rules.at(-1)
  const backends = (last?.backends ?? []).map(({ requestHeaders, responseHeaders, ...backend }) => ({
    ...backend,
    port: backend.port === first?.port ? port : backend.port,
  }))
  const protocol = port === tcpPort ? 'tcp' : 'tls'
  return { port, protocol, rules: [{ name: 'default', matches: [], backends }] }
}

/** What satisfies no conditions stays with the Service, as connections to a port that is left out do. */
function withIdleDefault({ rules, ...rest }: PortTraffic): PortTraffic {
  const idle: TrafficRule = { name: 'default', matches: [], backends: [{ service: apex, port: rest.port, weight: 1 }] }
  return { ...rest, rules: [...rules.slice(0, -1), idle] }
}

function tlsTraffic(supports: Supports): fc.Arbitrary<PortTraffic> {
  const named = supports('tlsSplit')
    ? fc
        .shuffledSubarray(names, { minLength: 1 })
        .chain((some) =>
          fc.tuple(
            ...some.map((name) => fc.tuple(fc.constant<HttpMatch>({ sniHosts: [name] }), plainRule(tlsPort, supports))),
          ),
        )
    : fc.constant([])
  const last = supports('tlsDefault')
    ? fc.option(plainRule(tlsPort, supports), { nil: undefined })
    : fc.constant(undefined)
  return fc
    .tuple(named, last)
    .map(([rules, rest]): PortTraffic => {
      const own = rules.map(
        ([match, rule], index): TrafficRule => ({ ...rule, name: `n${index + 1}`, matches: [match] }),
      )
      return { port: tlsPort, protocol: 'tls', rules: [...own, ...(rest ? [rest] : [])] }
    })
    .filter(({ rules }) => rules.length > 0)
}

function plainRule(port: number, supports: Supports): fc.Arbitrary<TrafficRule> {
  const backend = fc.record({
    name: fc.constantFrom('web', 'web-v1', 'web-v2', ...(supports('missingBackend') ? ['gone'] : [])),
    weight: fc.constantFrom(0, 1, 10, 90),
  })
  return fc
    .uniqueArray(backend, { minLength: 1, maxLength: 3, selector: ({ name }) => name })
    .filter((all) => all.some(({ weight }) => weight > 0))
    .map((all) => {
      const backends = all.map(({ name, weight }): WeightedBackend => {
        return { service: { namespace: apex.namespace, name }, port, weight }
      })
      return { name: 'default', matches: [], backends }
    })
}
