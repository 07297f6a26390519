import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap get`: the resources of a project's kind. */
export const getCommand: CommandDefinition = {
  examples: [
    ['ap get -A', 'in all namespaces'],
    ['ap get web -n shop', 'its phases, its traffic as asked for and as it is, why it waits'],
    ['ap get web -w', 'the same, kept up to date'],
    ['ap get -o json', 'for programs'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('[name]', 'the resource; all unless given')
      .option('--project <folder>', 'the project', '.')
      .option('-n, --namespace <name>', 'where to look (default: the namespace of the context)')
      .option('-A, --all-namespaces', 'look everywhere')
      .option('-w, --watch', 'go on until interrupted')
      .option('-o, --output <format>', 'text, wide, json or yaml', 'text')
  },
  async run(args, options, io) {
    const [{ runGet }, { builtInMeshes }] = await Promise.all([import('../get/run-get.ts'), import('../../meshes.ts')])
    return runGet(args, options, io, builtInMeshes)
  },
}
