import type { CommandDefinition } from '../program.ts'

/** `ap demo`: the canary operator at work on every mesh, on the embedded control plane. */
export const demoCommand: CommandDefinition = {
  examples: [
    ['ap demo', 'a good and a bad version on every mesh, and a table'],
    ['ap demo --mesh istio,linkerd --scenario bad', 'only these'],
    ['ap demo --scenario good --speed 60', 'one virtual minute a second, to watch it'],
    ['ap demo --mesh smi --serve', 'leave the control plane running for kubectl'],
    ['ap demo -o json', 'an array of runs for programs'],
  ],
  define(command) {
    const collect = (value: string, previous: readonly string[] = []) => [...previous, value]
    command
      .option('--mesh <names>', 'only these meshes; may be repeated or divided by commas', collect)
      .option('--scenario <names>', 'good, bad or no-traffic (default: good and bad)', collect)
      .option('--speed <factor>', 'virtual seconds per second (default: as fast as it goes)')
      .option('--seed <number>', 'seed of the simulated requests', '1')
      .option('--serve', 'leave the control plane of the last run running and print its kubeconfig')
      .option('-o, --output <format>', 'text or json', 'text')
  },
  async run(_args, options, io) {
    const [{ runDemo }, { canaryWorkflow }, { createContainer, meshProviders }] = await Promise.all([
      import('../demo.ts'),
      import('../demo/workflow.ts'),
      import('../../container.ts'),
    ])
    return runDemo(options, io, { providers: meshProviders(createContainer()), workflow: canaryWorkflow })
  },
}
