import { cancel, select, text } from '@clack/prompts'
import { templates } from '../../../generators/templates/templates.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { type Answers, defaults, groupProblem, kindProblem, requireTemplate, versionProblem } from './identity.ts'

/** Asks on the terminal for what is not known yet; undefined when the user gave up. */
export async function ask(known: Answers, providers: readonly MeshProvider[]): Promise<Answers | undefined> {
  const template = known.template ?? (await choose('What to begin with?', templates, defaults.template))
  if (template === undefined) return undefined
  const kind = known.kind ?? (await line('Kind of the resource?', requireTemplate(template).defaultKind, kindProblem))
  if (kind === undefined) return undefined
  const group = known.group ?? (await line('Its API group?', defaults.group, groupProblem))
  if (group === undefined) return undefined
  const version = known.version ?? (await line('Its API version?', defaults.version, versionProblem))
  if (version === undefined) return undefined
  const mesh = known.mesh ?? (await choose('Which mesh?', providers, defaults.mesh))
  return mesh === undefined ? undefined : { template, kind, group, version, mesh }
}

/** Asks where the project goes; undefined when the user gave up. */
export function askFolder(initialValue: string): Promise<string | undefined> {
  const problemOf = (folder: string) => (folder.trim() === '' ? 'A folder has a name.' : undefined)
  return line('Folder of the project?', initialValue, problemOf)
}

async function line(
  message: string,
  initialValue: string,
  problemOf: (value: string) => string | undefined,
): Promise<string | undefined> {
  const answer = await text({ message, initialValue, validate: (value) => problemOf(value ?? '') })
  return orNothing(answer)
}

async function choose(
  message: string,
  among: readonly { readonly name: string; readonly description: string }[],
  initialValue: string,
): Promise<string | undefined> {
  const options = among.map(({ name, description }) => ({ value: name, label: name, hint: description }))
  return orNothing(await select({ message, options, initialValue }))
}

function orNothing(answer: string | symbol): string | undefined {
  if (typeof answer === 'string') return answer
  cancel('Nothing was written.')
  return undefined
}
