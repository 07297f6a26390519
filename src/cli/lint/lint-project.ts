import { join, resolve } from 'node:path'
import { crd } from '../../../generators/crd.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { groupKind } from '../../mesh/object-reading.ts'
import { outputSupport } from '../../mesh/output-support.ts'
import { checkPromql } from '../../project/check-promql.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import { isNeutral, kindsOf } from '../../project/native-kinds.ts'
import type { LoadedProject } from '../../project/parse-project.ts'
import type { Project } from '../../project/project.ts'
import type { YamlSource } from '../../project/yaml-source.ts'
import { loadTypes, typesEntry } from '../generate/load-types.ts'
import type { CommandIo } from '../io.ts'
import { loadDefinition } from '../load-definition.ts'
import { requireMesh } from '../translate/mesh-option.ts'
import { type Finding, findings, type Level } from './finding.ts'
import { staleFiles } from './lint-generated.ts'
import { widerRights } from './lint-rights.ts'

export interface ProjectLint {
  readonly folder: string
  readonly providers: readonly MeshProvider[]
  readonly adapters: readonly MeshAdapter[]
  /** The meshes the workflow should run on; the one in its configuration unless given. */
  readonly targets: readonly MeshAdapter[] | undefined
  /** Asked about every mesh, only the one in the configuration has to carry the workflow. */
  readonly isSurvey: boolean
}

export interface LintedProject {
  readonly found: readonly Finding[]
  /** For each target whether it has something of every output; empty when the workflow could not be read. */
  readonly runsOn: readonly { readonly mesh: string; readonly runs: boolean }[]
}

/** Everything about a project at once: both files, its queries, its code as far as a CRD is made of it, and its meshes. */
export async function lintProject({ folder, ...lint }: ProjectLint, io: CommandIo): Promise<LintedProject> {
  const found: Finding[] = []
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error
      found.push(...findings('error', error.diagnostics))
      return undefined
    }
  }
  const loaded = await attempt(() => loadProject(join(folder, 'autopilot.yaml'), io.cwd))
  const providers = [...lint.providers, ...(await ownMeshes(resolve(io.cwd, folder)))]
  const knownMeshes = providers.map(({ name }) => name)
  const configFile = join(folder, 'autopilot-operator.yaml')
  const config = await attempt(() => loadOperatorConfig(configFile, { knownMeshes, env: io.env }, io.cwd))
  if (loaded === undefined) return { found, runsOn: [] }
  const { project, source, diagnostics } = loaded
  found.push(...findings('warning', diagnostics), ...findings('error', checkPromql(project, source)))
  found.push(...findings('warning', meshBoundPhases(loaded, lint.adapters)))
  await attempt(async () => checkTypes(resolve(io.cwd, folder), project))
  const chosen = config === undefined ? [] : [requireMesh('meshProvider', config.meshProvider, providers)]
  found.push(...findings('warning', await staleFiles(folder, io.cwd, providers)))
  const rights = { folder, cwd: io.cwd, project, chosen: chosen[0], adapters: lint.adapters }
  found.push(...findings('warning', await widerRights(rights)))
  const runsOn = (lint.targets ?? chosen).map((mesh) => {
    const isRequired = !lint.isSurvey || mesh.name === config?.meshProvider
    const unsupported = unsupportedOutputs(loaded, mesh, isRequired ? 'error' : 'note')
    found.push(...unsupported)
    return { mesh: mesh.name, runs: unsupported.every(({ diagnostic: { code } }) => code !== 'AP1501') }
  })
  return { found, runsOn }
}

/** The meshes that the code of a project brings along; none when it does not load, which is told apart from this. */
async function ownMeshes(folder: string): Promise<readonly MeshProvider[]> {
  try {
    return (await loadDefinition(folder)).meshes ?? []
  } catch (error) {
    if (error instanceof DiagnosticError) return []
    throw error
  }
}

/** `level` is that of outputs of which the mesh has nothing; those of which it lacks a part are worth a note. */
function unsupportedOutputs({ project, source }: LoadedProject, mesh: MeshAdapter, level: Level): Finding[] {
  return neutralOutputs(project, source).flatMap(({ phase, output, position }) => {
    const { isCarried, missing } = outputSupport(output, mesh)
    return missing.slice(0, isCarried ? missing.length : 1).map(({ feature, reason, instead }): Finding => {
      const facts = { phase, output, mesh: mesh.name, feature, reason, instead }
      return isCarried
        ? { level: 'note', diagnostic: diagnostic('AP1502', facts, position) }
        : { level, diagnostic: diagnostic('AP1501', facts, position) }
    })
  })
}

function neutralOutputs({ phases }: Project, source: YamlSource) {
  return phases.flatMap(({ name: phase, outputs }, index) =>
    outputs.flatMap((output, place) => {
      const position = source.at(`/phases/${index}/outputs/${place}`)
      return isNeutral(output) ? [{ phase, output, position }] : []
    }),
  )
}

/** A phase that names a mesh's own kind runs on that mesh only. */
function meshBoundPhases({ project, source }: LoadedProject, adapters: readonly MeshAdapter[]): Diagnostic[] {
  const kinds = kindsOf(project)
  return project.phases.flatMap((phase, index) =>
    (['inputs', 'outputs'] as const).flatMap((side) =>
      phase[side].flatMap((name, place) => {
        const kind = kinds.get(name)
        // A Service is of every cluster, also where a mesh reads its annotations.
        if (kind === undefined || kind.group === '') return []
        const key = groupKind({ apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind })
        const owners = adapters.filter(({ reading }) => [...reading.translates, ...reading.accompanies].includes(key))
        if (owners.length === 0) return []
        const facts = { phase: phase.name, name, side, mesh: owners.map((owner) => owner.name).join(' or ') }
        return [diagnostic('AP1503', facts, source.at(`/phases/${index}/${side}/${place}`))]
      }),
    ),
  )
}

/** The types of the resource have to make a CRD. A project of YAML alone is no mistake yet. */
async function checkTypes(folder: string, project: Project): Promise<void> {
  if (typesEntry(folder) === undefined) return
  crd(project, await loadTypes(folder))
}
