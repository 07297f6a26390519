import type { KubeObject } from '../../src/kube/object.ts'
import { type Destination, decide, decideOn, reach } from '../../src/mesh/decision.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import { withPrefix } from '../../src/mesh/route-filters.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { spokenOn } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { redirected, treated } from '../../src/mesh/treated-decision.ts'
import { withFaultInjections } from './fault-injection.ts'
import { readFilters } from './filters.ts'
import { routeMatchHolds } from './matches.ts'
import { type BackendRef, type RouteMatch, type RouteRule, type RouteTo, routesTo } from './mesh-http-route.ts'
import { rankOf } from './order.ts'
import { attemptsOver, hasSay, readPolicies, readWidePolicies } from './policies.ts'
import { systemNamespace } from './selection.ts'
import { portOf } from './target.ts'

/** What Envoy answers where there is nobody to send a request to. */
const unreachable = 503

interface Candidate {
  readonly to: RouteTo
  readonly rule: RouteRule
  readonly match: RouteMatch
}

/**
 * Where a caller's proxy sends a request: by the most specific match of the MeshHTTPRoute beside the Service, or where there is none by that of
 * the caller's namespace, and what no rule takes to the Service itself. Backends that have no weight or do not exist are left out, and a rule that is left with none is
 * left out as a whole (kuma.io, MeshHTTPRoute). Connections to a TCP port go by the MeshTCPRoute.
 */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
): RoutingDecision {
  const { service, port, from = service.namespace } = request
  const apex = reach(service, port, services, unreachable)
  if ('status' in apex) return decideOn(null, apex)
  const isHere = ({ target }: RouteTo) => [port, 'all', undefined].includes(portOf(target, services))
  const isProducer = ({ object }: RouteTo) => (object.metadata.namespace ?? 'default') === service.namespace
  const spoken = spokenOn(service, port, services) ?? request.protocol
  const connections = routesTo(service, objects, 'MeshTCPRoute')
    .filter(isHere)
    .filter((one) => isProducer(one) || isFor(one, from))
  const [forPort, ...besides] = connections.filter(isProducer)
  if (spoken === 'tcp')
    return routeConnection(forPort, [...besides, ...connections.filter((one) => !isProducer(one))], request, {
      apex,
      objects,
      services,
    })
  // Whether a MeshTCPRoute counts for a port that says it speaks TLS, or HTTP, the API does not say.
  if (spoken === 'tls') return withUnfollowed(decideOn(null, apex), connections)
  const about = routesTo(service, objects).filter(isHere)
  const producers = about.filter(isProducer)
  const consumers = about.filter((one) => !isProducer(one) && isFor(one, from))
  // How the rules of both are put together, the API does not say.
  const [followed, ...rivals] = producers.length > 0 ? producers : consumers
  const unread = [...connections, ...rivals, ...(producers.length > 0 ? consumers : [])]
  const candidates = (followed === undefined ? [] : [followed])
    .flatMap((to) => to.rules.map((rule) => ({ to, rule })))
    .filter(({ rule }) => isAlive(rule, service, port, services))
    .flatMap(({ to, rule }) => rule.matches.map((match) => ({ to, rule, match })))
    .filter(({ match }) => routeMatchHolds(match, request))
  const best = candidates.reduce<Candidate | undefined>(
    (first, other) =>
      first === undefined || compareRanks(rankOf(other.match), rankOf(first.match)) < 0 ? other : first,
    undefined,
  )
  const own = readPolicies(service, port, objects, services)
  const wide = readWidePolicies(from, objects)
  const attempts = attemptsOver(wide.attempts, own.attempts)
  const isCall =
    services.application?.(service, port) === 'grpc' || request.headers['content-type'] === 'application/grpc'
  const strange = [...wide.strange, ...own.strange].filter((field) => hasSay(field, isCall))
  const unfollowed: UnfollowedField[] = [
    ...unread.map(({ object, path }) => ({ object, path })),
    ...(followed ? uncertain(followed, services) : []),
    ...rivalExpressions(candidates),
    ...strange.map(({ object, path }) => ({ object, path })),
    ...(best === undefined ? [] : strangeFilters(best, port)),
  ]
  const decision = withUnfollowed(decisionOf(best, request, attempts, apex, services), unfollowed)
  return withFaultInjections(decision, objects, services)
}

