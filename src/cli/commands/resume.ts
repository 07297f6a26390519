import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap resume`: let a paused resource go on. */
export const resumeCommand: CommandDefinition = {
  examples: [['ap resume web -n shop', 'its worker is called again']],
  define(command) {
    addClusterOptions(command)
      .argument('<name>', 'the resource')
      .option('--project <folder>', 'the project', '.')
      .option('-n, --namespace <name>', 'where it is (default: the namespace of the context)')
  },
  async run(args, options, io) {
    const { runPause } = await import('../pause/run-pause.ts')
    return runPause(false, args, options, io)
  },
}
