import { execFileSync } from 'node:child_process'
import { CounterpartMissing } from '../cluster/binaries.ts'
import { command } from '../cluster/command.ts'

/** An address of this machine that nothing outside of it reaches. It goes with this process at the latest. */
export interface OwnAddress {
  readonly address: string
  remove(): void
}

/**
 * Gives the loopback interface an address for backends: an EndpointSlice may not name one of 127/8. It is of the network set aside
 * for measurements (RFC 2544), made from the process id so that runs beside each other do not meet. Throws `CounterpartMissing`
 * without the right to do so.
 */
export async function ownAddress(): Promise<OwnAddress> {
  const address = `198.18.${(process.pid >> 8) & 0xff}.${process.pid & 0xff || 1}`
  const ip = (action: 'add' | 'del') => ['address', action, `${address}/32`, 'dev', 'lo']
  try {
    await command('ip', ip('add'))
  } catch (error) {
    // Left by a process of the same number that was killed.
    const isLeft = error instanceof Error && /File exists|already assigned/.test(error.message)
    if (!isLeft)
      throw new CounterpartMissing('the loopback interface cannot be given an address here: run this on Linux as root')
  }
  const remove = () => {
    process.off('exit', remove)
    // At once, as the end of the process leaves no time to wait.
    execFileSync('ip', ip('del'), { stdio: 'ignore' })
  }
  process.once('exit', remove)
  return { address, remove }
}
