import { verbCommand } from '../command/verb-command.ts'

/** `ap resume`: let a paused resource go on. */
export const resumeCommand = verbCommand('resume', [['ap resume web -n shop', 'its worker is called again']], {
  waits: false,
})
