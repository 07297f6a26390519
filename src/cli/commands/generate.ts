import type { CommandDefinition } from '../program.ts'

/** `ap generate`: what follows from a project's YAML files and types. */
export const generateCommand: CommandDefinition = {
  examples: [
    ['ap generate', 'after every change of autopilot.yaml or src/spec.ts'],
    ['ap generate --check', 'lists what is stale and exits 1, for CI'],
    ['ap generate --overwrite', 'also what was changed by hand, your stubs included'],
    ['ap generate --crds-from-cluster', 'types for custom kinds from a cluster; without it, from files in crds/'],
    ['ap generate --mesh linkerd', 'with manifests for that mesh only'],
  ],
  define(command) {
    command
      .argument('[folder]', 'the project; this folder unless given')
      .option('--check', 'write nothing; exit 1 when something is not up to date')
      .option('-f, --overwrite', 'write over files that were changed by hand and over your own, keeping them as .orig')
      .option('--mesh <name>', 'make manifests for this mesh only')
      .option(
        '--crds-from-cluster',
        'keep the CRDs of the kinds that phases name, from the current kubeconfig, in crds/',
      )
      .option('--deploy <folder>', 'where manifests go, relative to the project', 'deploy')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runGenerate }, { builtInMeshes }] = await Promise.all([
      import('../generate/run-generate.ts'),
      import('../../meshes.ts'),
    ])
    return runGenerate(args, options, io, builtInMeshes)
  },
}
