import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { istioAmbientProvider } from '../../adapters/istio-ambient/index.ts'
import { kumaProvider } from '../../adapters/kuma/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { builtInMeshes } from '../../src/meshes.ts'

const usual: MeshContext = { clusterDomain: 'cluster.local', apiVersions: {} }
const withoutMatches: MeshContext = { ...usual, apiVersions: { 'split.smi-spec.io': 'v1alpha2' } }

export const istio: MeshAdapter = istioProvider.create(usual)
export const istioAmbient: MeshAdapter = istioAmbientProvider.create(usual)
export const gatewayApi: MeshAdapter = gatewayApiProvider.create(usual)
export const linkerd: MeshAdapter = linkerdProvider.create(usual)
export const kuma: MeshAdapter = kumaProvider.create(usual)
export const smi: MeshAdapter = smiProvider.create(usual)
export const smiWithoutMatches: MeshAdapter = smiProvider.create(withoutMatches)

/** The oldest Gateway API, or any in which nothing can be read of its release. */
const oldest: MeshContext = { ...usual, installed: { versions: {}, annotations: {} } }

/** The newest with the fields of the Experimental channel. */
const experimental: MeshContext = {
  ...usual,
  installed: {
    versions: {},
    annotations: {
      'httproutes.gateway.networking.k8s.io': {
        'gateway.networking.k8s.io/bundle-version': 'v1.6.0',
        'gateway.networking.k8s.io/channel': 'experimental',
      },
    },
  },
}
export const gatewayApiExperimental: MeshAdapter = gatewayApiProvider.create(experimental)

/** API versions besides the usual ones that change what an adapter can do. */
export const otherVersions: readonly (readonly [MeshProvider, MeshContext])[] = [
  [smiProvider, withoutMatches],
  [gatewayApiProvider, oldest],
  [gatewayApiProvider, experimental],
  [linkerdProvider, oldest],
]

/** Every adapter in every form that changes what it writes. */
export const adapters: readonly (readonly [string, MeshAdapter])[] = [
  ...builtInMeshes.map((provider) => [provider.name, provider.create(usual)] as const),
  ...otherVersions.map(
    ([provider, context]) =>
      [
        [provider.name, ...Object.values(context.apiVersions), ...releaseOf(context)].join(' '),
        provider.create(context),
      ] as const,
  ),
]

function releaseOf({ installed }: MeshContext): string[] {
  if (installed === undefined) return []
  const annotations = Object.values(installed.annotations).flatMap(Object.values)
  return annotations.length === 0 ? ['(oldest)'] : annotations
}
