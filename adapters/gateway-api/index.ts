import type { MeshAdapter, MeshProvider } from '../../src/mesh/adapter.ts'
import { virtualServiceClaims, virtualServices } from '../istio/claims.ts'
import { istioQueries } from '../istio/metrics.ts'
import { acceptanceOf } from './acceptance.ts'
import { capabilities } from './capabilities.ts'
import { besideHttpRoute, gatewayRoutes, isGatewayRoute, routeClaims } from './claims.ts'
import { gatewayApiReading } from './reading.ts'
import { routeForms } from './route-forms.ts'
import { route } from './routing.ts'
import { specification } from './specification.ts'
import { observe } from './traffic.ts'

/** Any mesh that takes HTTPRoutes and GRPCRoutes with a Service as parent (GAMMA): Istio with sidecars, Cilium, and others. */
export const gatewayApiProvider: MeshProvider = {
  name: 'gateway-api',
  description:
    'Any mesh of the Gateway API (GAMMA): one HTTPRoute, GRPCRoute, TCPRoute or TLSRoute per port of a service',
  create(context): MeshAdapter {
    const { clusterDomain } = context
    return {
      ...routeForms('gateway-api', capabilities, context),
      name: 'gateway-api',
      precedence: specification.precedence,
      rivals: [...gatewayRoutes, ...virtualServices],
      claims: (object) =>
        isGatewayRoute(object)
          ? routeClaims(object, besideHttpRoute(object))
          : virtualServiceClaims(object, clusterDomain, 'on Istio a route with the Service as parent replaces it'),
      observe: (objects, apex, services) => observe(objects, apex, services, specification),
      accepted: (object) => acceptanceOf(object, false),
      route: (request, objects, services) => route(request, objects, services, specification),
      reading: gatewayApiReading,
      queries: istioQueries('destination|waypoint'),
    }
  },
}
