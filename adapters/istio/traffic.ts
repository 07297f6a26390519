import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { cookiePattern } from '../../src/mesh/cookie-pattern.ts'
import { concernsEveryPort } from '../../src/mesh/every-port.ts'
import { fieldsOf } from '../../src/mesh/fields.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../../src/mesh/match.ts'
import { backendChanges } from '../../src/mesh/normal-backends.ts'
import { normalForm, withPolicies } from '../../src/mesh/normal-form.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'
import { quoteRegex } from '../../src/mesh/regex.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { serverNameRank } from '../../src/mesh/server-names.ts'
import { saidProtocol, serviceName } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { isRetryCondition } from '../../src/mesh/treatment.ts'
import { observeConnections, writeTcp, writeTls } from './connections.ts'
import { withDelegates } from './delegates.ts'
import { withoutEveryPort } from './every-port.ts'
import { hostOf, serviceOf } from './hosts.ts'
import { appliesTo, candidateVirtualServices, connectionRoutes } from './selection.ts'
import { observePolicies, translatePolicies } from './service-policies.ts'
import { readHeaders, readTreatment, writeHeaders, writeTreatment } from './treatment.ts'
import {
  type Destination,
  type HttpRoute,
  type MatchRequest,
  readVirtualServices,
  type VirtualService,
} from './virtual-service.ts'

/** What translation depends on besides the traffic. */
export interface IstioDialect {
  readonly apiVersion: string
  readonly clusterDomain: string
}

/**
 * One VirtualService, named as the apex and beside it, with the rules of all its ports: Istio takes one per host. TLS ports
 * have another one, whose routes do not compete with these. Before them what their hosts need.
 */
export function translate(traffic: ServiceTraffic, dialect: IstioDialect): KubeObject[] {
  const objects = write(traffic, dialect)
  if (!concernsEveryPort(traffic)) return objects
  return objects.map((object) => (object.kind === 'VirtualService' ? withoutEveryPort(object) : object))
}

function write(traffic: ServiceTraffic, { apiVersion, clusterDomain }: IstioDialect): KubeObject[] {
  const policies = translatePolicies(traffic, apiVersion, clusterDomain)
  if (traffic.ports.length === 0) return policies
  const { namespace, name } = traffic.service
  const spoken = traffic.ports.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'tls')
  const tcp = writeTcp(traffic, clusterDomain)
  const http = spoken.flatMap(({ port, rules }) =>
    rules.map((rule) => ({
      name: rule.name,
      match: rule.matches.length === 0 ? [{ port }] : rule.matches.flatMap((match) => matchRequests(match, port)),
      ...writeTreatment(rule, clusterDomain),
      ...(rule.redirect === undefined && {
        route: rule.backends.map((backend) => ({
          destination: {
            host: hostOf(backend.service, clusterDomain),
            ...(backend.subset !== undefined && { subset: backend.subset }),
            port: { number: backend.port },
          },
          weight: backend.weight,
          ...writeHeaders(backendChanges(backend)),
        })),
      }),
    })),
  )
  const tls = writeTls(traffic, { apiVersion, clusterDomain })
  if (http.length + tcp.length === 0) return [...policies, ...tls]
  return [
    ...policies,
    {
      apiVersion,
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: {
        hosts: [hostOf(traffic.service, clusterDomain)],
        ...(http.length > 0 && { http }),
        ...(tcp.length > 0 && { tcp }),
      },
    },
    ...tls,
  ]
}

/** Reads the VirtualService that Istio would follow for each port of the apex, whoever wrote it, with the routes of what it delegates to. */
export function observe(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): ObservedTraffic {
  const { objects: whole, original, missing } = withDelegates(objects, clusterDomain)
  const { traffic, problems } = observeWhole(whole, apex, services, clusterDomain)
  const candidates = candidateVirtualServices(readVirtualServices(objects), apex, clusterDomain)
  for (const { root, index } of missing) {
    const chosen = candidates.find(({ object }) => object === root)
    if (chosen !== undefined)
      reporter(chosen, problems)('a delegate that is not there', ['http', index, 'delegate'], true)
  }
  const placed = problems.map((one) => (one.place === undefined ? one : { ...one, place: original(one.place) }))
  return { traffic, problems: distinct(placed) }
}

