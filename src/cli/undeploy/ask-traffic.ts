import { cancel, select } from '@clack/prompts'
import { type CommandIo, UsageError } from '../io.ts'

/** Asks on a terminal what becomes of the traffic; undefined when the user gave up. Throws a UsageError where nobody can be asked. */
export async function askTraffic({ stdout }: CommandIo, count: number): Promise<'restore' | 'keep' | undefined> {
  if (stdout.isTTY !== true || !process.stdin.isTTY) {
    throw new UsageError('say what becomes of the traffic: --traffic restore or --traffic keep')
  }
  const answer = await select({
    message: `What becomes of the traffic of ${count} ${count === 1 ? 'resource' : 'resources'}?`,
    options: [
      { value: 'restore', label: 'restore it', hint: 'the operator cleans up after each, then it goes' },
      { value: 'keep', label: 'keep it as it is', hint: 'the operator goes first, what it made stays' },
    ],
  })
  if (answer === 'restore' || answer === 'keep') return answer
  cancel('Nothing was deleted.')
  return undefined
}
