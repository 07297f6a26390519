import type { CommandDefinition } from '../program.ts'

/** `ap explain`: what a word means. */
export const explainCommand: CommandDefinition = {
  examples: [
    ['ap explain AP2101', 'what a code means and what to do about it'],
    ['ap explain trafficsplits', 'the fields of an output, an example, and the meshes that have it'],
    ['ap explain Evaluating', 'a phase: what it reads and emits, where it goes'],
  ],
  define(command) {
    command.argument('<word>', 'a code, an output or a phase').option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runExplain }, { builtInMeshes }] = await Promise.all([
      import('../explain/run-explain.ts'),
      import('../../meshes.ts'),
    ])
    return runExplain(args, options, io, builtInMeshes)
  },
}
