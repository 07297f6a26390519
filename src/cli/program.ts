import { Command } from 'commander'
import { columnsOf } from './columns.ts'
import type { CommandEntry } from './command-list.ts'
import { type Examples, exampleLines, helpItem, overview } from './help-text.ts'
import type { CommandIo } from './io.ts'
import { aboutOriginal } from './original-options.ts'

/** What the command that ran came to. */
export interface Outcome {
  code: number
}

/** How one command of `ap` is called and what it does. `define` adds arguments and options; `run` resolves with the exit code. */
export interface CommandDefinition {
  readonly examples: Examples
  define(command: Command): void
  run(args: readonly string[], options: Record<string, unknown>, io: CommandIo): Promise<number>
}

/** A command of the list; without a definition it can be listed and suggested, and not called. */
export type KnownCommand = CommandEntry & { readonly definition?: CommandDefinition }

/** The `ap` program: its help, its commands, errors thrown instead of exits. */
export function program(io: CommandIo, outcome: Outcome, commands: readonly KnownCommand[]): Command {
  const width = columnsOf(io)
  const ap = new Command('ap')
    .usage('<command> [options]')
    .option('-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(original(text)),
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp({
      minWidthToWrap: 1,
      formatItem: (term, termWidth, text) => helpItem(term, termWidth, text, width),
    })
    .showHelpAfterError('(ap --help lists commands and options)')
    .addHelpCommand(new Command('help').argument('[command]').description('Explain a command').helpGroup('Help:'))
  ap.helpInformation = () => overview(commands, width)
  for (const known of commands) addCommand(ap, known, io, outcome)
  return ap
}

/** An error of a call; what it says of an option that there was before is more use than what it resembles. */
function original(error: string): string {
  const advice = aboutOriginal(error)
  return advice === '' ? error : `${error.split('\n', 1)[0]}\n${advice}`
}

function addCommand(ap: Command, { name, summary, definition }: KnownCommand, io: CommandIo, outcome: Outcome): void {
  const command = ap.command(name).description(summary).exitOverride().copyInheritedSettings(ap)
  if (definition === undefined) return
  definition.define(command)
  command.addHelpText('after', () => ['', 'Examples:', ...exampleLines(definition.examples, columnsOf(io))].join('\n'))
  command.action(async () => {
    outcome.code = await definition.run(command.args, command.opts(), io)
  })
}
