import { ContainerModule, type ServiceIdentifier } from 'inversify'
import type { MeshProvider } from './adapter.ts'

/** Every registered mesh is bound to this; the container finds them by name. */
export const MeshProviderToken: ServiceIdentifier<MeshProvider> = Symbol.for('mesh-autopilot.MeshProvider')

/** The Inversify module that registers one mesh; what `adapters/<mesh>/index.ts` exports, and third parties do. */
export function adapterModule(provider: MeshProvider): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(MeshProviderToken).toConstantValue(provider)
  })
}
