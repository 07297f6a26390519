import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { serverNamesOf, withDistinctNames } from '../../src/mesh/server-names.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { attachedConnectionRoutes, type ConnectionRoute, connectionRoutesOf } from './connection-route.ts'
import type { RouteDialect } from './dialect.ts'

/** `apiVersion` of each kind. */
export interface ConnectionVersions {
  readonly tcp: string
  readonly tls: string
}

/**
 * One TCPRoute for each TCP port, named `<apex>-<port>`; for each rule of a TLS port a TLSRoute, as it has room for one rule, named
 * `<apex>-<port>.<rule>`: the dot keeps it apart from those of other services. One without names, which v1alpha2 has, takes the rest.
 * A rule with several names has one for each, since of several in one route attached to a Service Istio drops those that are not the
 * Service's own (pilot/pkg/config/kube/gateway, compatibleRoutesForHost; seen on a real proxy).
 */
export function translateConnections({ service, ports }: ServiceTraffic, versions: ConnectionVersions): KubeObject[] {
  const tcp = ports.filter(({ protocol }) => protocol === 'tcp')
  const tls = ports.filter(({ protocol }) => protocol === 'tls')
  const nameOf = (port: number) => `${service.name}-${port}`
  return [
    ...tcp.flatMap(({ port, rules }) =>
      rules.map((rule) => {
        const about = { name: nameOf(port), kind: 'TCPRoute', apiVersion: versions.tcp }
        return routeFor(rule, service, port, about)
      }),
    ),
    ...tls.flatMap(({ port, rules }) =>
      withDistinctNames(rules).flatMap((rule) => {
        const names = serverNamesOf(rule)
        const parts = names.length === 0 ? [rule] : names.map((name) => ({ ...rule, matches: [{ sniHosts: [name] }] }))
        return parts.map((part, index) => {
          const name = [nameOf(port), rule.name, ...(index === 0 ? [] : [index + 1])].join('.')
          return routeFor(part, service, port, { name, kind: 'TLSRoute', apiVersion: versions.tls })
        })
      }),
    ),
  ]
}

function routeFor(
  rule: TrafficRule,
  { namespace, name: apex }: ServiceRef,
  port: number,
  { name, kind, apiVersion }: { readonly name: string; readonly kind: string; readonly apiVersion: string },
): KubeObject {
  const hostnames = serverNamesOf(rule)
  const backendRefs = rule.backends.map((backend) => ({
    name: backend.service.name,
    ...(backend.service.namespace !== namespace && { namespace: backend.service.namespace }),
    port: backend.port,
    weight: backend.weight,
  }))
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: apex, port }],
      ...(hostnames.length > 0 && { hostnames }),
      rules: [{ backendRefs }],
    },
  }
}

export interface ObservedConnections {
  readonly ports: readonly PortTraffic[]
  readonly problems: readonly ObjectProblem[]
}

/**
 * What is asked of the connections to the ports of the apex that are not in `httpPorts`: by TLSRoutes, else by TCPRoutes, where it is
 * not said to speak something else.
 */
export function observeConnections(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  dialect: RouteDialect,
  httpPorts: readonly number[],
): ObservedConnections {
  const problems: ObjectProblem[] = []
  const all = (['TLSRoute', 'TCPRoute'] as const).flatMap((kind) => connectionRoutesOf(kind, apex, objects))
  for (const route of all) {
    const foreign = reporter(route, problems)
    for (const field of route.others) foreign(field, [field])
    for (const index of route.otherParents) foreign('a parent that is no Service', ['parentRefs', index])
    for (const field of route.rules[0]?.others ?? []) foreign(`rules.${field}`, ['rules', 0, field])
    if (route.rules.length > 1) foreign('a second rule', ['rules', 1], true)
  }
  const named = all.flatMap(({ parents }) => parents.flatMap(({ port }) => port ?? []))
  const ports = [...new Set([...(services.ports(apex) ?? []), ...named])].flatMap((port): PortTraffic[] => {
    const place = { service: apex, port }
    const spoken = services.application?.(apex, port)
    const tls = spoken === 'tcp' ? [] : attachedConnectionRoutes('TLSRoute', place, objects)
    const tcp = attachedConnectionRoutes('TCPRoute', place, objects)
    const routes = tls.length > 0 ? tls : tcp.slice(0, 1)
    if (httpPorts.includes(port)) {
      for (const loser of [...tls, ...tcp]) problems.push(overruled(loser, `the HTTPRoutes of port ${port}`, apex))
      return []
    }
    const [first] = routes
    if (first === undefined) return []
    for (const loser of tls.length > 0 ? tcp : tcp.slice(1)) problems.push(overruled(loser, nameOf(first), apex))
    const rules = routes.flatMap((route) =>
      readRule(route, { port, apex, dialect, foreign: reporter(route, problems) }),
    )
    if (rules.length === 0) return []
    const protocol = tls.length > 0 || spoken === 'tls' ? 'tls' : 'tcp'
    return [
      {
        port,
        protocol,
        rules: [...withDistinctNames(rules.filter(isNamed)), ...rules.filter((rule) => !isNamed(rule)).slice(0, 1)],
      },
    ]
  })
  return { ports, problems }
}

function isNamed({ matches }: TrafficRule): boolean {
  return matches.length > 0
}

interface Reading {
  readonly port: number
  readonly apex: ServiceRef
  readonly dialect: RouteDialect
  readonly foreign: Report
}

function readRule(
  { name, hostnames, rules }: ConnectionRoute,
  { port, apex, dialect, foreign }: Reading,
): TrafficRule[] {
  const path = ['rules', 0, 'backendRefs']
  const backends = rules[0]?.backends ?? []
  for (const [index, { others }] of backends.entries())
    for (const field of others) foreign(`backendRefs.${field}`, [...path, index, field])
  const division = dialect.divide(backends)
  const matches = hostnames.length === 0 ? [] : [{ sniHosts: hostnames }]
  if (division === 'parent') return [{ name, matches, backends: [{ service: apex, port, weight: 1 }] }]
  if (typeof division === 'number') {
    foreign('a rule that refuses every connection', ['rules', 0], true)
    return []
  }
  const read = division.flatMap(({ service, port: own, weight }): WeightedBackend[] => {
    if (service !== undefined && own !== undefined) return [{ service, port: own, weight }]
    foreign('a backend that is not a port of a Service', path, true)
    return []
  })
  return read.length === 0 ? [] : [{ name, matches, backends: read }]
}

/** `decisive`: what is left out decides where connections go. */
type Report = (what: string, path: FieldPath, decisive?: true) => void

function reporter(route: ConnectionRoute, problems: ObjectProblem[]): Report {
  return (what, path, decisive) => {
    const place = { object: route.object, path: ['spec', ...path] }
    problems.push({ ...diagnostic('AP2121', { object: nameOf(route), what }), place, ...(decisive && { decisive }) })
  }
}

function overruled(loser: ConnectionRoute, winner: string, apex: ServiceRef): ObjectProblem {
  const facts = { object: nameOf(loser), winner, apex: serviceName(apex) }
  return { ...diagnostic('AP2122', facts), place: { object: loser.object, path: ['spec', 'parentRefs'] } }
}

function nameOf({ kind, namespace, name }: ConnectionRoute): string {
  return `${kind} ${serviceName({ namespace, name })}`
}
