import type { CommandDefinition } from '../program.ts'

/** `ap route`: where a mesh sends one request. */
export const routeCommand: CommandDefinition = {
  examples: [
    ["ap route --mesh istio -f web.yaml --request 'GET http://web/'", 'which rule takes it, and the shares'],
    [
      "ap route --mesh linkerd -f web.yaml --request 'GET http://web.shop:8080/a?b=1' -H 'x-beta: yes'",
      'with a header',
    ],
    ["ap route --mesh smi -f - --request 'GET http://web/' --from-namespace shop -o json", 'for programs'],
    ["ap route --mesh istio -f web.yaml --request 'POST http://web/shop.Cart/Add' --protocol grpc", 'a gRPC call'],
    [
      "ap route --mesh istio -f db.yaml --request 'GET http://db:443/' --protocol tcp --sni a.example.com",
      'a TLS client',
    ],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .option('--mesh <name>', 'the mesh whose rules count')
      .option('-f, --filename <file>', 'YAML or JSON objects, - for standard input; may be repeated', collect)
      .option('--request <request>', "'METHOD http://host[:port]/path?query'")
      .option('-H, --header <header>', "'name: value'; may be repeated", collect)
      .option('--from-namespace <name>', 'namespace of the client', 'default')
      .option('--protocol <protocol>', 'http, grpc or tcp', 'http')
      .option('--sni <name>', 'the server name that a TLS client asks for; with --protocol tcp')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(_args, options, io) {
    const [{ runRoute }, { meshesHere }] = await Promise.all([
      import('../route/run-route.ts'),
      import('../meshes-here.ts'),
    ])
    return runRoute(options, io, await meshesHere([options['mesh']], io))
  },
}