/** A connection goes by the MeshTCPRoute, else to the Service itself. What Kuma does where no backend is left, the API does not say. */
function routeConnection(
  followed: RouteTo | undefined,
  unread: readonly RouteTo[],
  { service, port }: MeshRequest,
  { apex, objects, services }: { apex: Destination; objects: readonly KubeObject[]; services: ServiceDirectory },
): RoutingDecision {
  const backends = followed?.rules[0]?.backends
  const ways = backends === undefined ? [] : alive(backends, services)
  const { strange } = readPolicies(service, port, objects, services)
  const unfollowed = [
    ...unread,
    ...(followed ? uncertain(followed, services) : []),
    ...strange,
    ...(followed && backends !== undefined && ways.length === 0 ? [followed] : []),
  ]
  const rule = followed?.rules[0] === undefined ? null : '0'
  return withUnfollowed(ways.length === 0 ? decideOn(rule, apex) : decide(rule, ways), unfollowed)
}

function withUnfollowed(decision: RoutingDecision, fields: readonly UnfollowedField[]): RoutingDecision {
  const unfollowed = fields.map(({ object, path }) => ({ object, path }))
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

/** A route of another namespace is for the callers there; one of the control plane's is for everyone. */
function isFor({ object }: RouteTo, client: string): boolean {
  return [client, systemNamespace].includes(object.metadata.namespace ?? 'default')
}

/** Targets of which nothing tells whether they take this request. */
function uncertain({ object, path, target, isPartial }: RouteTo, services: ServiceDirectory): UnfollowedField[] {
  return [
    ...(isPartial ? [{ object, path: ['spec', 'targetRef'] }] : []),
    ...(portOf(target, services) === undefined ? [{ object, path: [...path, 'targetRef', 'sectionName'] }] : []),
  ]
}

function strangeFilters({ to, rule }: Candidate, port: number): UnfollowedField[] {
  const { strange } = readFilters(rule.filters, port, to.target.service.namespace)
  return strange
    .filter(({ routed }) => routed !== true)
    .map(({ path }) => ({ object: to.object, path: [...rule.path, ...path] }))
}

/** How an expression for the path ranks beside a prefix, the API does not say. */
function rivalExpressions(candidates: readonly Candidate[]): UnfollowedField[] {
  const exact = candidates.some(({ match }) => match.path.type === 'Exact')
  const rules = new Set(candidates.map(({ rule }) => rule))
  if (exact || rules.size < 2) return []
  return candidates
    .filter(({ match }) => match.path.type === 'RegularExpression')
    .map(({ to, rule }) => ({ object: to.object, path: [...rule.path, 'matches'] }))
}

function isAlive(rule: RouteRule, service: ServiceRef, port: number, services: ServiceDirectory): boolean {
  const { treatment } = readFilters(rule.filters, port, service.namespace)
  if (treatment.redirect !== undefined || rule.backends === undefined) return true
  return alive(rule.backends, services).length > 0
}

function alive(backends: readonly BackendRef[], services: ServiceDirectory): { to: Destination; weight: number }[] {
  return backends.flatMap(({ service, port, weight }) => {
    if (service === undefined || port === undefined || weight <= 0) return []
    const to = reach(service, port, services, unreachable)
    return 'service' in to ? [{ to, weight }] : []
  })
}

function decisionOf(
  best: Candidate | undefined,
  request: MeshRequest,
  attempts: ReturnType<typeof readPolicies>['attempts'],
  apex: Destination,
  services: ServiceDirectory,
): RoutingDecision {
  if (best === undefined) return treated(decideOn(null, apex), attempts, services)
  const name = String(best.rule.index)
  const { treatment, newPrefix } = readFilters(best.rule.filters, request.port, request.service.namespace)
  const prefixed = newPrefix !== undefined && { path: withPrefix(request.path, best.match.path.value, newPrefix) }
  if (treatment.redirect !== undefined) return redirected(name, { ...treatment.redirect, ...prefixed }, request)
  const { backends } = best.rule
  const divided = backends === undefined ? decideOn(name, apex) : decide(name, alive(backends, services))
  const rewrite = { ...treatment.rewrite, ...prefixed }
  return treated(divided, { ...treatment, rewrite, ...attempts }, services)
}
