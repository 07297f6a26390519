import { resolve } from 'node:path'
import type { Argument, Option } from 'commander'
import { templates } from '../../../generators/templates/templates.ts'
import { catalogue } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { contextNames } from '../../kube/kubeconfig.ts'
import type { Kind } from '../../kube/object.ts'
import { namespaceKind } from '../../mesh/core-kinds.ts'
import { builtInMeshes } from '../../meshes.ts'
import { loadProject } from '../../project/load.ts'
import { parameterNames } from '../../project/native-kinds.ts'
import type { CommandIo } from '../io.ts'
import type { Line } from './line.ts'

/** One word that a shell may write, and what it is. */
export interface Offer {
  readonly value: string
  readonly about?: string | undefined
}

/** What options and arguments may be. */
export interface Values {
  ofOption(line: Line, option: Option): Promise<Offer[]>
  ofArgument(line: Line, argument: Argument): Promise<Offer[]>
}

/** A shell waits for this: what a cluster does not answer in time is not offered. Milliseconds. */
const patience = 800

/** Words of the descriptions of `--output`. */
const formats = /\b(?:text|wide|json|yaml|sarif|mermaid|svg|dot|table|markdown)\b/g

/** What is installed, the project that the line is about, and the cluster it names. Nothing is asked for before it is wanted. */
export function valuesOf(io: CommandIo): Values {
  const meshes = (): Offer[] => builtInMeshes.map(({ name }) => ({ value: name }))
  return {
    async ofOption(line, { long, description }) {
      switch (long) {
        case '--mesh':
          return description.includes('or all') ? [...meshes(), { value: 'all' }] : meshes()
        case '--to':
          return meshes()
        case '--template':
          return templates.map(({ name }) => ({ value: name }))
        case '--namespace':
        case '--from-namespace':
          return namesOf(namespaceKind, line, io)
        case '--context':
          return plain(contexts(line, io))
        case '--engine':
          return plain(['oci', 'docker', 'podman', 'buildah'])
        case '--platform':
          return plain(['linux/amd64', 'linux/arm64'])
        case '--protocol':
          return plain(['http', 'grpc', 'tcp'])
        case '--scenario':
          return plain(['good', 'bad', 'no-traffic'])
        case '--traffic':
          return line.command?.name() === 'undeploy' ? plain(['restore', 'keep']) : []
        case '--output':
          return plain(description.match(formats) ?? [])
        default:
          return []
      }
    },
    async ofArgument(line, argument) {
      switch (argument.name()) {
        case 'mesh':
          return meshes()
        case 'name': {
          const project = await projectOf(line, io)
          return project === undefined ? [] : namesOf({ ...project, namespaced: true }, line, io)
        }
        case 'verb':
          return verbsOf(await projectOf(line, io))
        case 'word':
          return words(await projectOf(line, io))
        default:
          return plain(argument.argChoices ?? [])
      }
    },
  }
}

type Project = Awaited<ReturnType<typeof projectOf>>

function plain(values: readonly string[]): Offer[] {
  return values.map((value) => ({ value }))
}

function verbsOf(project: Project): Offer[] {
  return project?.verbs.map(({ name, description }) => ({ value: name, about: description })) ?? []
}

/** Whatever `ap explain` explains. */
function words(project: Project): Offer[] {
  const phases = project?.phases.map(({ name, description }) => ({ value: name, about: description })) ?? []
  const custom = project?.customParameters.map(({ lowerName }) => lowerName) ?? []
  const codes = Object.entries(catalogue).map(([value, { title }]) => ({ value, about: title }))
  return [...phases, ...verbsOf(project), ...plain(parameterNames('inputs', custom)), ...codes]
}

async function projectOf({ options }: Line, { cwd }: CommandIo) {
  try {
    return (await loadProject(resolve(cwd, options.get('--project') ?? '.'))).project
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined
    throw error
  }
}

function contexts(line: Line, io: CommandIo): string[] {
  try {
    return contextNames(sourceOf(line, io))
  } catch {
    // A kubeconfig that cannot be read: nothing to offer, and no place to say so.
    return []
  }
}

function sourceOf({ options }: Line, { cwd, env }: CommandIo) {
  const file = options.get('--kubeconfig')
  return { env, kubeconfig: file === undefined ? undefined : resolve(cwd, file), context: options.get('--context') }
}

async function namesOf(kind: Kind, line: Line, io: CommandIo): Promise<Offer[]> {
  const { connect } = await import('../../kube/connect.ts')
  const signal = AbortSignal.timeout(patience)
  try {
    const { client, namespace } = await connect(sourceOf(line, io))
    const scope = kind.namespaced ? { namespace: line.options.get('--namespace') ?? namespace ?? 'default' } : {}
    const { items } = await client.list(kind, { ...scope, limit: 200, signal })
    await client.close()
    return items.map(({ metadata }) => ({ value: metadata.name }))
  } catch {
    // No cluster, no rights, no answer in time: nothing to offer, and no place to say so.
    return []
  }
}
