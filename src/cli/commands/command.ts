import { addVerbOptions, addWaitOptions } from '../command/verb-command.ts'
import type { CommandDefinition } from '../program.ts'

/** `ap command`: any verb that the workflow declares. */
export const commandCommand: CommandDefinition = {
  examples: [
    ['ap command approve web -n shop', 'for a workflow with the verb `approve` in autopilot.yaml'],
    ['ap command approve web --reason "seen by QA"', 'who, when and why stay on the resource'],
  ],
  define(command) {
    addVerbOptions(command.argument('<verb>', 'a verb of autopilot.yaml').argument('<name>', 'the resource'))
    addWaitOptions(command)
  },
  async run([verb = '', ...args], options, io) {
    const { runCommand } = await import('../command/run-command.ts')
    return runCommand(verb, args, options, io)
  },
}
