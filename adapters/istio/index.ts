import type { Kind } from '../../src/kube/object.ts'
import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { gatewayRoutes } from '../gateway-api/claims.ts'
import { translateAccess } from './access.ts'
import { decideCall } from './access-decision.ts'
import { observeAccess } from './access-reading.ts'
import { attachableVirtualServices } from './attachable.ts'
import { capabilities, limits } from './capabilities.ts'
import { claims } from './claims.ts'
import { istioQueries } from './metrics.ts'
import { observeMtls, translateMtls } from './mtls.ts'
import { istioReading } from './reading.ts'
import { route } from './routing.ts'
import { policyConflicts } from './service-policies.ts'
import { observe, translate } from './traffic.ts'

const group = 'networking.istio.io'
const securityGroup = 'security.istio.io'

/** Istio by VirtualServices, for sidecars. Ambient mode is a mesh of its own: `meshProvider: istio-ambient`. */
export const istioProvider: MeshProvider = {
  name: 'istio',
  description: 'Istio with sidecars: one VirtualService per service',
  create(context: MeshContext): MeshAdapter {
    const { clusterDomain } = context
    const version = chooseVersion('istio', group, ['v1', 'v1beta1', 'v1alpha3'], context)
    const security = chooseVersion('istio', securityGroup, ['v1', 'v1beta1'], context)
    const securityVersion = `${securityGroup}/${security}`
    // Whoever asks for the older version has an Istio that may not know `serviceAccounts`; its trust domain is the cluster's unless set.
    const trustDomain = security === 'v1' ? undefined : (context.trustDomain ?? clusterDomain)
    const kind = { group, version, kind: 'VirtualService', plural: 'virtualservices', namespaced: true }
    return {
      name: 'istio',
      capabilities,
      limits,
      precedence: 'listed',
      saysEveryPort: true,
      kinds: [{ group, version, kind: 'DestinationRule', plural: 'destinationrules', namespaced: true }, kind],
      conflicts: {
        kinds: ['DestinationRule'],
        find: (planned, others) => policyConflicts(planned, others, clusterDomain),
      },
      attachable: [attachableVirtualServices(kind, clusterDomain)],
      rivals: gatewayRoutes,
      claims: (object) => claims(object, clusterDomain),
      translate: (traffic) => translate(traffic, { apiVersion: `${group}/${version}`, clusterDomain }),
      observe: (objects, apex, services) => observe(objects, apex, services, clusterDomain),
      // Istio writes no status unless asked to (PILOT_ENABLE_STATUS); its webhook has accepted what is stored.
      accepted: () => ({ state: 'accepted' }),
      route: (request, objects, services) => route(request, objects, services, clusterDomain),
      reading: istioReading(clusterDomain),
      queries: istioQueries('destination'),
      access: {
        kinds: [securityKind(security, 'AuthorizationPolicy', 'authorizationpolicies')],
        names: 'labels',
        translate: (access, workloads) =>
          translateAccess(access, { apiVersion: securityVersion, trustDomain }, workloads),
        observe: observeAccess,
        decide: decideCall,
      },
      mtls: {
        kinds: [securityKind(security, 'PeerAuthentication', 'peerauthentications')],
        translate: (policy) => translateMtls(policy, securityVersion),
        observe: observeMtls,
      },
    }
  },
}

function securityKind(version: string, kind: string, plural: string): Kind {
  return { group: securityGroup, version, kind, plural, namespaced: true }
}
