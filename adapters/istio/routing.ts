import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach, type WeightedDestination, withChanges } from '../../src/mesh/decision.ts'
import { contestsHeaders } from '../../src/mesh/header-changes.ts'
import { stringHolds } from '../../src/mesh/http-match.ts'
import { matchesWhole, replaceAll } from '../../src/mesh/regex.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { serverNameRank } from '../../src/mesh/server-names.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { redirected, treated } from '../../src/mesh/treated-decision.ts'
import { routeByConnectionRoutes } from '../gateway-api/connection-routing.ts'
import { attachedRoutes, route as routeByHttpRoutes } from '../gateway-api/routing.ts'
import { specification } from '../gateway-api/specification.ts'
import { impliedPort } from './connections.ts'
import { withDelegates } from './delegates.ts'
import { subsetLabels } from './destination-rule.ts'
import { serviceOf } from './hosts.ts'
import { istioRoutes } from './http-routes.ts'
import { canonicalPath } from './path.ts'
import { appliesTo, candidateVirtualServices, connectionRoutes, namesLiterally } from './selection.ts'
import { spokenTo } from './traffic.ts'
import { type PathRewrite, type RouteTreatment, readHeaders, readTreatment } from './treatment.ts'
import {
  type Destination,
  type HttpRoute,
  type IstioMatch,
  type MatchRequest,
  readVirtualServices,
  type VirtualService,
} from './virtual-service.ts'

/** What a decision may depend on besides the request and its route. */
interface Surroundings {
  readonly services: ServiceDirectory
  readonly objects: readonly KubeObject[]
  readonly clusterDomain: string
}

/**
 * Fields of a route besides matches, destinations and treatment that are followed, that no request can tell from their absence, or
 * that are about which pods of a destination are tried.
 */
const followed = ['directResponse', 'statPrefix', 'retries.retryRemoteLocalities', 'retries.retryIgnorePreviousHosts']

/** Envoy's answer when the cluster of a destination does not exist (flag NC). */
const noCluster = 503

/**
 * Where a sidecar sends a request, by pilot's and Envoy's rules for VirtualServices (pilot/pkg/networking/core/route): the
 * first route that takes it, 404 when none does, and the Service itself when no VirtualService has a route for this port and client.
 * HTTPRoutes of the Service take the place of its VirtualService, whichever is older. Not followed: conditions on the labels of
 * clients, and what `unfollowed` names.
 */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  clusterDomain: string,
): RoutingDecision {
  const { objects: whole, original } = withDelegates(objects, clusterDomain)
  const decision = routeWhole(request, whole, services, clusterDomain)
  const { unfollowed } = decision
  return unfollowed === undefined ? decision : { ...decision, unfollowed: unfollowed.map(original) }
}

