import type { CommandDefinition } from '../program.ts'

/** `ap capabilities`: what each mesh can do with traffic, and how. */
export const capabilitiesCommand: CommandDefinition = {
  examples: [
    ['ap capabilities', 'all meshes side by side'],
    ['ap capabilities istio linkerd', 'only these'],
    ['ap capabilities smi -o markdown', 'with caveats and reasons'],
    ['ap capabilities -o json', 'for programs'],
  ],
  define(command) {
    command
      .argument('[mesh...]', 'only these meshes')
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
