import { commandList } from '../../src/cli/command-list.ts'
import { loadCommand } from '../../src/cli/load-command.ts'
import type { CommandDefinition } from '../../src/cli/program.ts'

/** A call as the help of a command gives it. */
export interface ExampleCall {
  readonly command: (typeof commandList)[number]
  readonly definition: CommandDefinition
  /** As printed, with what a shell does around it. */
  readonly text: string
  /** What `ap` gets of it. */
  readonly args: readonly string[]
}

/** Every example of every command. */
export async function exampleCalls(): Promise<ExampleCall[]> {
  const calls = commandList.map(async (command) => {
    const definition = await loadCommand(command.name)
    return definition.examples.map(([text]) => ({ command, definition, text, args: argumentsOf(text) }))
  })
  return (await Promise.all(calls)).flat()
}

/** The words after `ap`, up to where a pipe or a file takes over. */
function argumentsOf(text: string): string[] {
  const words: string[] = text.match(/(?:[^\s'"()]|'[^']*'|"[^"]*")+/g) ?? []
  const after = words.slice(words.indexOf('ap') + 1)
  const end = after.findIndex((word) => word === '|' || word === '>')
  return (end < 0 ? after : after.slice(0, end)).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}

/**
 * Examples that go on until somebody ends them, and what they have printed when they are at work. They run as processes
 * (test/new-project/interrupted.test.ts).
 */
export const goOn: Readonly<Record<string, RegExp>> = {
  'ap demo --scenario good --speed 60': /Waiting/,
  'ap demo --mesh smi --serve': /Ctrl-C ends it/,
  'ap test -- --watch': /Waiting for file changes/,
  'ap dev': /operator started/,
  'ap dev --traffic web=20': /operator started/,
  'ap dev --traffic web --errors web-v2=0.2': /operator started/,
  'ap dev --cluster': /operator started/,
  'ap run': /operator started/,
  'ap run operators/canary --mesh linkerd': /operator started/,
  'ap run -n shop --metrics-addr ""': /operator started/,
  'ap get web -w': /Canary default\/web/,
  'ap logs -f --tail 20': /operator started/,
}
