import type { CommandDefinition } from '../program.ts'

/** `ap translate`: traffic of one mesh in the words of another. */
export const translateCommand: CommandDefinition = {
  examples: [
    ['ap translate --to gateway-api -f split.yaml -f services.yaml', 'SMI TrafficSplits as HTTPRoutes'],
    ['ap translate --to linkerd -f istio.yaml | kubectl apply -f -', 'VirtualServices as what Linkerd takes'],
    ['kubectl get trafficsplits,httproutegroups,services -A -o yaml | ap translate --to istio -f -', 'from a cluster'],
    [
      'ap translate --to gateway-api -f web.yaml -f httproutes-crd.yaml',
      'for the release that a cluster has installed',
    ],
    ['ap translate --to smi -f routes.yaml --partial -o json', 'what can be said, as a List; the rest on stderr'],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .option('--to <mesh>', 'the mesh to write for')
      .option('-f, --filename <file>', 'YAML or JSON objects, - for standard input; may be repeated', collect)
      .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
      .option('-o, --output <format>', 'yaml or json', 'yaml')
      .option('--trust-domain <name>', 'of the identities of the mesh to write for; its own default unless given')
      .option('--fault-image <image>', 'of the pods that stand in for faults on a mesh without; nginx without root')
      .option('--partial', 'print what can be translated even when something cannot')
  },
  async run(_args, options, io) {
    const [{ runTranslate }, { meshesHere }] = await Promise.all([
      import('../translate/run-translate.ts'),
      import('../meshes-here.ts'),
    ])
    return runTranslate(options, io, await meshesHere([options['to']], io))
  },
}
