import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { decideOn, reach } from '../../src/mesh/decision.ts'
import { type Fields, fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { withPolicies } from '../../src/mesh/normal-form.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from '../../src/mesh/routing.ts'
import { serviceName, spokenOn } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { treated } from '../../src/mesh/treated-decision.ts'
import { routesOf } from '../gateway-api/http-route.ts'
import { attachedRoutes, route as routeByHttpRoutes } from '../gateway-api/routing.ts'
import { observe as observeHttpRoutes } from '../gateway-api/traffic.ts'
import { failureAccrual, observeBreaker } from './failure-accrual.ts'
import { policyRoute } from './reading.ts'
import { linkerdRoutes } from './routes.ts'
import { serviceAnnotations, withAttempts, withServiceDefaults } from './service-annotations.ts'
import { observeProfile, profileOf, routeByProfile } from './service-profile.ts'

/** Reads what Linkerd follows for the apex: its ServiceProfile, otherwise its routes and the annotations of the Service. */
export function observe(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): ObservedTraffic {
  const routes = asHttpRoutes(objects)
  const profile = profileOf(apex, objects, clusterDomain)
  const { breaker, problems: unsaid } = observeBreaker(objects, apex)
  const annotated = serviceAnnotations(apex, objects)
  if (profile === undefined) {
    const routed = withOriginals(observeHttpRoutes(routes, apex, services, linkerdRoutes), objects, routes)
    const ports = withAttempts(routed.traffic?.ports ?? [], apex, services, annotated)
    const isSilent = ports.length === 0 && breaker === undefined
    const traffic = isSilent ? undefined : withPolicies({ service: apex, ports }, breaker && { breaker })
    return { traffic, problems: [...routed.problems, ...unsaid, ...annotated.unread] }
  }
  const winner = `ServiceProfile ${serviceName({ namespace: profile.metadata.namespace ?? 'default', name: profile.metadata.name })}`
  const overridden = routesOf(apex, routes).map((route): ObjectProblem => {
    const facts = { object: `${route.kind} ${serviceName(route)}`, winner, apex: serviceName(apex) }
    const object = objects[routes.indexOf(route.object)] ?? route.object
    return { ...diagnostic('AP2122', facts), place: { object, path: ['spec', 'parentRefs'] } }
  })
  const { timeout, retries } = annotated.defaults
  for (const annotation of [
    ...(breaker === undefined ? [] : [failureAccrual]),
    ...(timeout === undefined ? [] : ['timeout.linkerd.io/request']),
    ...(retries === undefined ? [] : ['retry.linkerd.io/http']),
  ]) {
    const facts = { object: `the annotation ${annotation} of ${serviceName(apex)}`, winner, apex: serviceName(apex) }
    overridden.push(diagnostic('AP2122', facts))
  }
  const { traffic, problems } = observeProfile(profile, apex, services, clusterDomain)
  return { traffic, problems: [...overridden, ...problems] }
}

/** Where Linkerd's proxy sends a request: by the ServiceProfile of the Service, otherwise by its routes. */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  clusterDomain: string,
): RoutingDecision {
  const apex = reach(request.service, request.port, services, 503)
  if ('status' in apex) return decideOn(null, apex)
  const profile = profileOf(request.service, objects, clusterDomain, request.from)
  if (profile !== undefined) return routeByProfile(profile, request, services, clusterDomain)
  const routes = asHttpRoutes(objects)
  const ofService = serviceAnnotations(request.service, objects)
  const dialect = withServiceDefaults(ofService)
  const { unfollowed = [], ...decided } = routeByHttpRoutes(request, routes, services, dialect)
  const isRouted = attachedRoutes(request, routes, dialect).length > 0
  const spoken = request.protocol ?? spokenOn(request.service, request.port, services)
  const decision = isRouted || spoken !== undefined ? decided : treated(decided, ofService.defaults, services)
  const others = spoken === undefined ? ofService.unfollowed : []
  if (unfollowed.length + others.length === 0) return decision
  const originals = unfollowed.map((field) => ({
    ...field,
    object: objects[routes.indexOf(field.object)] ?? field.object,
  }))
  return { ...decision, unfollowed: [...originals, ...others] }
}

/** Linkerd's own HTTPRoutes have the fields of the Gateway API's, and count alike. In the order given. */
function asHttpRoutes(objects: readonly KubeObject[]): KubeObject[] {
  return objects.map((object) => (groupKind(object) === policyRoute ? asHttpRoute(object) : object))
}

/**
 * Of its own kind Linkerd takes changes to responses for changes to requests, where they stand in a rule (policy-controller,
 * outbound index, convert_linkerd_filter).
 */
function asHttpRoute(object: KubeObject): KubeObject {
  const spec = fieldsOf(object.spec)
  const misread = (filter: Fields): Fields => {
    const { type, responseHeaderModifier, ...others } = filter
    if (type !== 'ResponseHeaderModifier') return filter
    return { ...others, type: 'RequestHeaderModifier', requestHeaderModifier: responseHeaderModifier }
  }
  const rules = listOf(spec['rules']).map((rule) => {
    const { filters, ...others } = fieldsOf(rule)
    return filters === undefined ? others : { ...others, filters: listOf(filters).map(fieldsOf).map(misread) }
  })
  const apiVersion = 'gateway.networking.k8s.io/v1'
  return { ...object, apiVersion, spec: spec['rules'] === undefined ? spec : { ...spec, rules } }
}

function withOriginals(
  { traffic, problems }: ObservedTraffic,
  objects: readonly KubeObject[],
  routes: readonly KubeObject[],
): ObservedTraffic {
  const original = (problem: ObjectProblem): ObjectProblem => {
    if (problem.place === undefined) return problem
    const object = objects[routes.indexOf(problem.place.object)] ?? problem.place.object
    return { ...problem, place: { ...problem.place, object } }
  }
  return { traffic, problems: problems.map(original) }
}
