import type { Command } from 'commander'
import { addClusterOptions } from '../cluster/options.ts'
import type { Examples } from '../help-text.ts'
import type { CommandDefinition } from '../program.ts'

/** A verb as a command of `ap`: `ap promote NAME`. It `waits` for the operator if that is wanted, unless there is nothing to wait for. */
export function verbCommand(verb: string, examples: Examples, { waits = true } = {}): CommandDefinition {
  return {
    examples,
    define(command) {
      addVerbOptions(command.argument('<name>', 'the resource'))
      if (waits) addWaitOptions(command)
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

/** How long to wait for the operator. */
export function addWaitOptions(command: Command): void {
  command
    .option('--wait', 'wait until the operator has followed it, or says why not')
    .option('--timeout <duration>', 'how long to wait', '1m')
}
