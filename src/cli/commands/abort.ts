import { verbCommand } from '../command/verb-command.ts'

/** `ap abort`: give up and go back, where the workflow declares what that means. */
export const abortCommand = verbCommand('abort', [
  ['ap abort web -n shop', 'a canary is rolled back'],
  ['ap abort web --reason "errors in the log"', 'who, when and why stay on the resource'],
])
