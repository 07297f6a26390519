import type { MeshAdapter, MeshContext, MeshProvider } from '../../mesh/adapter.ts'
import { didYouMean } from '../../project/nearest.ts'
import { UsageError } from '../io.ts'

/** The cluster that a command takes for granted. */
export const usual: MeshContext = { clusterDomain: 'cluster.local', apiVersions: {} }

/** That cluster, with the trust domain of an option; throws a UsageError for what is none. */
export function contextOf(trustDomain: unknown): MeshContext {
  if (trustDomain === undefined) return usual
  if (typeof trustDomain === 'string' && /^(?=.{1,253}$)[a-z0-9]([-._a-z0-9]*[a-z0-9])?$/.test(trustDomain))
    return { ...usual, trustDomain }
  throw new UsageError(`--trust-domain ${String(trustDomain)} is not a trust domain, such as cluster.local`)
}

/** The mesh named by an option; throws a UsageError that lists those there are. */
export function requireMesh(
  option: string,
  name: unknown,
  providers: readonly MeshProvider[],
  context = usual,
): MeshAdapter {
  const known = providers.map((provider) => provider.name)
  if (typeof name !== 'string') throw new UsageError(`name a mesh with ${option}: ${known.join(', ')}`)
  const provider = providers.find((one) => one.name === name)
  if (provider === undefined)
    throw new UsageError(
      `${option} ${name} is not a mesh${didYouMean(name, known)}; there are ${known.join(', ')}`.trimStart(),
    )
  return provider.create(context)
}

/** Every mesh in its default form. */
export function allAdapters(providers: readonly MeshProvider[]): MeshAdapter[] {
  return providers.map((provider) => provider.create(usual))
}
