import { verbCommand } from '../command/verb-command.ts'

/** `ap promote`: go ahead, where the workflow declares what that means. */
export const promoteCommand = verbCommand('promote', [
  ['ap promote web -n shop', 'a canary skips the steps that are left'],
  ['ap promote web --reason "tried by hand"', 'who, when and why stay on the resource'],
  ['ap promote web --wait -o json', 'for a pipeline: it fails when the operator does not follow'],
])
