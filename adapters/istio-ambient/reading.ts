import { fieldsOf } from '../../src/mesh/fields.ts'
import { groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { gatewayApiReading } from '../gateway-api/reading.ts'
import { authorizationPolicy } from '../istio/access-reading.ts'
import { isAmbient } from '../istio/ambient-namespace.ts'
import { istioReading } from '../istio/reading.ts'

/**
 * Routes of the Gateway API are read with the meaning of the specification, by the adapter that is called after it, and Istio's own
 * kinds by that of sidecars, for which they mean the same.
 */
export function istioAmbientReading(clusterDomain: string): ObjectReading {
  const istio = istioReading(clusterDomain)
  return {
    ...gatewayApiReading,
    follows: [...gatewayApiReading.follows, 'networking.istio.io/DestinationRule'],
    translates: [],
    // A waypoint follows VirtualServices as well, which is Alpha, and takes no notice of EnvoyFilters.
    unmodelled: ['networking.istio.io/VirtualService'],
    // Of what the Gateway asks for its waypoint nothing is about one Service.
    isSetUp: (one) =>
      groupKind(one) === 'gateway.networking.k8s.io/Gateway' &&
      fieldsOf(one.spec)['gatewayClassName'] === 'istio-waypoint',
    readsPolicy: (one, among) =>
      groupKind(one) === authorizationPolicy && isAmbient(one.metadata.namespace ?? 'default', among),
    validate: (one) => (one.apiVersion.includes('.istio.io/') ? istio.validate(one) : gatewayApiReading.validate(one)),
  }
}
