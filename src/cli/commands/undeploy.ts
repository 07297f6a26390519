import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap undeploy`: the operator of a project off a cluster. */
export const undeployCommand: CommandDefinition = {
  examples: [
    ['ap undeploy', 'when no resources of its kind are left'],
    ['ap undeploy --cascade --traffic restore', 'its resources first, each cleaned up by the operator'],
    ['ap undeploy --cascade --traffic keep', 'its resources too, but what they made stays'],
    ['ap undeploy -n shop --dry-run', 'what would be deleted'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('[folder]', 'the project; this folder unless given')
      .option('-n, --namespace <name>', 'where it was deployed (default: the operator’s name)')
      .option('--cascade', 'delete the resources of its kind too')
      .option('--traffic <what>', 'with --cascade: restore it, or keep it as it is (asked on a terminal)')
      .option('--timeout <duration>', 'how long resources may take to be cleaned up, and the operator to stop', '2m')
      .option('--dry-run', 'say what would be deleted, and delete nothing')
  },
  async run(args, options, io) {
    const { runUndeploy } = await import('../undeploy/run-undeploy.ts')
    return runUndeploy(args, options, io)
  },
}
