import type { Command, Option } from 'commander'
import { templates } from '../../generators/templates/templates.ts'
import { catalogue } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Kind } from '../kube/object.ts'
import { namespaceKind } from '../mesh/core-kinds.ts'
import { builtInMeshes } from '../meshes.ts'
import { loadProject } from '../project/load.ts'
import { parameterNames } from '../project/native-kinds.ts'
import type { CommandIo } from './io.ts'

/** A shell waits for this: what a cluster does not answer in time is not offered. Milliseconds. */
const patience = 800

/**
 * Gives `ap` the commands `completion` and, hidden, `complete`, which the shells call. Values come from what is installed, from the project in
 * this folder, and from the current cluster. `words` are those of the line being completed.
 */
export async function addCompletion(ap: Command, words: readonly string[], io: CommandIo): Promise<void> {
  const project = await projectHere(io.cwd)
  const meshes = builtInMeshes.map(({ name }) => name)
  const kind = project && { ...project, namespaced: true }
  const wantsNamespace = ['-n', '--namespace', '--from-namespace'].includes(words.at(-2) ?? '')
  const wantsName = ['get', 'promote', 'pause', 'resume', 'abort', 'retry', 'command'].includes(words[0] ?? '')
  const namespaces = wantsNamespace ? await namesOf(namespaceKind, io) : []
  const names = wantsName && kind !== undefined ? await namesOf(kind, io, namespaceIn(words)) : []
  const byOption: Readonly<Record<string, readonly string[]>> = {
    '--mesh': meshes,
    '--to': meshes,
    '--template': templates.map(({ name }) => name),
    '--namespace': namespaces,
    '--from-namespace': namespaces,
  }
  const byArgument: Readonly<Record<string, readonly string[]>> = {
    mesh: meshes,
    meshes,
    name: names,
    verb: project?.verbs.map(({ name }) => name) ?? [],
    word: [
      ...(project?.phases.map(({ name }) => name) ?? []),
      ...(project?.verbs.map(({ name }) => name) ?? []),
      ...parameterNames('inputs', project?.customParameters.map(({ lowerName }) => lowerName) ?? []),
      ...Object.keys(catalogue),
    ],
  }
  for (const command of ap.commands) {
    for (const option of command.options) offer(option, byOption[option.long ?? ''] ?? formatsOf(option))
    for (const argument of command.registeredArguments) offer(argument, byArgument[argument.name()] ?? [])
  }
  const { default: tab } = await import('@bomb.sh/tab/commander')
  tab(ap, { completionCommandName: 'completion' })
}

/** The namespace that a line names. */
function namespaceIn(words: readonly string[]): string | undefined {
  const option = words.findLastIndex((word) => word === '-n' || word === '--namespace')
  return option < 0 ? undefined : words[option + 1]
}

/** Only offered, not enforced: what a command takes it says itself. */
function offer(target: { argChoices?: string[] | undefined }, values: readonly string[]): void {
  if (values.length > 0) target.argChoices = [...values]
}

/** The descriptions of `--output` list the formats: `text, json or sarif`. */
function formatsOf({ long, description }: Option): string[] {
  return long === '--output' ? description.split(/, | or /) : []
}

async function projectHere(folder: string) {
  try {
    return (await loadProject(folder)).project
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined
    throw error
  }
}

async function namesOf(kind: Kind, { env }: CommandIo, named?: string): Promise<string[]> {
  const { connect } = await import('../kube/connect.ts')
  const signal = AbortSignal.timeout(patience)
  try {
    const { client, namespace } = await connect({ env })
    const scope = kind.namespaced ? { namespace: named ?? namespace ?? 'default' } : {}
    const { items } = await client.list(kind, { ...scope, limit: 200, signal })
    await client.close()
    return items.map(({ metadata }) => metadata.name)
  } catch {
    // No cluster, no rights, no answer in time: nothing to offer, and no place to say so.
    return []
  }
}
