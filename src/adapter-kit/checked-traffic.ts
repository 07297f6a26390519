import type fc from 'fast-check'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { checkTraffic } from '../mesh/check.ts'
import type { ServiceTraffic } from '../mesh/traffic.ts'
import { generatedServices } from './generated-services.ts'
import { inMeshOrder } from './mesh-order.ts'
import { serviceTraffic } from './traffic-arbitraries.ts'

/** Traffic that the adapter may be given: it passed the check. */
export function checkedTraffic(adapter: MeshAdapter): fc.Arbitrary<ServiceTraffic> {
  return serviceTraffic(adapter.capabilities)
    .map((traffic) => inMeshOrder(traffic, adapter))
    .filter((traffic) => passes(traffic, adapter))
}

/** Whether nothing keeps the adapter from carrying this traffic. */
export function passes(traffic: ServiceTraffic, adapter: MeshAdapter): boolean {
  return checkTraffic(traffic, adapter, generatedServices).length === 0
}
