import type { CommandDefinition } from '../program.ts'

/** `ap init`: a new project. */
export const initCommand: CommandDefinition = {
  examples: [
    ['ap init my-operator', 'asks for the rest on a terminal'],
    ['ap init my-operator --kind Example --mesh linkerd --yes', 'without questions'],
    ['ap init rollouts --kind Rollout --group acme.io --template canary', 'with a canary to begin with'],
  ],
  define(command) {
    command
      .argument('[folder]', 'where the project goes; created when it is not there')
      .option('--kind <Kind>', 'the resource that the operator is for')
      .option('--group <group>', 'its API group')
      .option('--version <version>', 'its API version')
      .option('--mesh <name>', 'the mesh that the workflow runs on first')
      .option('--template <name>', 'blank or canary')
      .option('-y, --yes', 'ask nothing: take defaults for what is not given')
  },
  async run(args, options, io) {
    const [{ runInit }, { builtInMeshes }] = await Promise.all([
      import('../init/run-init.ts'),
      import('../../meshes.ts'),
    ])
    return runInit(args, options, io, builtInMeshes)
  },
}
