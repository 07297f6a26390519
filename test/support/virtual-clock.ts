import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/kube/clock.ts'

interface Timer {
  readonly due: number
  readonly action: () => void
}

/** Time that only moves when a test says so. Starts at 2026-01-01T00:00:00Z. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1)
  #leap = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#now + this.#leap
  }

  elapsed(): number {
    return this.#now
  }

  /** Somebody sets the clock: it shows so much more, or less, from now on. No time passes. */
  leap(ms: number): void {
    this.#leap += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const cancel = this.after(ms, resolve)
      signal?.addEventListener(
        'abort',
        () => {
          cancel()
          resolve()
        },
        { once: true },
      )
    })
  }

  after(ms: number, action: () => void): () => void {
    const timer = { due: this.#now + ms, action }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass; everything that waits for it runs when its time has come, and what follows from it runs before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await setImmediate()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.action()
      await setImmediate()
    }
    this.#now = end
    await setImmediate()
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0]
  }
}
