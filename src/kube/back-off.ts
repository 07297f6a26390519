import type { Clock } from './clock.ts'

/** A number in [0, 1), as `Math.random` gives: injected so that runs can be repeated. */
export type Random = () => number

export interface BackOffOptions {
  readonly firstMs: number
  readonly maxMs: number
  readonly factor: number
  /** Share of each delay that chance may add: 1 gives delays from d to 2 d, so that clients do not return all at once. */
  readonly jitter: number
  /** After this long without a failure the delays start over. */
  readonly resetAfterMs: number
}

/** Growing delays between attempts at one thing. */
export class BackOff {
  readonly #options: BackOffOptions
  readonly #clock: Clock
  readonly #random: Random
  #nextMs: number
  /** When the last delay that was given out is over. */
  #lastDue = Number.NEGATIVE_INFINITY

  constructor(options: BackOffOptions, clock: Clock, random: Random) {
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#nextMs = options.firstMs
  }

  /** How long to wait before the next attempt. */
  next(): number {
    const { firstMs, maxMs, factor, jitter, resetAfterMs } = this.#options
    if (this.#clock.elapsed() - this.#lastDue > resetAfterMs) this.#nextMs = firstMs
    const delay = Math.min(maxMs, this.#nextMs * (1 + jitter * this.#random()))
    this.#nextMs = Math.min(maxMs, this.#nextMs * factor)
    this.#lastDue = this.#clock.elapsed() + delay
    return delay
  }

  reset(): void {
    this.#nextMs = this.#options.firstMs
  }
}
