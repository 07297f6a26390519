import type { CommandDefinition } from '../program.ts'

/** `ap build`: a container image of a project. */
export const buildCommand: CommandDefinition = {
  examples: [
    ['ap build ghcr.io/acme/rollouts:1.0.0', 'an OCI layout in dist/image of the project'],
    [
      'ap build ghcr.io/acme/rollouts:1.0.0 --push',
      'and bring it to the registry, as whom `docker login` has logged in',
    ],
    ['ap build localhost:5000/rollouts --platform linux/amd64,linux/arm64', 'for both architectures'],
    ['ap build rollouts:dev --engine docker', 'into the images of Docker'],
  ],
  define(command) {
    command
      .argument('<image>', 'name of the image, such as ghcr.io/acme/rollouts:1.0.0')
      .argument('[folder]', 'the project; this folder unless given')
      .option('--engine <name>', 'where the image goes: oci (a layout on disk), docker, podman or buildah', 'oci')
      .option('--platform <list>', 'linux/amd64, linux/arm64 or both with a comma (default: that of this machine)')
      .option('--to <path>', 'where the OCI layout goes: a folder, or an archive when it ends in .tar')
      .option(
        '--push',
        'bring the image to its registry, with the credentials of ~/.docker/config.json or of the engine',
      )
      .option('--insecure', 'push to a registry that speaks plain HTTP, or whatever certificate it has')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runBuild }, { builtInMeshes }] = await Promise.all([
      import('../build/run-build.ts'),
      import('../../meshes.ts'),
    ])
    return runBuild(args, options, io, builtInMeshes)
  },
}
