import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap logs`: what a deployed operator says. */
export const logsCommand: CommandDefinition = {
  examples: [
    ['ap logs', 'all of it, readable on a terminal'],
    ['ap logs -f --tail 20', 'the last lines, then what comes'],
    ['ap logs --since 10m | jq .msg', 'as JSON lines in a pipe'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('[folder]', 'the project; this folder unless given')
      .option('-n, --namespace <name>', 'where it was deployed (default: the operator’s name)')
      .option('-f, --follow', 'go on until interrupted, over restarts')
      .option('--tail <lines>', 'of each pod this many lines from the end')
      .option('--since <duration>', 'no older lines, such as 10m')
  },
  async run(args, options, io) {
    const { runLogs } = await import('../logs/run-logs.ts')
    return runLogs(args, options, io)
  },
}
