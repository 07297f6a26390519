import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'

const clusterDomain = 'cluster.local'

export const istio: MeshAdapter = istioProvider.create({ clusterDomain, apiVersions: {} })
export const gatewayApi: MeshAdapter = gatewayApiProvider.create({ clusterDomain, apiVersions: {} })
export const linkerd: MeshAdapter = linkerdProvider.create({ clusterDomain, apiVersions: {} })
export const smi: MeshAdapter = smiProvider.create({ clusterDomain, apiVersions: {} })
export const smiWithoutMatches: MeshAdapter = smiProvider.create({
  clusterDomain,
  apiVersions: { 'split.smi-spec.io': 'v1alpha2' },
})

/** Every adapter in every form that changes what it writes. */
export const adapters: readonly (readonly [string, MeshAdapter])[] = [
  ['istio', istio],
  ['gateway-api', gatewayApi],
  ['linkerd', linkerd],
  ['smi v1alpha4', smi],
  ['smi v1alpha2', smiWithoutMatches],
]
