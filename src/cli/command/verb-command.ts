import type { Command } from 'commander'
import { addClusterOptions } from '../cluster/options.ts'
import type { Examples } from '../help-text.ts'
import type { CommandDefinition } from '../program.ts'

/** A verb as a command of `ap`: `ap promote NAME`. */
export function verbCommand(verb: string, examples: Examples): CommandDefinition {
  return {
    examples,
    define(command) {
      addVerbOptions(command.argument('<name>', 'the resource'))
    },
    async run(args, options, io) {
      const { runCommand } = await import('./run-command.ts')
      return runCommand(verb, args, options, io)
    },
  }
}

/** The options of every verb. */
export function addVerbOptions(command: Command): void {
  addClusterOptions(command)
    .option('--project <folder>', 'the project', '.')
    .option('-n, --namespace <name>', 'where it is (default: the namespace of the context)')
    .option('--reason <text>', 'why; kept on the resource, with who and when')
    .option('-o, --output <format>', 'text or json', 'text')
}
