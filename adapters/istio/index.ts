import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { capabilities, limits } from './capabilities.ts'
import { istioQueries } from './metrics.ts'
import { istioReading } from './reading.ts'
import { route } from './routing.ts'
import { observe, translate } from './traffic.ts'

const group = 'networking.istio.io'

/** Istio by VirtualServices, for sidecars. Ambient mode takes the Gateway API instead: `meshProvider: gateway-api`. */
export const istioProvider: MeshProvider = {
  name: 'istio',
  description: 'Istio with sidecars: one VirtualService per service',
  create(context: MeshContext): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion('istio', group, ['v1', 'v1beta1', 'v1alpha3'], context)
    return {
      name: 'istio',
      capabilities,
      limits,
      precedence: 'listed',
      kinds: [{ group, version, kind: 'VirtualService', plural: 'virtualservices', namespaced: true }],
      translate: (traffic) => translate(traffic, { apiVersion: `${group}/${version}`, clusterDomain }),
      observe: (objects, apex, services) => observe(objects, apex, services, clusterDomain),
      // Istio writes no status unless asked to (PILOT_ENABLE_STATUS); its webhook has accepted what is stored.
      accepted: () => ({ state: 'accepted' }),
      route: (request, objects, services) => route(request, objects, services, clusterDomain),
      reading: istioReading(clusterDomain),
      queries: istioQueries('destination'),
    }
  },
}
