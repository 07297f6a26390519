import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap status`: how a deployed operator is. */
export const statusCommand: CommandDefinition = {
  examples: [
    ['ap status', 'its Deployment, its leader, its resources by phase'],
    ['ap status -n shop -o json', 'elsewhere, for programs'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('[folder]', 'the project; this folder unless given')
      .option('-n, --namespace <name>', 'where it was deployed (default: the operator’s name)')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runStatus }, { builtInMeshes }] = await Promise.all([
      import('../status/run-status.ts'),
      import('../../meshes.ts'),
    ])
    return runStatus(args, options, io, builtInMeshes)
  },
}
