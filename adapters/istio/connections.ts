import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'
import { serverNameRank, serverNamesOf, withDistinctNames } from '../../src/mesh/server-names.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { hostOf, serviceOf } from './hosts.ts'
import { connectionRoutes } from './selection.ts'
import type { ConnectionRoute, VirtualService } from './virtual-service.ts'

interface Dialect {
  readonly apiVersion: string
  readonly clusterDomain: string
}

/** Routes of `tcp`, one for each TCP port. */
export function writeTcp({ ports }: ServiceTraffic, clusterDomain: string): object[] {
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp')
  return tcp.flatMap(({ port, rules }) =>
    rules.map((rule) => ({ match: [{ port }], route: destinations(rule, clusterDomain) })),
  )
}

/**
 * A VirtualService `<apex>.tls` for the TLS ports. istiod wants the server names among its hosts, where they would catch HTTP
 * requests for those names too if there were rules for HTTP beside them; the dot keeps it apart from those of other services.
 */
export function writeTls({ service, ports }: ServiceTraffic, { apiVersion, clusterDomain }: Dialect): KubeObject[] {
  const routes = ports
    .filter(({ protocol }) => protocol === 'tls')
    .flatMap(({ port, rules }) => withDistinctNames(rules).map((rule) => ({ port, rule, names: serverNamesOf(rule) })))
  if (routes.length === 0) return []
  const host = hostOf(service, clusterDomain)
  const names = [...new Set(routes.flatMap((route) => route.names))]
  // istiod takes no host beside one with an asterisk that covers it.
  const widest = names.filter((name) => !names.some((other) => other !== name && serverNameRank([other], name)))
  const tls = routes.map(({ port, rule, names: sniHosts }) => ({
    match: [{ port, sniHosts }],
    route: destinations(rule, clusterDomain),
  }))
  const metadata = { name: `${service.name}.tls`, namespace: service.namespace }
  return [{ apiVersion, kind: 'VirtualService', metadata, spec: { hosts: [host, ...widest], tls } }]
}

function destinations({ backends }: TrafficRule, clusterDomain: string): object[] {
  return backends.map(({ service, subset, port, weight }) => ({
    destination: {
      host: hostOf(service, clusterDomain),
      ...(subset !== undefined && { subset }),
      port: { number: port },
    },
    weight,
  }))
}

/** `decisive`: what is left out decides where connections go. */
type Report = (owner: VirtualService, what: string, path: FieldPath, decisive?: true) => void

/** What is asked of the connections to one port; undefined when no VirtualService has a route for them. */
export function observeConnections(
  all: readonly VirtualService[],
  section: 'tcp' | 'tls',
  { apex, port, services }: { readonly apex: ServiceRef; readonly port: number; readonly services: PortsOf },
  clusterDomain: string,
  problems: ObjectProblem[],
): PortTraffic | undefined {
  const routes = connectionRoutes(all, section, { apex, port }, clusterDomain)
  const foreign: Report = (owner, what, path, decisive) => {
    const object = `VirtualService ${serviceName(owner)}`
    const place = { object: owner.object, path: ['spec', ...path] }
    problems.push({ ...diagnostic('AP2121', { object, what }), place, ...(decisive && { decisive }) })
  }
  const rules = routes.flatMap(({ owner, route }): TrafficRule[] => {
    const path = [section, route.index]
    for (const field of route.others) foreign(owner, `${section}.${field}`, [...path, field])
    const strange = strangeConditions(route, path)
    for (const { what, at } of strange) foreign(owner, what, at, true)
    if (strange.length > 0) return []
    const backends = readBackends(route, { owner, port, services, clusterDomain }, foreign)
    const names = route.matches.flatMap(({ sniHosts }) => sniHosts)
    const matches = names.length === 0 ? [] : [{ sniHosts: names.map((name) => name.toLowerCase()) }]
    return [{ name: `${section}-${route.index}`, matches, backends }]
  })
  if (routes.length === 0) return undefined
  // Of TCP the first route takes everything.
  return { port, protocol: section, rules: section === 'tcp' ? rules.slice(0, 1) : withDistinctNames(rules) }
}

/** Conditions the model has no words for: on the client, and on addresses. */
function strangeConditions({ section, matches }: ConnectionRoute, path: FieldPath) {
  return matches.flatMap(({ index, sourceNamespace, hasSourceLabels, others }) => {
    const fields = [
      ...(hasSourceLabels ? ['sourceLabels'] : []),
      ...(sourceNamespace === undefined ? [] : ['sourceNamespace']),
      ...others,
    ]
    return fields.map((field) => ({ what: `${section}.match.${field}`, at: [...path, 'match', index, field] }))
  })
}

type PortsOf = (service: ServiceRef) => readonly number[] | undefined

interface Place {
  readonly owner: VirtualService
  readonly port: number
  readonly services: PortsOf
  readonly clusterDomain: string
}

function readBackends(
  { section, index, destinations: all }: ConnectionRoute,
  { owner, port, services, clusterDomain }: Place,
  foreign: Report,
): WeightedBackend[] {
  return all.map((destination, position) => {
    const path = [section, index, 'route', position]
    for (const field of destination.others) foreign(owner, `${section}.route.${field}`, [...path, field])
    const service = serviceOf(destination.host, owner.namespace, clusterDomain)
    if (service === undefined) foreign(owner, `the host ${destination.host}`, [...path, 'destination', 'host'], true)
    return {
      service: service ?? { namespace: '', name: destination.host },
      port: destination.port ?? impliedPort(service, port, services),
      // A weight means nothing to a destination that is alone, not even 0.
      weight: all.length === 1 ? 1 : destination.weight,
      ...(destination.subset !== undefined && { subset: destination.subset }),
    }
  })
}

/** Without a port it is the only one of the Service, else that of the listener (GetDestinationCluster). */
export function impliedPort(service: ServiceRef | undefined, port: number, services: PortsOf): number {
  const ports = service === undefined ? undefined : services(service)
  return ports?.length === 1 ? (ports[0] ?? port) : port
}
