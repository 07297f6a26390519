import type { MeshContext } from '../mesh/adapter.ts'
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
