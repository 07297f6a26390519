import type { CommandDefinition } from '../program.ts'

/** `ap run`: the operator of a project, on a cluster, until it is stopped. */
export const runCommand: CommandDefinition = {
  examples: [
    ['ap run', 'the project in this folder, on the current context'],
    ['ap run operators/canary --mesh linkerd', 'another folder, on another mesh'],
    ['ap run -n shop --metrics-addr ""', 'one namespace, no metrics endpoint'],
    ['ap run /app --config /etc/autopilot/autopilot-operator.yaml', 'as in a cluster'],
  ],
  define(command) {
    command
      .argument('[folder]', 'folder of the project', '.')
      .option('--config <file>', 'the operator configuration (default: autopilot-operator.yaml of the project)')
      .option('--kubeconfig <file>', 'kubeconfig (default: as kubectl, then the pod it runs in)')
      .option('--context <name>', 'context of the kubeconfig')
      .option('-n, --namespace <name>', 'watch this namespace only, whatever the configuration says')
      .option('--mesh <name>', 'the mesh, whatever the configuration says')
      .option('--metrics-addr <address>', 'address of /metrics, whatever the configuration says; empty for none')
  },
  async run(args, options, io) {
    const { runOperator } = await import('../run.ts')
    return runOperator(args[0] ?? '.', options, io)
  },
}
