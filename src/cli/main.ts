import { columnsOf } from './columns.ts'
import { commandList } from './command-list.ts'
import { overview } from './help-text.ts'
import { type CommandIo, exitCode } from './io.ts'
import { processIo } from './process-io.ts'

/**
 * Runs `ap` with these arguments and resolves with its exit code: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
 * What is asked for most and needs least, the list of commands, is printed before any library is loaded.
 */
export async function main(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const [first = ''] = args
  if (args.length === 1 && ['--help', '-h', 'help'].includes(first)) {
    io.stdout.write(overview(commandList, columnsOf(io)))
    return exitCode.ok
  }
  const { callCommand } = await import('./call-command.ts')
  return callCommand(args, io)
}
