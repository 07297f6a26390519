import { verbCommand } from '../command/verb-command.ts'

/** `ap pause`: hold a resource in its phase. */
export const pauseCommand = verbCommand(
  'pause',
  [
    ['ap pause web -n shop', 'no worker is called for it; what is there is kept'],
    ['ap pause web --reason "sale until six"', 'who, when and why stay on the resource'],
  ],
  { waits: false },
)
