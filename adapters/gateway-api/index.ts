import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { virtualServiceClaims, virtualServices } from '../istio/claims.ts'
import { istioQueries } from '../istio/metrics.ts'
import { acceptanceOf } from './acceptance.ts'
import { attachableRoute } from './attachable.ts'
import { bundleOf, capabilitiesOf, httpRouteCrd, limitsOf } from './bundle.ts'
import { capabilities, limits } from './capabilities.ts'
import { besideHttpRoute, gatewayRoutes, isGatewayRoute, routeClaims } from './claims.ts'
import { tcpRoute, tlsRoute } from './connection-route.ts'
import { translateConnections } from './connections.ts'
import { gatewayApiReading } from './reading.ts'
import { retryCapabilities } from './retry-capabilities.ts'
import { route } from './routing.ts'
import { specification } from './specification.ts'
import { observe, translate } from './traffic.ts'

const group = 'gateway.networking.k8s.io'

/** Any mesh that takes HTTPRoutes and GRPCRoutes with a Service as parent (GAMMA): Istio ambient with waypoints, Cilium, and others. */
export const gatewayApiProvider: MeshProvider = {
  name: 'gateway-api',
  description:
    'Any mesh of the Gateway API (GAMMA): one HTTPRoute, GRPCRoute, TCPRoute or TLSRoute per port of a service',
  create(context: MeshContext): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion('gateway-api', group, ['v1', 'v1beta1'], context, `${group}/HTTPRoute`)
    const kind = { group, version, kind: 'HTTPRoute', plural: 'httproutes', namespaced: true }
    const grpc = { group, version: 'v1', kind: 'GRPCRoute', plural: 'grpcroutes', namespaced: true }
    const tcp = chooseVersion('gateway-api', tcpRoute, ['v1', 'v1alpha2'], context)
    const tls = chooseVersion('gateway-api', tlsRoute, ['v1', 'v1alpha3', 'v1alpha2'], context)
    const versions = { tcp: `${group}/${tcp}`, tls: `${group}/${tls}` }
    const bundle = bundleOf(context.installed)
    return {
      name: 'gateway-api',
      capabilities: { ...capabilitiesOf(capabilities, bundle), ...retryCapabilities(bundle) },
      limits: limitsOf(limits, bundle),
      precedence: specification.precedence,
      kinds: [
        kind,
        grpc,
        { group, version: tcp, kind: 'TCPRoute', plural: 'tcproutes', namespaced: true, carries: ['tcpSplit'] },
        { group, version: tls, kind: 'TLSRoute', plural: 'tlsroutes', namespaced: true, carries: ['tlsSplit'] },
      ],
      annotatedCrds: [httpRouteCrd],
      attachable: [attachableRoute(kind), attachableRoute(grpc)],
      rivals: [...gatewayRoutes, ...virtualServices],
      claims: (object) =>
        isGatewayRoute(object)
          ? routeClaims(object, besideHttpRoute(object))
          : virtualServiceClaims(object, clusterDomain, 'on Istio a route with the Service as parent replaces it'),
      translate: (traffic) => [
        ...translate(traffic, `${group}/${version}`),
        ...translateConnections(traffic, versions),
      ],
      observe: (objects, apex, services) => observe(objects, apex, services, specification),
      accepted: (object) => acceptanceOf(object, false),
      route: (request, objects, services) => route(request, objects, services, specification),
      reading: gatewayApiReading,
      queries: istioQueries('destination|waypoint'),
    }
  },
}
