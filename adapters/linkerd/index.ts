import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { acceptanceOf } from '../gateway-api/acceptance.ts'
import { attachableRoute } from '../gateway-api/attachable.ts'
import { translate } from '../gateway-api/traffic.ts'
import { accessKinds, matchesPerRoute, serverKind, translateAccess } from './access.ts'
import { observeAccess } from './access-reading.ts'
import { withAnnotations } from './annotations.ts'
import { capabilities, limits, limitsBeforeV1 } from './capabilities.ts'
import { claims, rivals } from './claims.ts'
import { linkerdQueries } from './metrics.ts'
import { observeMtls, translateMtls } from './mtls.ts'
import { linkerdReading } from './reading.ts'
import { linkerdRoutes } from './routes.ts'
import { observe, route } from './routing.ts'

const group = 'gateway.networking.k8s.io'

/** Linkerd by HTTPRoutes and GRPCRoutes with a Service as parent, the former v1 since 2.18, v1beta1 for 2.15 to 2.17. */
export const linkerdProvider: MeshProvider = {
  name: 'linkerd',
  description: 'Linkerd: one HTTPRoute or GRPCRoute per port of a service',
  create(context: MeshContext): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion('linkerd', group, ['v1', 'v1beta1'], context)
    const kind = { group, version, kind: 'HTTPRoute', plural: 'httproutes', namespaced: true }
    const grpc = { group, version: 'v1', kind: 'GRPCRoute', plural: 'grpcroutes', namespaced: true }
    return {
      name: 'linkerd',
      capabilities,
      limits: version === 'v1' ? limits : limitsBeforeV1,
      precedence: linkerdRoutes.precedence,
      kinds: [kind, grpc],
      attachable: [attachableRoute(kind), attachableRoute(grpc)],
      rivals,
      claims: (object) => claims(object, clusterDomain),
      translate: (traffic) => withAnnotations(translate(traffic, `${group}/${version}`), traffic),
      observe: (objects, apex, services) => observe(objects, apex, services, clusterDomain),
      accepted: (object) => acceptanceOf(object, true),
      route: (request, objects, services) => route(request, objects, services, clusterDomain),
      reading: linkerdReading(clusterDomain),
      queries: linkerdQueries,
      access: {
        kinds: accessKinds,
        names: 'labels',
        perPort: { precedence: linkerdRoutes.precedence, matches: matchesPerRoute },
        translate: translateAccess,
        observe: observeAccess,
      },
      mtls: { kinds: [serverKind], perPort: true, translate: translateMtls, observe: observeMtls },
    }
  },
}
