import type { CommandDefinition } from '../program.ts'

/** `ap capabilities`: what each mesh can do with traffic, and how. */
export const capabilitiesCommand: CommandDefinition = {
  examples: [
    ['ap capabilities', 'all meshes side by side'],
    ['ap capabilities istio linkerd', 'only these'],
    ['ap capabilities smi -o markdown', 'with caveats and reasons'],
    [
      'kubectl get crd httproutes.gateway.networking.k8s.io -o yaml | ap capabilities gateway-api -f -',
      'on the release that a cluster has',
    ],
    ['ap capabilities -o json', 'for programs'],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .argument('[mesh...]', 'only these meshes')
      .option('-f, --filename <file>', 'CustomResourceDefinitions of the cluster it is about; may be repeated', collect)
      .option('-o, --output <format>', 'table, json or markdown', 'table')
  },
  async run(args, options, io) {
    const [{ runCapabilities }, { meshesHere }] = await Promise.all([
      import('../capabilities.ts'),
      import('../meshes-here.ts'),
    ])
    return runCapabilities(args, options, io, await meshesHere(args, io))
  },
}
