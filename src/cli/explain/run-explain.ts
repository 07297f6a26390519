import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errorEntry, isCode } from '../../../generators/error-entry.ts'
import { describeOutput, type OutputDescription } from '../../../generators/output-reference.ts'
import { workerPath } from '../../../generators/project/stubs.ts'
import { saidIn } from '../../../generators/project/workflow-diagram.ts'
import { catalogue } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { outputKinds } from '../../mesh/outputs.ts'
import { callOf } from '../../project/check-verbs.ts'
import { loadProject } from '../../project/load.ts'
import { isNeutral, parameterNames } from '../../project/native-kinds.ts'
import { didYouMean } from '../../project/nearest.ts'
import type { Phase, Project, Verb } from '../../project/project.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { allAdapters } from '../translate/mesh-option.ts'
import { explainParameter } from './explain-parameter.ts'

/**
 * `ap explain`: what a code, an input or output, or a phase or verb of the project in this folder is. Throws a UsageError for a word that is none of them.
 */
export async function runExplain(
  [word = '']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const { project, missing } = await projectHere(io.cwd)
  const explained = explain(word, project, missing, allAdapters(providers))
  io.stdout.write(format === 'json' ? `${JSON.stringify(explained.data, null, 2)}\n` : `${explained.text}\n`)
  return exitCode.ok
}

interface Explanation {
  readonly text: string
  readonly data: object
}

function explain(
  word: string,
  project: Project | undefined,
  missing: string,
  adapters: readonly MeshAdapter[],
): Explanation {
  const phase = project?.phases.find(({ name }) => name === word)
  if (project !== undefined && phase !== undefined) return { text: phaseText(phase, project), data: phase }
  const verb = project?.verbs.find(({ name }) => name === word)
  if (project !== undefined && verb !== undefined) return { text: verbText(verb, project), data: verb }
  if (isNeutral(word)) {
    const output = describeOutput(word, adapters)
    return { text: outputText(output), data: output }
  }
  const parameter = explainParameter(word, project)
  if (parameter !== undefined) {
    const { title, description, facts, data } = parameter
    return { text: [title, '', `  ${description}`, '', ...table(facts)].join('\n'), data }
  }
  const code = word.toUpperCase()
  if (isCode(code)) {
    const entry = errorEntry(code)
    return { text: `${code}  ${entry.title}\n\n  ${entry.text}\n\n${entry.remedy}`, data: entry }
  }
  const known = [
    ...(project?.phases.map(({ name }) => name) ?? []),
    ...(project?.verbs.map(({ name }) => name) ?? []),
    ...parameterNames('inputs', project?.customParameters.map(({ lowerName }) => lowerName) ?? []),
    ...Object.keys(catalogue),
  ]
  const of = project === undefined ? ` (${missing})` : ` of ${project.kind}`
  throw new UsageError(
    `${word} is neither an input or output, nor a code, nor a phase or verb${of}${didYouMean(word, known)}; outputs are ${Object.keys(outputKinds).join(', ')}`,
  )
}

/** Codes and outputs are explained all the same where there is no project, or none that can be read: `missing` then says which. */
async function projectHere(folder: string): Promise<{ readonly project?: Project; readonly missing: string }> {
  try {
    return { project: (await loadProject(folder)).project, missing: '' }
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    const isThere = existsSync(join(folder, 'autopilot.yaml'))
    return {
      missing: isThere
        ? 'the autopilot.yaml of this folder has errors: see ap lint'
        : 'there is no project in this folder',
    }
  }
}

function phaseText({ name, description, initial, final, inputs, outputs, next }: Phase, project: Project): string {
  const before = project.phases.filter(
    (phase) => !phase.final && (phase.next ?? [name]).includes(name) && phase.name !== name,
  )
  const retried = project.verbs
    .filter(({ next }) => next === name)
    .flatMap(({ name: verb, phases }) =>
      project.phases
        .filter((phase) => phase.final && phases.includes(phase.name))
        .map((phase) => `${phase.name} (by ${verb})`),
    )
  const said = saidIn(project, { name })
  const role = [...(initial ? ['initial'] : []), ...(final ? ['final'] : [])]
  const facts = [
    ['reads', inputs.join(', ') || 'nothing'],
    ['emits', outputs.join(', ') || 'nothing'],
    ['comes after', [...before.map((phase) => phase.name), ...retried].join(', ') || 'nothing'],
    ['goes to', final ? 'nothing: it is not worked on' : (next?.join(', ') ?? 'any phase')],
    ...(said === '' ? [] : [['can be told to', said]]),
    ...(final ? [] : [['worker', workerPath(name)]]),
  ]
  const title = `${name} of ${project.kind}${role.length === 0 ? '' : ` (${role.join(', ')})`}`
  return [title, '', ...(description === '' ? [] : [`  ${description}`, '']), ...table(facts)].join('\n')
}

function verbText({ name, description, phases, next }: Verb, { kind }: Project): string {
  const facts = [
    ['possible in', phases.join(', ')],
    ...(next === undefined ? [] : [['leads to', `${next}, from a final phase`]]),
    ['by', callOf(name)],
    ['the worker has', `context.command.verb === '${name}', with by, at and reason`],
  ]
  return [
    `${name}, a verb of ${kind}`,
    '',
    ...(description === '' ? [] : [`  ${description}`, '']),
    ...table(facts),
  ].join('\n')
}

function outputText({ name, kind, description, fields, examples, meshes }: OutputDescription): string {
  const rows = fields.map(({ path, type, required, description: what }) => [
    path,
    required ? `${type}, required` : type,
    what,
  ])
  const support = meshes.map(({ mesh, has, lacks }) => [
    mesh,
    has.length === 0 ? 'no' : lacks.length === 0 ? 'yes' : `without ${lacks.join(', ')}`,
  ])
  return [
    `${name} (${kind})`,
    '',
    `  ${description}`,
    '',
    ...table(rows),
    '',
    'For example',
    '',
    ...examples.flatMap((example) =>
      example
        .trimEnd()
        .split('\n')
        .map((line, index) => `  ${index === 0 ? '- ' : '  '}${line}`),
    ),
    '',
    'Meshes that have it',
    '',
    ...table(support),
  ].join('\n')
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, cells) => cells.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  )
  return rows.map((cells) => `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd())
}
