import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { cookiePattern } from '../../src/mesh/cookie-pattern.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../../src/mesh/match.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { quoteRegex } from '../../src/mesh/regex.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { isRetryCondition } from '../../src/mesh/treatment.ts'
import { hostOf, serviceOf } from './hosts.ts'
import { appliesTo, chooseVirtualService } from './selection.ts'
import { readTreatment, writeTreatment } from './treatment.ts'
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

/** One VirtualService, named as the apex and beside it, with the rules of all its ports: Istio takes one per host. */
export function translate(traffic: ServiceTraffic, { apiVersion, clusterDomain }: IstioDialect): KubeObject[] {
  if (traffic.ports.length === 0) return []
  const { namespace, name } = traffic.service
  const http = traffic.ports.flatMap(({ port, rules }) =>
    rules.map((rule) => ({
      name: rule.name,
      match: rule.matches.length === 0 ? [{ port }] : rule.matches.flatMap((match) => matchRequests(match, port)),
      ...writeTreatment(rule, clusterDomain),
      ...(rule.redirect === undefined && {
        route: rule.backends.map((backend) => ({
          destination: { host: hostOf(backend.service, clusterDomain), port: { number: backend.port } },
          weight: backend.weight,
        })),
      }),
    })),
  )
  return [
    {
      apiVersion,
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: { hosts: [hostOf(traffic.service, clusterDomain)], http },
    },
  ]
}

/** Reads the VirtualService that Istio would follow for the apex, whoever wrote it. */
export function observe(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): ObservedTraffic {
  const { chosen, losers } = chooseVirtualService(readVirtualServices(objects), apex, clusterDomain)
  if (chosen === undefined) return { traffic: undefined, problems: [] }
  const label = `VirtualService ${serviceName(chosen)}`
  const problems: Diagnostic[] = losers.map((loser) =>
    diagnostic('AP2122', { object: `VirtualService ${serviceName(loser)}`, winner: label, apex: serviceName(apex) }),
  )
  const foreign = (what: string) => problems.push(diagnostic('AP2121', { object: label, what }))
  for (const field of chosen.others) foreign(field)
  const mentioned = chosen.http.flatMap(({ matches }) => matches.flatMap(({ port }) => port ?? []))
  const ports = [...new Set([...(services.ports(apex) ?? []), ...mentioned])]
  const observed = ports.map((port) => observePort(chosen, port, apex, clusterDomain, foreign))
  const traffic = normalForm({ service: apex, ports: observed })
  for (const { port, rules } of traffic.ports) {
    if (rules.at(-1)?.matches.length !== 0) problems.push(diagnostic('AP2123', { object: label, port }))
  }
  return { traffic: traffic.ports.length === 0 ? undefined : traffic, problems: distinct(problems) }
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

type Report = (what: string) => void

function observePort(
  virtualService: VirtualService,
  port: number,
  apex: ServiceRef,
  clusterDomain: string,
  foreign: Report,
): PortTraffic {
  const rules = virtualService.http.flatMap((route): TrafficRule[] => {
    const here = route.matches.filter((match) => appliesTo(match, port, apex.namespace))
    if (route.matches.length > 0 && here.length === 0) return []
    for (const field of route.others) foreign(`http.${field}`)
    const matches = here.flatMap((match) => readMatch(match, foreign))
    if (here.length > 0 && matches.length === 0) return []
    const { namespace } = virtualService
    const { treatment, strange } = readTreatment(route.fields, port, { namespace, clusterDomain })
    for (const what of strange) foreign(what)
    for (const condition of treatment.retries?.conditions ?? [])
      if (!isRetryCondition(condition)) foreign(`http.retries on ${condition}`)
    const backends = readBackends(route, port, virtualService, clusterDomain, foreign)
    if (backends.length === 0 && treatment.redirect === undefined) return []
    return [{ name: route.name, matches, backends, ...treatment }]
  })
  return { port, rules }
}

function readBackends(
  route: HttpRoute,
  port: number,
  { namespace }: VirtualService,
  clusterDomain: string,
  foreign: Report,
): WeightedBackend[] {
  const only = route.destinations.length === 1
  return route.destinations.map((destination: Destination) => {
    if (destination.subset !== undefined) foreign(`the subset ${destination.subset} of ${destination.host}`)
    const service = serviceOf(destination.host, namespace, clusterDomain)
    if (service === undefined) foreign(`the host ${destination.host}`)
    return {
      service: service ?? { namespace: '', name: destination.host },
      // Absent, it is the port of the listener, even for a Service with a single other port.
      port: destination.port ?? port,
      // A weight means nothing to a destination that is alone, not even 0.
      weight: only ? 1 : destination.weight,
    }
  })
}

/** Nothing when the model has no words for one of the conditions. */
function readMatch(match: MatchRequest, foreign: Report): HttpMatch[] {
  const strange = [
    match.scheme && 'scheme',
    match.authority && 'authority',
    match.ignoreUriCase && 'ignoreUriCase',
    match.method && !('exact' in match.method) && 'a method that is not exact',
    [...match.withoutHeaders.values()].some((value) => !('present' in value)) && 'withoutHeaders with a value',
    match.hasSourceLabels && 'sourceLabels',
    match.sourceNamespace !== undefined && 'sourceNamespace',
  ].filter((what) => typeof what === 'string')
  for (const what of strange) foreign(`match.${what}`)
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

function readUri({ uri }: MatchRequest): PathMatch | undefined {
  if (uri === undefined || 'present' in uri) return undefined
  return 'prefix' in uri ? { prefixString: uri.prefix } : uri
}

function distinct(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}
