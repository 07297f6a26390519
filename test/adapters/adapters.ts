import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { builtInMeshes } from '../../src/meshes.ts'

const usual: MeshContext = { clusterDomain: 'cluster.local', apiVersions: {} }
const withoutMatches: MeshContext = { ...usual, apiVersions: { 'split.smi-spec.io': 'v1alpha2' } }

export const istio: MeshAdapter = istioProvider.create(usual)
export const gatewayApi: MeshAdapter = gatewayApiProvider.create(usual)
export const linkerd: MeshAdapter = linkerdProvider.create(usual)
export const smi: MeshAdapter = smiProvider.create(usual)
export const smiWithoutMatches: MeshAdapter = smiProvider.create(withoutMatches)

/** The oldest Gateway API, or any in which nothing can be read of its release. */
const oldest: MeshContext = { ...usual, installed: { versions: {}, annotations: {} } }

/** API versions besides the usual ones that change what an adapter can do. */
export const otherVersions: readonly (readonly [MeshProvider, MeshContext])[] = [
  [smiProvider, withoutMatches],
  [gatewayApiProvider, oldest],
  [linkerdProvider, oldest],
]

/** Every adapter in every form that changes what it writes. */
export const adapters: readonly (readonly [string, MeshAdapter])[] = [
  ...builtInMeshes.map((provider) => [provider.name, provider.create(usual)] as const),
  ...otherVersions.map(
    ([provider, context]) =>
      [
        [provider.name, ...Object.values(context.apiVersions), ...(context.installed ? ['(oldest)'] : [])].join(' '),
        provider.create(context),
      ] as const,
  ),
]
