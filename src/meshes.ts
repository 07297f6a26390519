import { gatewayApiProvider } from '../adapters/gateway-api/index.ts'
import { istioProvider } from '../adapters/istio/index.ts'
import { istioAmbientProvider } from '../adapters/istio-ambient/index.ts'
import { kumaProvider } from '../adapters/kuma/index.ts'
import { linkerdProvider } from '../adapters/linkerd/index.ts'
import { smiProvider } from '../adapters/smi/index.ts'
import type { MeshProvider } from './mesh/adapter.ts'

/**
 * The meshes that come with Autopilot, in the order in which they are listed. Apart from the container, so that commands which
 * only translate do not load what an operator is made of.
 */
export const builtInMeshes: readonly MeshProvider[] = [
  istioProvider,
  linkerdProvider,
  smiProvider,
  gatewayApiProvider,
  kumaProvider,
  istioAmbientProvider,
]
