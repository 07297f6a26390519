import type { ObjectReading } from '../../src/mesh/object-reading.ts'
import { gatewayApiReading } from '../gateway-api/reading.ts'

/** Routes of the Gateway API are read with the meaning of the specification, by the adapter that is called after it. */
export const istioAmbientReading: ObjectReading = {
  ...gatewayApiReading,
  translates: [],
  // A waypoint follows VirtualServices as well, which is Alpha, and takes no notice of EnvoyFilters.
  unmodelled: ['networking.istio.io/VirtualService'],
}
