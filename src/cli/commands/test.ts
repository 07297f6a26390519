import type { CommandDefinition } from '../program.ts'

/** `ap test`: the simulation tests of a project. */
export const testCommand: CommandDefinition = {
  examples: [
    ['ap test', 'every test of the project, without a cluster'],
    ['ap test -- --watch', 'options after -- go to vitest'],
  ],
  define(command) {
    command.argument('[vitest...]', 'options and filters for vitest')
  },
  async run(args, _options, io) {
    const { runTests } = await import('../run-tests.ts')
    return runTests(args, io)
  },
}
