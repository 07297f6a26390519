import { Command } from 'commander'
import type { CommandIo } from './io.ts'

/** What the command that ran came to. */
export interface Outcome {
  code: number
}

/** What people want when they look for a command. */
export type CommandGroup = 'Projects' | 'Clusters' | 'Traffic' | 'Help'

/** One command of `ap`. `define` adds options and help; `run` resolves with the exit code. */
export interface CommandDefinition {
  readonly name: string
  /** Under which heading `ap --help` lists it. */
  readonly group: CommandGroup
  readonly summary: string
  /** Calls as a user would type them, with what they do. */
  readonly examples: readonly (readonly [call: string, effect: string])[]
  define(command: Command): void
  run(args: readonly string[], options: Record<string, unknown>, io: CommandIo): Promise<number>
}

/** The `ap` program: its help, its commands, errors thrown instead of exits. */
export function program(io: CommandIo, outcome: Outcome, commands: readonly CommandDefinition[]): Command {
  const ap = new Command('ap')
    .description('Autopilot: write a workflow once, run it on any service mesh')
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stdout.columns ?? 80,
    })
    .showHelpAfterError('(ap --help lists commands and options)')
    .addHelpCommand(new Command('help').argument('[command]').description('Explain a command').helpGroup('Help:'))
  for (const definition of commands) addCommand(ap, definition, io, outcome)
  return ap
}

function addCommand(ap: Command, definition: CommandDefinition, io: CommandIo, outcome: Outcome): void {
  const command = ap
    .command(definition.name)
    .description(definition.summary)
    .helpGroup(`${definition.group}:`)
    .exitOverride()
    .copyInheritedSettings(ap)
  definition.define(command)
  command.addHelpText('after', () => `\nExamples:\n${examples(definition)}`)
  command.action(async () => {
    outcome.code = await definition.run(command.args, command.opts(), io)
  })
}

function examples({ examples }: CommandDefinition): string {
  const width = Math.max(...examples.map(([call]) => call.length))
  return examples.map(([call, effect]) => `  ${call.padEnd(width)}   ${effect}`).join('\n')
}
