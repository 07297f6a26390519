import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap pause`: hold a resource in its phase. */
export const pauseCommand: CommandDefinition = {
  examples: [['ap pause web -n shop', 'no worker is called for it; what is there is kept']],
  define(command) {
    addClusterOptions(command)
      .argument('<name>', 'the resource')
      .option('--project <folder>', 'the project', '.')
      .option('-n, --namespace <name>', 'where it is (default: the namespace of the context)')
  },
  async run(args, options, io) {
    const { runPause } = await import('../pause/run-pause.ts')
    return runPause(true, args, options, io)
  },
}
