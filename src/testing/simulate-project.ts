import { fileURLToPath } from 'node:url'
import { crd } from '../../generators/crd.ts'
import { loadDefinition } from '../cli/load-definition.ts'
import type { KubeObject } from '../kube/object.ts'
import { builtInMeshes } from '../meshes.ts'
import { meshContext } from '../project/configured-adapter.ts'
import { loadOperatorConfig, loadProject } from '../project/load.ts'
import { type Simulation, type SimulationOptions, simulate } from '../simulator/simulation.ts'

/** What is to be simulated; only the resource has to be said. */
export interface ProjectSimulationOptions
  extends Partial<Pick<SimulationOptions, 'seed' | 'crds' | 'startUp' | 'meshDelay' | 'log' | 'signal'>> {
  /** The resource whose workflow is followed. It is not applied by itself. */
  readonly resource: KubeObject
  /** The mesh; that of autopilot-operator.yaml unless given. */
  readonly mesh?: string
  /** The service that is called, by whom and how often; without it nobody calls anything. */
  readonly traffic?: SimulationOptions['traffic']
}

/**
 * The project in `folder` on a cluster of virtual time: an API server, the mesh's own routing, and users. Nothing is installed, and an
 * hour takes a moment. Stop it at the end, or declare it with `await using`.
 *
 * @throws DiagnosticError for what is wrong with the project; Error for a mesh that there is not
 */
export async function simulateProject(folder: URL, options: ProjectSimulationOptions): Promise<Simulation> {
  const path = fileURLToPath(folder)
  const { project } = await loadProject(path)
  const knownMeshes = builtInMeshes.map(({ name }) => name)
  const config = await loadOperatorConfig(fileURLToPath(new URL('autopilot-operator.yaml', asFolder(folder))), {
    knownMeshes,
  })
  const definition = await loadDefinition(path)
  const mesh = options.mesh ?? config.meshProvider
  const provider = builtInMeshes.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`there is no mesh ${mesh}; there are ${knownMeshes.join(', ')}`)
  const { resource, seed = 1, crds = [], traffic = silence(resource), ...rest } = options
  const { name, namespace = 'default' } = resource.metadata
  return simulate({
    ...rest,
    project,
    definition,
    crds: [crd(project, definition), ...crds],
    adapter: provider.create(meshContext(config)),
    seed,
    resource: { name, namespace },
    traffic,
  })
}

function silence({ metadata: { namespace = 'default' } }: KubeObject): SimulationOptions['traffic'] {
  return {
    rate: 0,
    apex: { namespace, name: 'nobody' },
    port: 80,
    source: { namespace, name: 'nobody' },
    clients: [],
    versions: {},
  }
}

/** A URL without a slash at its end names a file, whose neighbours would be looked for. */
function asFolder(folder: URL): URL {
  return folder.pathname.endsWith('/') ? folder : new URL(`${folder.href}/`)
}
