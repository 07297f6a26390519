import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach, type WeightedDestination, withChanges } from '../../src/mesh/decision.ts'
import { contestsHeaders } from '../../src/mesh/header-changes.ts'
import { stringHolds } from '../../src/mesh/http-match.ts'
import { matchesWhole, replaceAll } from '../../src/mesh/regex.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { redirected, treated } from '../../src/mesh/treated-decision.ts'
import { attachedRoutes, route as routeByHttpRoutes } from '../gateway-api/routing.ts'
import { specification } from '../gateway-api/specification.ts'
import { subsetLabels } from './destination-rule.ts'
import { serviceOf } from './hosts.ts'
import { canonicalPath } from './path.ts'
import { appliesTo, candidateVirtualServices } from './selection.ts'
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
  const apex = reach(request.service, request.port, services, noCluster)
  if ('status' in apex) return decideOn(null, apex)
  if (attachedRoutes(request, objects, specification).length > 0)
    return routeByHttpRoutes(request, objects, services, specification)
  const candidates = candidateVirtualServices(
    readVirtualServices(objects),
    request.service,
    clusterDomain,
    clientOf(request),
  )
  const chosen = candidates.find(({ http }) => http.some((one) => routeFor(one, request).length > 0))
  if (chosen === undefined) return decideOn(null, apex)
  const routes = chosen.http.flatMap((one) => routeFor(one, request))
  const canonical = { ...request, path: canonicalPath(request.path) }
  const taken = routes.find(({ matches }) => matches.length === 0 || matches.some((match) => holds(match, canonical)))
  const match = taken?.matches.find((one) => holds(one, canonical))
  if (taken === undefined)
    return decideOn(null, { status: 404, reason: 'no route of the VirtualService takes the request' })
  const read = readTreatment(taken.fields, request.port, { namespace: chosen.namespace, clusterDomain })
  const surroundings = { services, objects, clusterDomain }
  const decision = treatedBy({ taken, match, read }, canonical, chosen, surroundings)
  const unfollowed = unfollowedFields(taken, chosen, read)
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
  if (redirect !== undefined) return redirected(taken.name, redirect, request)
  const decision = forward(taken, request, chosen, surroundings)
  if (taken.answer !== undefined)
    return treated(decision, { ...(fault && { fault }), ...(responseHeaders && { responseHeaders }) }, services)
  const path = pathRewrite && rewritten(pathRewrite, match, request.path)
  const rewrite = { ...treatment.rewrite, ...(path !== undefined && { path }) }
  return treated(decision, { ...treatment, rewrite }, services)
}

/** Fields that say what becomes of the request and that this file does not know. */
function unfollowedFields(
  { others, destinations, index }: HttpRoute,
  { object }: VirtualService,
  { strange, treatment }: RouteTreatment,
): UnfollowedField[] {
  const path = ['spec', 'http', index]
  const own = others.filter((field) => !followed.includes(field.join('.')))
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
  { services, objects, clusterDomain }: Surroundings,
): RoutingDecision {
  if (taken.answer !== undefined)
    return decideOn(taken.name, { status: taken.answer, reason: 'the VirtualService answers itself' })
  const only = taken.destinations.length === 1
  const ways = taken.destinations.map((destination: Destination): WeightedDestination => {
    const weight = only ? 1 : destination.weight
    const service = serviceOf(destination.host, owner.namespace, clusterDomain)
    if (service === undefined)
      return { weight, to: { status: noCluster, reason: `there is no host ${destination.host}` } }
    const to = reach(service, destination.port ?? request.port, services, noCluster)
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
    return decideOn(taken.name, { status: noCluster, reason: 'total destination weight = 0' })
  return decide(taken.name, ways)
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
    [...match.headers].every(([name, condition]) => valueHolds(condition, request.headers[name.toLowerCase()])) &&
    [...match.withoutHeaders].every(
      ([name, condition]) => !withoutHolds(condition, request.headers[name.toLowerCase()]),
    ) &&
    [...match.queryParams].every(([name, condition]) => valueHolds(condition, request.query[name]))
  )
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
