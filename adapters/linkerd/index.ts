import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { acceptanceOf } from '../gateway-api/acceptance.ts'
import { attachableRoute } from '../gateway-api/attachable.ts'
import { bundleOf, capabilitiesOf, httpRouteCrd, limitsOf } from '../gateway-api/bundle.ts'
import { tcpRoute, tlsRoute } from '../gateway-api/connection-route.ts'
import { translateConnections } from '../gateway-api/connections.ts'
import { writeTimeout } from '../gateway-api/retry.ts'
import { translate } from '../gateway-api/traffic.ts'
import { accessKinds, matchesPerRoute, serverKind, translateAccess } from './access.ts'
import { decideCall } from './access-decision.ts'
import { observeAccess } from './access-reading.ts'
import { withAnnotations } from './annotations.ts'
import { capabilities, limits, limitsBeforeV1 } from './capabilities.ts'
import { claims, rivals } from './claims.ts'
import { failureAccrual, translateBreaker } from './failure-accrual.ts'
import { limitAcceptance, limitKinds, rateLimitPolicy, translateLimits, yields } from './limits.ts'
import { observeLimits } from './limits-reading.ts'
import { linkerdQueries } from './metrics.ts'
import { observeMtls, translateMtls } from './mtls.ts'
import { linkerdReading } from './reading.ts'
import { linkerdRoutes } from './routes.ts'
import { observe, route } from './routing.ts'

const group = 'gateway.networking.k8s.io'

/** Linkerd by HTTPRoutes and GRPCRoutes with a Service as parent, the former v1 since 2.18, v1beta1 for 2.15 to 2.17. */
export const linkerdProvider: MeshProvider = {
  name: 'linkerd',
  description: 'Linkerd: one HTTPRoute, GRPCRoute, TCPRoute or TLSRoute per port of a service',
  create(context: MeshContext): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion('linkerd', group, ['v1', 'v1beta1'], context, `${group}/HTTPRoute`)
    const kind = { group, version, kind: 'HTTPRoute', plural: 'httproutes', namespaced: true }
    const grpc = { group, version: 'v1', kind: 'GRPCRoute', plural: 'grpcroutes', namespaced: true }
    // Linkerd up to 2.20 knows no other versions of these (docs, Gateway API support).
    const tcp = chooseVersion('linkerd', tcpRoute, ['v1alpha2'], context)
    const tls = chooseVersion('linkerd', tlsRoute, ['v1alpha2'], context)
    const versions = { tcp: `${group}/${tcp}`, tls: `${group}/${tls}` }
    const bundle = bundleOf(context.installed)
    return {
      name: 'linkerd',
      capabilities: capabilitiesOf(capabilities, bundle),
      limits: limitsOf(version === 'v1' ? limits : limitsBeforeV1, bundle),
      precedence: linkerdRoutes.precedence,
      kinds: [
        kind,
        grpc,
        { group, version: tcp, kind: 'TCPRoute', plural: 'tcproutes', namespaced: true, carries: ['tcpSplit'] },
        {
          group,
          version: tls,
          kind: 'TLSRoute',
          plural: 'tlsroutes',
          namespaced: true,
          carries: ['tlsSplit', 'tlsDefault'],
        },
      ],
      annotatedCrds: [httpRouteCrd],
      annotates: { prefix: failureAccrual, outputs: ['circuitbreakers'] },
      attachable: [attachableRoute(kind), attachableRoute(grpc)],
      rivals,
      claims: (object) => claims(object, clusterDomain),
      translate: (traffic) => [
        ...withAnnotations(translate(traffic, `${group}/${version}`, writeTimeout), traffic),
        ...translateConnections(traffic, versions),
        ...translateBreaker(traffic),
      ],
      observe: (objects, apex, services) => observe(objects, apex, services, clusterDomain),
      accepted: (object) =>
        groupKind(object) === rateLimitPolicy ? limitAcceptance(object) : acceptanceOf(object, true),
      route: (request, objects, services) => route(request, objects, services, clusterDomain),
      reading: linkerdReading(clusterDomain),
      queries: linkerdQueries,
      access: {
        kinds: accessKinds,
        names: 'labels',
        perPort: { precedence: linkerdRoutes.precedence, matches: matchesPerRoute },
        translate: translateAccess,
        observe: observeAccess,
        decide: decideCall,
      },
      mtls: { kinds: [serverKind], perPort: true, translate: translateMtls, observe: observeMtls },
      podLimits: {
        kinds: limitKinds,
        consults: [namespaceKind],
        translate: translateLimits,
        observe: observeLimits,
        yields,
      },
    }
  },
}
