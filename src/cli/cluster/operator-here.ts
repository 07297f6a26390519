import { join, resolve } from 'node:path'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { configuredAdapter } from '../../project/configured-adapter.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import type { OperatorConfig, Project } from '../../project/project.ts'
import type { CommandIo } from '../io.ts'
import { loadDefinition } from '../load-definition.ts'

/** The operator that a folder is about. */
export interface OperatorHere {
  readonly project: Project
  readonly config: OperatorConfig
  readonly adapter: MeshAdapter
}

/**
 * Reads a project and its configuration. Its code is only run when that names a mesh which does not come with Autopilot.
 *
 * @throws DiagnosticError for what is wrong with either
 */
export async function operatorHere(
  folder: string,
  io: Pick<CommandIo, 'cwd'>,
  providers: readonly MeshProvider[],
): Promise<OperatorHere> {
  const path = resolve(io.cwd, folder)
  const { project } = await loadProject(path)
  const file = join(path, 'autopilot-operator.yaml')
  const load = (meshes: readonly MeshProvider[]) =>
    loadOperatorConfig(file, { knownMeshes: meshes.map(({ name }) => name) })
  try {
    return withAdapter(project, await load(providers), providers)
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    const own = await loadDefinition(path).then(
      ({ meshes = [] }) => meshes,
      () => [],
    )
    if (own.length === 0) throw error
    return withAdapter(project, await load([...providers, ...own]), [...providers, ...own])
  }
}

function withAdapter(project: Project, config: OperatorConfig, meshes: readonly MeshProvider[]): OperatorHere {
  return { project, config, adapter: configuredAdapter(meshes, config.meshProvider, config) }
}
