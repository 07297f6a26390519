import type { CommandDefinition } from '../program.ts'

/** `ap dev`: a project at work while it is written. */
export const devCommand: CommandDefinition = {
  examples: [
    ['ap dev', 'with nothing installed; starts again at every change'],
    ['ap dev --traffic web=20', 'with 20 requests a second to the Service web'],
    ['ap dev --traffic web --errors web-v2=0.2', 'a fifth of what the image web-v2 answers are errors'],
    ['ap dev --cluster', 'on the cluster of the current kubeconfig'],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .argument('[folder]', 'the project; this folder unless given')
      .option('--cluster', 'on the cluster of the current kubeconfig')
      .option('--context <name>', 'with --cluster: context of the kubeconfig')
      .option('-n, --namespace <name>', 'with --cluster: watch this namespace only')
      .option('--traffic <service[:port][=rate]>', 'simulated requests a second to a Service; may be repeated', collect)
      .option('--errors <image=share>', 'share of errors of the Deployments with this image; may be repeated', collect)
  },
  async run(args, options, io) {
    const [{ runDev }, { builtInMeshes }] = await Promise.all([import('../dev/run-dev.ts'), import('../../meshes.ts')])
    return runDev(args, options, io, builtInMeshes)
  },
}
