import { execFileSync } from 'node:child_process'
import { CounterpartMissing } from '../cluster/binaries.ts'
import { command } from '../cluster/command.ts'

/** Addresses of this machine that nothing outside of it reaches. They go with this process at the latest. */
export interface OwnAddresses {
  readonly addresses: readonly string[]
  remove(): void
}

/**
 * Gives the loopback interface two addresses for backends: an EndpointSlice may not name one of 127/8. They are of the network set aside
 * for measurements (RFC 2544), made from the process id so that runs beside each other do not meet. Throws `CounterpartMissing`
 * without the right to do so.
 */
export async function ownAddresses(): Promise<OwnAddresses> {
  const own = `${(process.pid >> 8) & 0xff}.${process.pid & 0xff || 1}`
  const addresses = [`198.18.${own}`, `198.19.${own}`]
  for (const address of addresses) await add(address)
  const remove = () => {
    process.off('exit', remove)
    // At once, as the end of the process leaves no time to wait.
    for (const address of addresses) execFileSync('ip', ip('del', address), { stdio: 'ignore' })
  }
  process.once('exit', remove)
  return { addresses, remove }
}

function ip(action: 'add' | 'del', address: string): string[] {
  return ['address', action, `${address}/32`, 'dev', 'lo']
}

async function add(address: string): Promise<void> {
  try {
    await command('ip', ip('add', address))
  } catch (error) {
    // Left by a process of the same number that was killed.
    const isLeft = error instanceof Error && /File exists|already assigned/.test(error.message)
    if (!isLeft)
      throw new CounterpartMissing('the loopback interface cannot be given an address here: run this on Linux as root')
  }
}
