import { groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { gatewayApiReading } from '../gateway-api/reading.ts'
import { peerAuthentication } from '../istio/mtls.ts'
import { peerAuthenticationProblems } from '../istio/security-schema.ts'

/**
 * Routes of the Gateway API are read with the meaning of the specification, by the adapter that is called after it, and
 * PeerAuthentications by that of sidecars, for which they mean the same.
 */
export const istioAmbientReading: ObjectReading = {
  ...gatewayApiReading,
  translates: [],
  // A waypoint follows VirtualServices as well, which is Alpha, and takes no notice of EnvoyFilters.
  unmodelled: ['networking.istio.io/VirtualService'],
  validate: (one) =>
    groupKind(one) === peerAuthentication ? peerAuthenticationProblems(one) : gatewayApiReading.validate(one),
}
