import type { Clock } from './clock.ts'

export interface TokenBucketOptions {
  /** How many at once. */
  readonly burst: number
  /** One more after each such time. */
  readonly refillMs: number
  readonly clock: Clock
}

/** One allowance per key. A key whose allowance is full again is forgotten. */
export class TokenBuckets {
  readonly #options: TokenBucketOptions
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(options: TokenBucketOptions) {
    this.#options = options
  }

  /** Takes one; false when there is none. */
  take(key: string): boolean {
    const { burst, refillMs, clock } = this.#options
    const now = clock.elapsed()
    if (this.#buckets.size >= 1_000) this.#forgetFull(now)
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs)
    const allowed = tokens >= 1
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now })
    return allowed
  }

  #forgetFull(now: number): void {
    const { burst, refillMs } = this.#options
    for (const [key, { tokens, at }] of this.#buckets) {
      if (tokens + (now - at) / refillMs >= burst) this.#buckets.delete(key)
    }
  }
}
