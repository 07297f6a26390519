import type { CommandDefinition } from '../program.ts'

/** `ap lint`: everything that is wrong with a project, or with objects in files. */
export const lintCommand: CommandDefinition = {
  examples: [
    ['ap lint', 'the project in this folder, for the mesh in its configuration'],
    ['ap lint --mesh all', 'where the workflow could run'],
    ['ap lint -f split.yaml -f services.yaml', 'what an API server or a mesh would refuse'],
    ['ap lint -f web.yaml --mesh linkerd', 'and what Linkerd could not carry'],
    ['ap lint -o sarif > lint.sarif', 'for code hosts'],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .argument('[folder]', 'the project; this folder unless given')
      .option('-f, --filename <file>', 'YAML or JSON objects, - for standard input; may be repeated', collect)
      .option('--mesh <name>', 'the mesh that is to carry it, or all')
      .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
      .option('-o, --output <format>', 'text, json or sarif', 'text')
  },
  async run(args, options, io) {
    const [{ runLint }, { builtInMeshes }] = await Promise.all([
      import('../lint/run-lint.ts'),
      import('../../meshes.ts'),
    ])
    return runLint(args, options, io, builtInMeshes)
  },
}
