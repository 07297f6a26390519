import type { CommandDefinition } from '../program.ts'

/** `ap explain`: what a word means. */
export const explainCommand: CommandDefinition = {
  examples: [
    ['ap explain AP2101', 'what a code means and what to do about it'],
    ['ap explain trafficsplits', 'the fields of an output, an example, and the meshes that have it'],
    ['ap explain deployments', 'how a worker reads and writes objects of a kind'],
    ['ap explain Evaluating', 'a phase: what it reads and emits, where it goes'],
  ],
  define(command) {
    command
      .argument('<word>', 'a code, an input or output, a phase or a verb')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runExplain }, { builtInMeshes }] = await Promise.all([
      import('../explain/run-explain.ts'),
      import('../../meshes.ts'),
    ])
    return runExplain(args, options, io, builtInMeshes)
  },
}
