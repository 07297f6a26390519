import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeployInputs } from '../../../generators/kustomize.ts'
import type { ProjectFile } from '../../../generators/project/project-file.ts'
import { codeFiles, resourceFiles } from '../../../generators/project/project-files.ts'
import { workerPath } from '../../../generators/project/stubs.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { Kind } from '../../kube/object.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { annotatedKinds, clusterNeeds, grantedKinds, readKinds } from '../../mesh/adapter-kinds.ts'
import { meshContext } from '../../project/configured-adapter.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import type { OperatorConfig, Project } from '../../project/project.ts'
import type { FetchedCrds } from './fetch-crds.ts'
import { libraryFor } from './library.ts'
import { loadTypes } from './load-types.ts'
import { type PlannedFile, planFiles } from './plan-files.ts'
import { namedKinds, readKindSchemas } from './read-crds.ts'
import { writeFiles } from './write-files.ts'

export interface GenerateOptions {
  /** Absolute. */
  readonly folder: string
  /** Where manifests go, relative to the project. */
  readonly deployFolder: string
  readonly providers: readonly MeshProvider[]
  /** The meshes that get an overlay. */
  readonly meshes: readonly string[]
  readonly overwrite: boolean
  /** Nothing is written. */
  readonly check: boolean
  /** Gets the CRDs of these kinds, to be kept in the project. */
  readonly fetchCrds?: (kinds: readonly Kind[]) => Promise<FetchedCrds>
}

export interface GeneratedProject {
  readonly files: readonly PlannedFile[]
  /** Workers of phases that there are no more. */
  readonly unused: readonly string[]
  /** Why something was left out, such as all that needs the types of the resource; empty when nothing was. */
  readonly problems: readonly Diagnostic[]
}

/**
 * Renews what is generated of a project and writes stubs for what is the user's to write. The same input gives the same bytes.
 *
 * @throws DiagnosticError for what is wrong with its YAML files; nothing has been written then
 */
export async function generateProject(options: GenerateOptions): Promise<GeneratedProject> {
  const { folder, providers, deployFolder } = options
  const { project } = await loadProject(folder)
  const configFile = join(folder, 'autopilot-operator.yaml')
  const config = await loadOperatorConfig(configFile, { knownMeshes: providers.map(({ name }) => name) })
  const fetched =
    options.fetchCrds === undefined ? undefined : await options.fetchCrds([...namedKinds(project).values()])
  const write = async (files: readonly ProjectFile[], folders: readonly string[]) => {
    const planned = await planFiles(folder, files, folders, options.overwrite)
    if (!options.check) await writeFiles(folder, planned)
    return planned
  }
  const crdPlan = await write(fetched?.files ?? [], [])
  // Code first: the types of the resource may be among what is written for the first time.
  const codePlan = await generateCode(folder, project, options)
  const problems = fetched?.problems ?? []
  const unused = await unusedWorkers(folder, project)
  try {
    const inputs: DeployInputs = {
      project,
      config,
      configText: await readFile(configFile, 'utf8'),
      meshes: providers.filter(({ name }) => options.meshes.includes(name)).map((one) => kindsOf(one, config, project)),
    }
    const resource = resourceFiles(inputs, await loadTypes(folder), deployFolder)
    const resourcePlan = await write(resource, ['schemas', deployFolder])
    return { files: [...crdPlan, ...codePlan, ...resourcePlan], unused, problems }
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    return { files: [...crdPlan, ...codePlan], unused, problems: [...problems, ...error.diagnostics] }
  }
}

/**
 * Renews the code alone: what follows from autopilot.yaml and the CRDs of a project, of which nothing is loaded for it.
 *
 * @throws DiagnosticError for CRDs that cannot be read; nothing has been written then
 */
export async function generateCode(
  folder: string,
  project: Project,
  { overwrite, check }: Pick<GenerateOptions, 'overwrite' | 'check'>,
): Promise<PlannedFile[]> {
  const { main: library } = libraryFor(folder, 2)
  const { testing } = libraryFor(folder, 1)
  const code = await codeFiles(project, { library, testing, typedKinds: await readKindSchemas(folder, project) })
  const planned = await planFiles(folder, code, ['src/generated', 'docs'], overwrite)
  if (!check) await writeFiles(folder, planned)
  return planned
}

function kindsOf(provider: MeshProvider, config: OperatorConfig, { phases }: Project) {
  const adapter = provider.create(meshContext(config))
  const names = phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  return {
    name: provider.name,
    kinds: grantedKinds(adapter, phases),
    rivals: readKinds(adapter, names),
    annotated: annotatedKinds(adapter, names),
    ...clusterNeeds(adapter, names),
  }
}

async function unusedWorkers(folder: string, { phases }: Project): Promise<string[]> {
  const used = new Set(phases.filter(({ final }) => !final).map(({ name }) => workerPath(name)))
  const found = await readdir(join(folder, 'src', 'workers')).catch(() => [])
  return found
    .map((name) => `src/workers/${name}`)
    .filter((path) => path.endsWith('.ts') && !used.has(path))
    .sort()
}