function routeWhole(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  clusterDomain: string,
): RoutingDecision {
  const apex = reach(request.service, request.port, services, noCluster)
  const all = readVirtualServices(objects)
  const isNamed = (one: VirtualService) =>
    request.protocol === undefined && namesLiterally(one, request, services, clusterDomain)
  const named = candidateVirtualServices(all, request.service, clusterDomain, clientOf(request), isNamed)
  // A host that is no Service is known by the rules for it alone.
  const candidates = 'status' in apex ? named.filter(isNamed) : named
  if ('status' in apex && candidates.length === 0) return decideOn(null, apex)
  const section = sectionFor(request, candidates, services)
  if (section === undefined)
    return decideOn(null, { status: 400, reason: 'the port speaks HTTP, and the client does not' })
  const surroundings = { services, objects, clusterDomain }
  if (section !== 'http') return routeConnection(request, all, section, surroundings) ?? decideOn(null, apex)
  if (attachedRoutes(request, objects, istioRoutes).length > 0)
    return routeByHttpRoutes(request, objects, services, istioRoutes)
  const chosen = candidates.find(({ http }) => http.some((one) => routeFor(one, request).length > 0))
  if (chosen === undefined) return decideOn(null, apex)
  const routes = chosen.http.flatMap((one) => routeFor(one, request))
  const canonical = { ...request, path: canonicalPath(request.path) }
  const taken = routes.find(({ matches }) => matches.length === 0 || matches.some((match) => holds(match, canonical)))
  const match = taken?.matches.find((one) => holds(one, canonical))
  if (taken === undefined)
    return decideOn(null, { status: 404, reason: 'no route of the VirtualService takes the request' })
  const read = readTreatment(taken.fields, request.port, { namespace: chosen.namespace, clusterDomain })
  const decision = treatedBy({ taken, match, read }, canonical, chosen, surroundings)
  const unfollowed = unfollowedFields(taken, chosen, read, request)
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

/** Undefined where the proxy refuses the client: it reads HTTP, as somebody said that the port speaks it. */
function sectionFor(
  { service, port, protocol }: MeshRequest,
  candidates: readonly VirtualService[],
  services: ServiceDirectory,
): 'http' | 'tcp' | 'tls' | undefined {
  const application = services.application?.(service, port)
  if (application === 'tcp' || application === 'tls') return application
  if (protocol === undefined) return 'http'
  if (application !== undefined) return undefined
  return spokenTo(candidates, port, undefined) === 'tls' ? 'tls' : 'tcp'
}

/** Undefined where no route is about the port: then the Service itself answers. */
function routeConnection(
  request: MeshRequest,
  all: readonly VirtualService[],
  section: 'tcp' | 'tls',
  surroundings: Surroundings,
): RoutingDecision | undefined {
  const { services, objects, clusterDomain } = surroundings
  const attached = routeByConnectionRoutes(request, section, objects, services, specification)
  const place = { apex: request.service, port: request.port, client: clientOf(request) }
  const routes = connectionRoutes(all, section, place, clusterDomain)
  if (routes.length === 0) return attached
  const ranked = routes.flatMap(({ owner, route }) => {
    const rank =
      section === 'tcp'
        ? 0
        : serverNameRank(
            route.matches.flatMap(({ sniHosts }) => sniHosts),
            request.sni,
          )
    return rank === undefined ? [] : [{ owner, route, rank }]
  })
  const [best] = ranked.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
  if (best === undefined) return decideOn(null, { status: noCluster, reason: 'no route takes that server name' })
  const { owner, route } = best
  const path = ['spec', section, route.index]
  const unfollowed = [
    ...route.others.map((field) => [...path, field]),
    ...route.matches.flatMap(({ index, others }) => others.map((field) => [...path, 'match', index, field])),
    ...route.destinations.flatMap(({ others }, index) => others.map((field) => [...path, 'route', index, field])),
    // Which of the two counts is not known.
    ...(attached === undefined ? [] : [path]),
  ].map((field): UnfollowedField => ({ object: owner.object, path: field }))
  const decision = divide(String(route.index), route.destinations, request, owner, surroundings, (service) =>
    impliedPort(service, request.port, (one) => services.ports(one)),
  )
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

interface TakenRoute {
  readonly taken: HttpRoute
  /** The match that holds; undefined for a route that takes everything. */
  readonly match: MatchRequest | undefined
  readonly read: RouteTreatment
}

/** An answer of the VirtualService itself is not tried again, copied or rewritten; faults come first. */
function treatedBy(
  { taken, match, read: { treatment, pathRewrite } }: TakenRoute,
  request: MeshRequest,
  chosen: VirtualService,
  surroundings: Surroundings,
): RoutingDecision {
  const { services } = surroundings
  const { redirect, fault, responseHeaders } = treatment
  if (redirect !== undefined) return redirected(taken.name, redirect, request, treatment)
  const decision = forward(taken, request, chosen, surroundings)
  if (taken.answer !== undefined)
    return treated(decision, { ...(fault && { fault }), ...(responseHeaders && { responseHeaders }) }, services)
  const path = pathRewrite && rewritten(pathRewrite, match, request.path)
  const rewrite = { ...treatment.rewrite, ...(path !== undefined && { path }) }
  return treated(decision, { ...treatment, rewrite }, services)
}

/** Fields that say what becomes of the request and that this file does not know; a policy for other origins is for requests that name one. */
function unfollowedFields(
  { others, destinations, index }: HttpRoute,
  { object }: VirtualService,
  { strange, treatment }: RouteTreatment,
  { headers }: MeshRequest,
): UnfollowedField[] {
  const path = ['spec', 'http', index]
  const known = headers['origin'] === undefined ? [...followed, 'corsPolicy'] : followed
  const own = others.filter((field) => !known.includes(field.join('.')))
  const ofTreatment = strange.filter(({ routed }) => routed !== true).map((field) => field.path)
  const ofDestinations = destinations.flatMap((destination, position) =>
    [...destination.others, ...(contestsHeaders(treatment, readHeaders(destination.headers)) ? ['headers'] : [])].map(
      (field) => ['route', position, field],
    ),
  )
  return [...own, ...ofTreatment, ...ofDestinations].map((field) => ({ object, path: [...path, ...field] }))
}

function clientOf(request: MeshRequest): string {
  return request.from ?? request.service.namespace
}

/** The part of a route that pilot keeps for this port and client. */
function routeFor(one: HttpRoute, request: MeshRequest): HttpRoute[] {
  if (one.matches.length === 0) return [one]
  const matches = one.matches.filter((match) => appliesTo(match, request.port, clientOf(request)))
  return matches.length === 0 ? [] : [{ ...one, matches }]
}

function forward(
  taken: HttpRoute,
  request: MeshRequest,
  owner: VirtualService,
  surroundings: Surroundings,
): RoutingDecision {
  if (taken.answer !== undefined)
    return decideOn(taken.name, { status: taken.answer, reason: 'the VirtualService answers itself' })
  return divide(taken.name, taken.destinations, request, owner, surroundings, () => request.port)
}

/** `portOf`: the port of a destination that names none. */
function divide(
  name: string,
  destinations: readonly Destination[],
  request: MeshRequest,
  owner: VirtualService,
  { services, objects, clusterDomain }: Surroundings,
  portOf: (service: ServiceRef) => number,
): RoutingDecision {
  const only = destinations.length === 1
  const ways = destinations.map((destination: Destination): WeightedDestination => {
    const weight = only ? 1 : destination.weight
    const service = serviceOf(destination.host, owner.namespace, clusterDomain)
    if (service === undefined)
      return { weight, to: { status: noCluster, reason: `there is no host ${destination.host}` } }
    const to = reach(service, destination.port ?? portOf(service), services, noCluster)
    const { subset } = destination
    const changed = withChanges(to, readHeaders(destination.headers))
    if (subset === undefined || 'status' in changed) return { weight, to: changed }
    if (subsetLabels(objects, service, subset, clientOf(request), clusterDomain) === undefined)
      return {
        weight,
        to: { status: noCluster, reason: `no DestinationRule defines ${subset} of ${destination.host}` },
      }
    return { weight, to: { ...changed, subset } }
  })
  // istiod's webhook refuses a total of zero; an object that is stored all the same has no cluster to choose.
  if (ways.every(({ weight }) => weight <= 0))
    return decideOn(name, { status: noCluster, reason: 'total destination weight = 0' })
  return decide(name, ways)
}

/** The path that the backend gets: `uri` takes the place of what was matched, of the `/` where no path was asked for. */
function rewritten(rewrite: PathRewrite, match: MatchRequest | undefined, path: string): string {
  if ('match' in rewrite) return replaceAll(rewrite.match, path, rewrite.rewrite)
  const uri = match?.uri ?? { prefix: '/' }
  return 'prefix' in uri ? rewrite.uri + path.slice(uri.prefix.length) : rewrite.uri
}

function holds(match: MatchRequest, request: MeshRequest): boolean {
  return (
    uriHolds(match, request.path) &&
    valueHolds(match.method, request.method) &&
    valueHolds(match.scheme, 'http') &&
    valueHolds(match.authority, request.headers['host'] ?? request.service.name) &&
    [...match.headers].every(([name, condition]) => valueHolds(condition, headerOf(request, name))) &&
    [...match.withoutHeaders].every(([name, condition]) => !withoutHolds(condition, headerOf(request, name))) &&
    [...match.queryParams].every(([name, condition]) => valueHolds(condition, request.query[name]))
  )
}

/** Envoy has the first line of a request among its headers, under the names that HTTP/2 gives them. */
function headerOf({ method, path, search, headers }: MeshRequest, name: string): string | undefined {
  const lines: Readonly<Record<string, string | undefined>> = {
    ':method': method,
    ':path': search === undefined ? path : `${path}?${search}`,
    ':authority': headers['host'],
    ':scheme': 'http',
  }
  const lower = name.toLowerCase()
  return Object.hasOwn(lines, lower) ? lines[lower] : headers[lower]
}

/** `ignoreUriCase` has no influence on expressions. */
function uriHolds({ uri, ignoreUriCase }: MatchRequest, path: string): boolean {
  if (uri === undefined || 'present' in uri) return true
  if ('regex' in uri) return matchesWhole(uri.regex, path)
  if (!ignoreUriCase) return stringHolds(uri, path)
  const lower = 'exact' in uri ? { exact: uri.exact.toLowerCase() } : { prefix: uri.prefix.toLowerCase() }
  return stringHolds(lower, path.toLowerCase())
}

function valueHolds(condition: IstioMatch | undefined, value: string | undefined): boolean {
  if (condition === undefined) return true
  if (value === undefined) return false
  return 'present' in condition || stringHolds(condition, value)
}

/** A header that is not there counts as an empty value, except where presence itself is asked for. */
function withoutHolds(condition: IstioMatch, value: string | undefined): boolean {
  return 'present' in condition ? value !== undefined : stringHolds(condition, value ?? '')
}