function observeWhole(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): { readonly traffic: ObservedTraffic['traffic']; readonly problems: ObjectProblem[] } {
  const all = readVirtualServices(objects)
  const candidates = candidateVirtualServices(all, apex, clusterDomain)
  const mentioned = candidates.flatMap(({ http, tcp, tls }) =>
    [...http, ...tcp, ...tls].flatMap(({ matches }) => matches.flatMap(({ port }) => port ?? [])),
  )
  const ports = [...new Set([...(services.ports(apex) ?? []), ...mentioned])]
  const problems: ObjectProblem[] = []
  const spoken = (port: number) => spokenTo(candidates, port, services.application?.(apex, port))
  const connections = ports.flatMap((port) => {
    const section = spoken(port)
    if (section === 'http') return []
    const place = { apex, port, services: (service: ServiceRef) => services.ports(service) }
    return observeConnections(all, section, place, clusterDomain, problems) ?? []
  })
  const decisions = ports.flatMap((port) => {
    if (spoken(port) !== 'http') return []
    const [chosen, ...losers] = candidates.filter((candidate) => speaksOf(candidate, port))
    if (chosen === undefined) return []
    problems.push(...losers.map((loser) => overruled(loser, chosen, apex)))
    return [{ port, chosen }]
  })
  for (const chosen of candidates) {
    // What an overruled one says besides is of no consequence.
    if (ports.some((port) => speaksOf(chosen, port)) && !decisions.some((decision) => decision.chosen === chosen))
      continue
    const foreign = reporter(chosen, problems)
    for (const field of chosen.others) foreign(field, [field])
    for (const section of ['tcp', 'tls'] as const) {
      const about = ports.filter(
        (port) => connectionRoutes([chosen], section, { apex, port }, clusterDomain).length > 0,
      )
      // What HTTP is not would take another way than the rules for HTTP say.
      const torn = about.some((port) => spoken(port) === 'http' && services.application?.(apex, port) === undefined)
      const isIdle = !about.some((port) => spoken(port) === section)
      if (chosen[section].length > 0 && (torn || isIdle)) foreign(section, [section], torn || undefined)
    }
    const names = chosen.tls.flatMap(({ matches }) => matches.flatMap(({ sniHosts }) => sniHosts))
    for (const [index, host] of chosen.hosts.entries()) {
      // Server names have to be among the hosts.
      if (names.some((name) => serverNameRank([host], name) !== undefined)) continue
      if (serviceOf(host, chosen.namespace, clusterDomain) === undefined) foreign(`the host ${host}`, ['hosts', index])
    }
    if (chosen.gateways.some((gateway) => gateway !== 'mesh')) foreign('gateways', ['gateways'])
    if (chosen.exportTo.some((where) => where !== '*')) foreign('exportTo', ['exportTo'])
  }
  const observed = decisions.map(({ port, chosen }) => ({
    ...saidProtocol(apex, port, services),
    ...observePort(chosen, port, { apex, clusterDomain }, reporter(chosen, problems)),
  }))
  const routed = normalForm({ service: apex, ports: [...observed, ...connections] })
  const { policies, problems: unsaid } = observePolicies(objects, routed, services, clusterDomain)
  problems.push(...unsaid)
  const traffic = withPolicies(routed, policies)
  for (const { port, rules } of traffic.ports) {
    const chosen = decisions.find((decision) => decision.port === port)?.chosen
    if (chosen !== undefined && rules.at(-1)?.matches.length !== 0)
      problems.push({
        ...diagnostic('AP2123', { object: labelOf(chosen), port }),
        place: { object: chosen.object, path: ['spec', 'http'] },
      })
  }
  const isEmpty = traffic.ports.length === 0 && traffic.policies === undefined
  return { traffic: isEmpty ? undefined : traffic, problems }
}

/**
 * Which section Istio follows for a port. Where nobody says what it speaks, the proxy finds out: it is taken for what its rules are
 * about, for HTTP where those of several sections are.
 */
export function spokenTo(
  candidates: readonly VirtualService[],
  port: number,
  application: ReturnType<NonNullable<ServiceDirectory['application']>>,
): 'http' | 'tcp' | 'tls' {
  if (application === 'tcp' || application === 'tls') return application
  if (application !== undefined) return 'http'
  const sections = (['tls', 'tcp'] as const).filter((section) =>
    candidates.some((one) => one[section].some(({ matches }) => matches.some((match) => match.port === port))),
  )
  const named = candidates.some(({ http }) => http.some(({ matches }) => matches.some((match) => match.port === port)))
  const [section] = sections
  if (section !== undefined && !named) return section
  const isHttp = candidates.some((candidate) => speaksOf(candidate, port))
  return !isHttp && candidates.some(({ tcp }) => tcp.length > 0) ? 'tcp' : 'http'
}

