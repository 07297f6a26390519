import type { CommandDefinition } from '../program.ts'

/** `ap switch`: the same workflow on another mesh. */
export const switchCommand: CommandDefinition = {
  examples: [
    ['ap switch linkerd', 'checks, rewrites the word, renews what is generated, shows what changed'],
    ['ap switch kuma --dry-run', 'only checks and shows it'],
  ],
  define(command) {
    command
      .argument('<mesh>', 'the mesh to run on')
      .argument('[folder]', 'the project; this folder unless given')
      .option('--dry-run', 'write nothing')
      .option('--deploy <folder>', 'where manifests go, relative to the project', 'deploy')
  },
  async run(args, options, io) {
    const [{ runSwitch }, { builtInMeshes }] = await Promise.all([
      import('../switch/run-switch.ts'),
      import('../../meshes.ts'),
    ])
    return runSwitch(args, options, io, builtInMeshes)
  },
}
