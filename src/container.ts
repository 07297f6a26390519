import { Container } from 'inversify'
import { gatewayApi } from '../adapters/gateway-api/index.ts'
import { istio } from '../adapters/istio/index.ts'
import { linkerd } from '../adapters/linkerd/index.ts'
import { smi } from '../adapters/smi/index.ts'
import type { MeshProvider } from './mesh/adapter.ts'
import { MeshProviderToken } from './mesh/adapter-module.ts'

/** The meshes that come with Autopilot, in the order in which they are listed. */
const meshModules = [istio, linkerd, smi, gatewayApi]

/**
 * The composition root: the one place that names adapters and puts parts together. A third party's mesh is one more module,
 * loaded into the container that this returns.
 */
export function createContainer(): Container {
  const container = new Container({ defaultScope: 'Singleton' })
  container.load(...meshModules)
  return container
}

/** Every mesh that is registered. */
export function meshProviders(container: Container): readonly MeshProvider[] {
  return container.getAll(MeshProviderToken)
}