/** Whether some sidecar has a route of it on this port. */
function speaksOf({ http }: VirtualService, port: number): boolean {
  return http.some(({ matches }) => matches.length === 0 || matches.some((match) => appliesTo(match, port)))
}

function overruled(loser: VirtualService, winner: VirtualService, apex: ServiceRef): ObjectProblem {
  const facts = { object: labelOf(loser), winner: labelOf(winner), apex: serviceName(apex) }
  return { ...diagnostic('AP2122', facts), place: { object: loser.object, path: ['spec', 'hosts'] } }
}

function reporter(chosen: VirtualService, problems: ObjectProblem[]): Report {
  return (what, path, decisive) => {
    const place = { object: chosen.object, path: ['spec', ...path] }
    problems.push({ ...diagnostic('AP2121', { object: labelOf(chosen), what }), place, ...(decisive && { decisive }) })
  }
}

function labelOf(virtualService: VirtualService): string {
  return `VirtualService ${serviceName(virtualService)}`
}

function matchRequests(match: HttpMatch, port: number): object[] {
  const { headers = [], cookies = [], queryParams = [] } = match
  const conditions = [
    ...headers
      .filter((header) => !('absent' in header))
      .map((header) => [header.name.toLowerCase(), headerString(header)]),
    ...cookies.map((cookie) => ['cookie', { regex: `^${cookiePattern(cookie)}$` }]),
  ]
  const without = headers.filter((header) => 'absent' in header).map(({ name }) => [name.toLowerCase(), {}])
  const shared = {
    ...(conditions.length > 0 && { headers: Object.fromEntries(conditions) }),
    ...(without.length > 0 && { withoutHeaders: Object.fromEntries(without) }),
    ...(queryParams.length > 0 && {
      queryParams: Object.fromEntries(queryParams.map((param) => [param.name, valueString(param)])),
    }),
    port,
  }
  const methods = match.methods?.map((exact) => ({ method: { exact } })) ?? [{}]
  return methods.flatMap((method) => uris(match.path).map((uri) => ({ ...uri, ...method, ...shared })))
}

/** Istio's own prefix goes by characters, so that a prefix by segments is the path itself and all below it. */
function uris(path: PathMatch | undefined): object[] {
  if (path === undefined) return [{}]
  if ('exact' in path) return [{ uri: { exact: path.exact } }]
  if ('prefixString' in path) return [{ uri: { prefix: path.prefixString } }]
  if ('regex' in path) return [{ uri: { regex: path.regex } }]
  const prefix = path.prefixPath.replace(/\/+$/, '')
  return prefix === '' ? [{ uri: { prefix: '/' } }] : [{ uri: { exact: prefix } }, { uri: { prefix: `${prefix}/` } }]
}

/** Presence is the empty match: istiod refuses the expression `*` that older documents show. */
function headerString(header: HeaderMatch): object {
  if ('exact' in header) return { exact: header.exact }
  if ('prefix' in header) return { prefix: header.prefix }
  return 'regex' in header ? { regex: header.regex } : {}
}

function valueString(value: ValueMatch): object {
  if ('exact' in value) return { exact: value.exact }
  return 'regex' in value ? { regex: value.regex } : {}
}

/** `decisive`: what is left out decides where requests go. */
type Report = (what: string, path: FieldPath, decisive?: true) => void

/** Fields in place of destinations. */
const answers = ['redirect', 'directResponse']

function observePort(
  virtualService: VirtualService,
  port: number,
  { apex, clusterDomain }: { readonly apex: ServiceRef; readonly clusterDomain: string },
  foreign: Report,
): PortTraffic {
  const rules = virtualService.http.flatMap((route): TrafficRule[] => {
    const here = route.matches.filter((match) => appliesTo(match, port))
    if (route.matches.length > 0 && here.length === 0) return []
    const path = ['http', route.index]
    const answer = plainAnswer(route)
    for (const field of route.others.filter(([first]) => answer === undefined || first !== 'directResponse'))
      foreign(`http.${field.join('.')}`, [...path, ...field], answers.includes(String(field[0])) || undefined)
    const matches = here.flatMap((match) => readMatch(match, [...path, 'match', match.index], foreign))
    if (here.length > 0 && matches.length === 0) return []
    const { namespace } = virtualService
    const { treatment, strange } = readTreatment(route.fields, port, { namespace, clusterDomain })
    for (const field of strange) foreign(field.what, [...path, ...field.path])
    if (answer !== undefined) {
      const backends = [{ service: apex, port, weight: 1 }]
      return [{ name: route.name, matches, backends, fault: { abort: { status: answer, percent: 100 } } }]
    }
    for (const condition of treatment.retries?.conditions ?? [])
      if (!isRetryCondition(condition)) foreign(`http.retries on ${condition}`, [...path, 'retries', 'retryOn'])
    const backends = readBackends(route, port, virtualService, clusterDomain, foreign)
    if (backends.length === 0 && treatment.redirect === undefined) return []
    return [{ name: route.name, matches, backends, ...treatment }]
  })
  return { port, rules }
}

