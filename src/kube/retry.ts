import { BackOff, type Random } from './back-off.ts'
import type { Clock } from './clock.ts'
import { ApiError, ConnectionError } from './errors.ts'

const maxAttempts = 5
/** What a server asks for beyond this is a mistake of its, or of a proxy's. */
export const longestRetryAfterMs = 60_000

export interface RetryOptions {
  readonly clock: Clock
  readonly random: Random
  readonly signal?: AbortSignal | undefined
  /** Whether the call changes nothing, so that sending it twice does no harm. */
  readonly read: boolean
}

/**
 * Repeats a call that failed for reasons which pass by themselves.
 *
 * - 429 is repeated for every call, since the server says that it has not begun to process it (writes only when it names a
 *   time in `Retry-After`, which API priority and fairness always does);
 * - 500, 502, 503, 504 and a connection that broke are repeated for reads only: a write may have happened.
 *
 * At most five attempts; waits are those that the server asks for (up to a minute) or 0.2 s doubled with jitter.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, signal } = options
  const backOff = new BackOff(
    { firstMs: 200, maxMs: 10_000, factor: 2, jitter: 0.5, resetAfterMs: Number.POSITIVE_INFINITY },
    clock,
    random,
  )
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (attempts === maxAttempts || !passes(error, options.read)) throw error
      const asked = error instanceof ApiError ? error.retryAfterMs : undefined
      await clock.sleep(asked === undefined ? backOff.next() : Math.min(asked, longestRetryAfterMs), signal)
      signal?.throwIfAborted()
    }
  }
}

function passes(error: unknown, read: boolean): boolean {
  if (error instanceof ConnectionError) return read && error.problem === 'reset'
  if (!(error instanceof ApiError)) return false
  if (error.code === 429) return read || error.retryAfterMs !== undefined
  return read && [500, 502, 503, 504].includes(error.code)
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3); undefined when absent or neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
