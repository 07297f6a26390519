import { verbCommand } from '../command/verb-command.ts'

/** `ap retry`: begin again after a failure, where the workflow declares what that means. */
export const retryCommand = verbCommand('retry', [
  ['ap retry web -n shop', 'a version that was rolled back is tried again'],
  ['ap retry web --reason "the database is back"', 'who, when and why stay on the resource'],
])
