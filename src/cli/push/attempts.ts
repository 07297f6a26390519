import type { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { BackOff, type Random } from '../../kube/back-off.ts'
import type { Clock } from '../../kube/clock.ts'

/** Another attempt may go better; `reason` is what there is to say when none does. */
export class Transient extends Error {
  override readonly name = 'Transient'
  readonly reason: DiagnosticError
  /** What the server asks for (RFC 9110, `Retry-After`); milliseconds. */
  readonly after: number | undefined

  constructor(reason: DiagnosticError, after?: number) {
    super(reason.message, { cause: reason })
    this.reason = reason
    this.after = after
  }
}

const attempts = 5
/** A server that asks for more than this is not waited for. */
const longestWait = 60_000
const delays = { firstMs: 500, maxMs: 10_000, factor: 2, jitter: 0.5, resetAfterMs: 600_000 }

export interface Patience {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  /** Called before each wait; milliseconds. */
  readonly waiting: (reason: DiagnosticError, wait: number) => void
}

/**
 * Does something until it is done: what it throws as `Transient` is tried again, five times in all, after growing pauses or those that the
 * server asks for.
 *
 * @throws the `reason` of the last attempt
 */
export async function persistently<Result>(patience: Patience, action: () => Promise<Result>): Promise<Result> {
  const { clock, random, signal, waiting } = patience
  const backOff = new BackOff(delays, clock, random)
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof Transient)) throw error
      const wait = error.after ?? backOff.next()
      if (left === 0 || wait > longestWait) throw error.reason
      waiting(error.reason, wait)
      await clock.sleep(wait, signal)
      signal.throwIfAborted()
    }
  }
}

/** Milliseconds that a server asks to wait: its seconds or its date; undefined for neither. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
