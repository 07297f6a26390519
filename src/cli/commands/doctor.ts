import { addClusterOptions } from '../cluster/options.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap doctor`: what keeps a project from running here. */
export const doctorCommand: CommandDefinition = {
  examples: [
    ['ap doctor', 'the project in this folder, on the current context'],
    ['ap doctor --prometheus http://localhost:9090', 'with a forwarded port'],
    ['ap doctor -o json', 'for programs'],
  ],
  define(command) {
    addClusterOptions(command)
      .argument('[folder]', 'the project; this folder unless given')
      .option('-n, --namespace <name>', 'where it is to be deployed (default: the operator’s name)')
      .option('--prometheus <url>', 'where Prometheus is reached from here, whatever the configuration says')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(args, options, io) {
    const [{ runDoctor }, { builtInMeshes }] = await Promise.all([
      import('../doctor/run-doctor.ts'),
      import('../../meshes.ts'),
    ])
    return runDoctor(args, options, io, builtInMeshes)
  },
}