/** The status of a route that answers every request itself, with nothing but that: it is an abort of all of them. */
function plainAnswer({ answer, fields }: HttpRoute): number | undefined {
  const { body } = fieldsOf(fields['directResponse'])
  return body === undefined && fields['headers'] === undefined ? answer : undefined
}

function readBackends(
  route: HttpRoute,
  port: number,
  { namespace }: VirtualService,
  clusterDomain: string,
  foreign: Report,
): WeightedBackend[] {
  const only = route.destinations.length === 1
  return route.destinations.map((destination: Destination, index) => {
    const path = ['http', route.index, 'route', index]
    for (const field of destination.others) foreign(`http.route.${field}`, [...path, field])
    const service = serviceOf(destination.host, namespace, clusterDomain)
    if (service === undefined) foreign(`the host ${destination.host}`, [...path, 'destination', 'host'], true)
    return {
      service: service ?? { namespace: '', name: destination.host },
      // Absent, it is the port of the listener, even for a Service with a single other port.
      port: destination.port ?? port,
      // A weight means nothing to a destination that is alone, not even 0.
      weight: only ? 1 : destination.weight,
      ...(destination.subset !== undefined && { subset: destination.subset }),
      ...backendChanges(readHeaders(destination.headers)),
    }
  })
}

/** Nothing when the model has no words for one of the conditions. */
function readMatch(match: MatchRequest, place: FieldPath, foreign: Report): HttpMatch[] {
  const conditions: [string, unknown, string?][] = [
    ['scheme', match.scheme],
    ['authority', match.authority],
    ['ignoreUriCase', match.ignoreUriCase],
    ['method', match.method && !('exact' in match.method), 'a method that is not exact'],
    [
      'withoutHeaders',
      [...match.withoutHeaders.values()].some((value) => !('present' in value)),
      'withoutHeaders with a value',
    ],
    ['sourceLabels', match.hasSourceLabels],
    ['sourceNamespace', match.sourceNamespace !== undefined],
    ['headers', [...match.headers.keys()].some(isSpecial), 'a header that is none'],
    ['withoutHeaders', [...match.withoutHeaders.keys()].some(isSpecial), 'a header that is none'],
  ]
  const strange = conditions.filter(([, isThere]) => isThere)
  for (const [field, , what = field] of strange) foreign(`match.${what}`, [...place, field], true)
  if (strange.length > 0) return []
  const headers: HeaderMatch[] = [
    ...[...match.headers].map(([name, value]) => ({ name, ...value })),
    ...[...match.withoutHeaders.keys()].map((name) => ({ name, absent: true as const })),
  ]
  const queryParams = [...match.queryParams].map(([name, value]): ValueMatch => {
    return 'prefix' in value ? { name, regex: `${quoteRegex(value.prefix)}.*` } : { name, ...value }
  })
  const path = readUri(match)
  return [
    {
      ...(path && { path }),
      ...(match.method && 'exact' in match.method && { methods: [match.method.exact] }),
      ...(headers.length > 0 && { headers }),
      ...(queryParams.length > 0 && { queryParams }),
    },
  ]
}

/** The first line of a request has such names in Envoy, as `:method`, and claims of a token in Istio, as `@request.auth.claims.sub`. */
function isSpecial(header: string): boolean {
  return header.startsWith(':') || header.startsWith('@')
}

function readUri({ uri }: MatchRequest): PathMatch | undefined {
  if (uri === undefined || 'present' in uri) return undefined
  return 'prefix' in uri ? { prefixString: uri.prefix } : uri
}

/** One problem shows up once, though a route is looked at once for each port. */
function distinct(problems: readonly ObjectProblem[]): ObjectProblem[] {
  const keyOf = ({ message, place }: ObjectProblem) => `${message} ${place?.path.join('/')}`
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}
