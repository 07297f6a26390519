import type { MeshAdapter, MeshContext, MeshProvider } from '../mesh/adapter.ts'
import type { Installed } from '../mesh/installed.ts'
import type { OperatorConfig } from './project.ts'

/** What a mesh's adapter is made for, by autopilot-operator.yaml; `installed` is what the cluster has, where one is at hand. */
export function meshContext(config: OperatorConfig, installed?: Installed): MeshContext {
  const { clusterDomain, trustDomain, meshApiVersions: apiVersions } = config
  return {
    clusterDomain,
    apiVersions,
    ...(trustDomain !== undefined && { trustDomain }),
    ...(installed && { installed }),
  }
}

/**
 * The adapter of the mesh called `name`, made for a configuration.
 *
 * @throws Error for a mesh that is not there, which the reader of the configuration has refused already
 */
export function configuredAdapter(
  meshes: readonly MeshProvider[],
  name: string,
  config: OperatorConfig,
  installed?: Installed,
): MeshAdapter {
  const provider = meshes.find((mesh) => mesh.name === name)
  if (provider === undefined) throw new Error(`no mesh is registered as ${name}`)
  return provider.create(meshContext(config, installed))
}
