import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap deploy`: the operator of a project onto a cluster. */
export const deployCommand: CommandDefinition = {
  examples: [
    ['ap deploy registry.example/canary:1.0', 'into the namespace of the operator’s name, for that namespace'],
    ['ap deploy registry.example/canary:1.0 --cluster-scoped --wait', 'for all namespaces; ready when it returns'],
    ['ap deploy registry.example/canary:1.1 --dry-run', 'what would change'],
    ['ap deploy registry.example/canary:1.0 -n shop --mesh linkerd -o yaml', 'the objects, without a cluster'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('<image>', 'the operator’s image, as the cluster pulls it')
      .argument('[folder]', 'the project; this folder unless given')
      .option('-n, --namespace <name>', 'where it runs, and what it watches (default: made, by the operator’s name)')
      .option('--mesh <name>', 'the mesh, whatever the configuration says')
      .option('-c, --cluster-scoped', 'watch all namespaces')
      .option('--dry-run', 'ask the API server what would change, and change nothing')
      .option('--wait', 'wait until the operator is available')
      .option('--timeout <duration>', 'how long to wait', '2m')
      .option('-d, --deletepods', 'delete the operator’s pods, for an image that has changed under its name')
      .option('-o, --output <format>', 'print the objects as yaml or json instead')
  },
  async run(args, options, io) {
    const [{ runDeploy }, { builtInMeshes }] = await Promise.all([
      import('../deploy/run-deploy.ts'),
      import('../../meshes.ts'),
    ])
    return runDeploy(args, options, io, builtInMeshes)
  },
}
