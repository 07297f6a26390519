import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter, MeshProvider, ObservedTraffic } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { namespaceKind, serviceKind } from '../../src/mesh/core-kinds.ts'
import { decideOn, reach } from '../../src/mesh/decision.ts'
import { withPolicies } from '../../src/mesh/normal-form.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { acceptanceOf } from '../gateway-api/acceptance.ts'
import { besideHttpRoute, gatewayRoutes, isGatewayRoute, routeClaims } from '../gateway-api/claims.ts'
import { routeForms } from '../gateway-api/route-forms.ts'
import { route as routeByRoutes } from '../gateway-api/routing.ts'
import { observe } from '../gateway-api/traffic.ts'
import { virtualServiceClaims, virtualServices } from '../istio/claims.ts'
import { istioRoutes } from '../istio/http-routes.ts'
import { istioQueries } from '../istio/metrics.ts'
import { observeMtls, translateMtls } from '../istio/mtls.ts'
import { observePolicies, policyConflicts, translatePolicies } from '../istio/service-policies.ts'
import { ambientAccessProblems, translateAmbientAccess } from './access.ts'
import { decideAmbientCall } from './access-decision.ts'
import { observeAmbientAccess } from './access-reading.ts'
import { capabilities } from './capabilities.ts'
import { enrollment, waypointProblems } from './enrollment.ts'
import { istioAmbientReading } from './reading.ts'

const name = 'istio-ambient'
const security = 'security.istio.io'
const networking = 'networking.istio.io'
/** Waypoints are Gateways. */
const gatewayKind: Kind = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'Gateway',
  plural: 'gateways',
  namespaced: true,
}

/** Istio without sidecars, by routes of the Gateway API, which the waypoint of a Service follows. */
export const istioAmbientProvider: MeshProvider = {
  name,
  description: 'Istio in ambient mode: one HTTPRoute, GRPCRoute or TCPRoute per port of a service, for its waypoint',
  create(context): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion(name, security, ['v1', 'v1beta1'], context)
    const securityVersion = `${security}/${version}`
    // As for sidecars: an Istio with only the older version may not know `serviceAccounts`.
    const trustDomain = version === 'v1' ? undefined : (context.trustDomain ?? clusterDomain)
    const rules = chooseVersion(name, networking, ['v1', 'v1beta1', 'v1alpha3'], context)
    const { kinds, translate, ...forms } = routeForms(name, capabilities, context)
    return {
      ...forms,
      name,
      kinds: [istioKind(networking, rules, 'DestinationRule'), ...kinds.filter(({ kind }) => kind !== 'TLSRoute')],
      conflicts: {
        kinds: ['DestinationRule'],
        find: (planned, others) => policyConflicts(planned, others, clusterDomain),
      },
      precedence: istioRoutes.precedence,
      rivals: [...gatewayRoutes, ...virtualServices],
      claims: (object) =>
        isGatewayRoute(object)
          ? routeClaims(
              object,
              besideHttpRoute(object),
              'a waypoint in that namespace mixes it in, and any other ignores it',
            )
          : virtualServiceClaims(object, clusterDomain, 'a waypoint mixes it with routes of the Gateway API'),
      enrollment,
      translate: (traffic) => [
        ...translatePolicies(traffic, `${networking}/${rules}`, clusterDomain),
        ...translate(traffic),
      ],
      observe: (objects, apex, services) => observeWaypoint(objects, apex, services, clusterDomain),
      // Istio says there which routes have no waypoint to follow them (RouteConditionResolvedWaypoints, pilot/pkg/config/kube/gateway).
      accepted: (object) => acceptanceOf(object, false, ['ResolvedWaypoints']),
      route,
      reading: istioAmbientReading(clusterDomain),
      queries: istioQueries('waypoint', 'waypoint'),
      access: {
        kinds: [{ ...istioKind(security, version, 'AuthorizationPolicy'), plural: 'authorizationpolicies' }],
        names: 'labels',
        consults: [serviceKind, namespaceKind, gatewayKind],
        problems: ambientAccessProblems,
        translate: (access, workloads) =>
          translateAmbientAccess(access, { apiVersion: securityVersion, trustDomain }, workloads),
        observe: observeAmbientAccess,
        decide: decideAmbientCall,
      },
      mtls: {
        kinds: [istioKind(security, version, 'PeerAuthentication')],
        translate: (policy) => translateMtls(policy, securityVersion),
        observe: observeMtls,
      },
    }
  },
}

function istioKind(group: string, version: string, kind: string): Kind {
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: true }
}

/** What the routes say, and what the DestinationRules of all Services that get the requests do. */
function observeWaypoint(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): ObservedTraffic {
  const routed = observe(objects, apex, services, istioRoutes)
  const traffic = routed.traffic ?? { service: apex, ports: [] }
  const { policies, problems } = observePolicies(objects, traffic, services, clusterDomain)
  return {
    ...routed,
    traffic: policies === undefined ? routed.traffic : withPolicies(traffic, policies),
    problems: [...routed.problems, ...problems],
  }
}

/**
 * By the routes beside the Service, whatever the namespace of the client: its waypoint follows no others
 * (getVirtualServiceForWaypoint). By none where labels say that it has no waypoint. The client is taken to be in the mesh.
 */
function route(request: MeshRequest, objects: readonly KubeObject[], services: ServiceDirectory): RoutingDecision {
  const { service, port } = request
  const problems = waypointProblems(service, services.surroundings?.(service) ?? {})
  if (problems.length > 0) return decideOn(null, reach(service, port, services, 503))
  return routeByRoutes({ ...request, from: service.namespace }, objects, services, istioRoutes)
}
