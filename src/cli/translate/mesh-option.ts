import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { didYouMean } from '../../project/nearest.ts'
import { UsageError } from '../io.ts'

/** Of the cluster that a command takes for granted. */
export const clusterDomain = 'cluster.local'

/** The mesh named by an option; throws a UsageError that lists those there are. */
export function requireMesh(option: string, name: unknown, providers: readonly MeshProvider[]): MeshAdapter {
  const known = providers.map((provider) => provider.name)
  if (typeof name !== 'string') throw new UsageError(`name a mesh with ${option}: ${known.join(', ')}`)
  const provider = providers.find((one) => one.name === name)
  if (provider === undefined)
    throw new UsageError(
      `${option} ${name} is not a mesh${didYouMean(name, known)}; there are ${known.join(', ')}`.trimStart(),
    )
  return createAdapter(provider)
}

/** Every mesh in its default form. */
export function allAdapters(providers: readonly MeshProvider[]): MeshAdapter[] {
  return providers.map(createAdapter)
}

function createAdapter(provider: MeshProvider): MeshAdapter {
  return provider.create({ clusterDomain, apiVersions: {} })
}
