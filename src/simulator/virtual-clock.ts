import type { Clock } from '../kube/clock.ts'
import { DelayHeap } from '../kube/delay-heap.ts'

/** One thing to do at a time of the virtual clock. */
interface Timer {
  readonly readyAt: number
  readonly action: () => void
}

/** What a run needs to know of the world that lives on the clock. */
export interface World {
  /** Resolves when nothing is left to do at the present instant: no request in flight, nobody at work. */
  idle(): Promise<void>
}

export interface RunOptions extends World {
  /** The run ends when the clock has reached this time; without it only `until` ends it. */
  readonly deadline?: number
}

/**
 * Time that passes only when it is told to.
 *
 * Guarantees:
 * - `now()` never goes back; a timer sees `now()` at exactly the time it was set for, or later when time had passed it already;
 * - timers fire by time, those of one instant in the order in which they were set;
 * - `run` moves on to the next timer only when the world is idle, so a program whose every wait is on this clock does the same
 *   things in the same order each time.
 *
 * With `speed` (virtual seconds per real second) `run` pauses between timers, and `now()` follows the real time in such a
 * pause, so that requests from outside the process get sensible times; what the program does itself is the same at any speed.
 * Without it, waiting takes no time at all.
 */
export class VirtualClock implements Clock {
  readonly #timers = new DelayHeap<Timer>()
  #now: number
  #speed: number | undefined
  /** Real time and virtual time at the last moment when both were known. */
  #anchor: { readonly real: number; readonly virtual: number } | undefined
  /** The present pause: how to end it, and the time at which it ends by itself. */
  #pausing: { readonly wake: () => void; readonly target: number } | undefined

  constructor(start: number, options: { readonly speed?: number | undefined } = {}) {
    this.#now = start
    this.#speed = checkedSpeed(options.speed)
  }

  now(): number {
    if (this.#speed === undefined || this.#anchor === undefined || this.#pausing === undefined) return this.#now
    const passed = this.#anchor.virtual + (performance.now() - this.#anchor.real) * this.#speed
    // A timer that is due has to see its own time first: the clock waits for it.
    const next = Math.min(this.#pausing.target, this.#timers.peek()?.readyAt ?? passed)
    this.#now = Math.max(this.#now, Math.min(passed, next))
    return this.#now
  }

  /** Nobody sets this clock. */
  elapsed(): number {
    return this.now()
  }

  /** Changes how fast time passes; undefined is as fast as possible. */
  setSpeed(speed: number | undefined): void {
    this.#pausing?.wake()
    this.#speed = checkedSpeed(speed)
    this.#anchor = undefined
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        cancel()
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const cancel = this.after(ms, finish)
      signal?.addEventListener('abort', finish, { once: true })
    })
  }

  after(ms: number, action: () => void): () => void {
    const timer = { readyAt: this.now() + Math.max(0, ms), action }
    this.#timers.add(timer)
    this.#pausing?.wake()
    return () => this.#timers.remove(timer)
  }

  /** Fires every timer up to and including `time`, then stands there. Does not wait for what the timers began. */
  advanceTo(time: number): void {
    for (let next = this.#timers.peek(); next !== undefined && next.readyAt <= time; next = this.#timers.peek())
      this.#fire()
    this.#now = Math.max(this.#now, time)
  }

  /**
   * Lets time pass until `until` holds, the deadline is reached or the signal aborts. `until` is asked whenever the world is
   * idle. Without a deadline it also ends when no timer is left, because then nothing can ever happen again.
   */
  async run(until: () => boolean, options: RunOptions & { readonly signal?: AbortSignal }): Promise<void> {
    const { deadline = Number.POSITIVE_INFINITY, signal } = options
    for (;;) {
      await options.idle()
      if (signal?.aborted || until()) return
      const due = this.#timers.peek()?.readyAt ?? Number.POSITIVE_INFINITY
      if (this.#speed === undefined) {
        if (due > deadline) return this.#stand(deadline)
        if (due === Number.POSITIVE_INFINITY) return
        this.#fire()
        continue
      }
      const target = Math.min(due, deadline)
      if (target > this.now()) {
        await this.#pause(target, signal)
        continue
      }
      if (due > deadline) return
      this.#fire()
    }
  }

  #stand(deadline: number): void {
    if (deadline !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, deadline)
  }

  #fire(): void {
    const timer = this.#timers.take()
    if (timer === undefined) return
    this.#now = Math.max(this.#now, timer.readyAt)
    timer.action()
  }

  /** Sleeps in real time until the clock would show `target`, or a new timer or another speed changes what comes next. */
  #pause(target: number, signal: AbortSignal | undefined): Promise<void> {
    const speed = this.#speed ?? 1
    this.#anchor ??= { real: performance.now(), virtual: this.#now }
    const remaining = (target - this.#anchor.virtual) / speed - (performance.now() - this.#anchor.real)
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        this.now()
        this.#pausing = undefined
        resolve()
      }
      const timer = setTimeout(finish, Math.min(Math.max(0, remaining), 2 ** 31 - 1))
      signal?.addEventListener('abort', finish, { once: true })
      this.#pausing = { wake: finish, target }
    })
  }
}

function checkedSpeed(speed: number | undefined): number | undefined {
  if (speed !== undefined && !(Number.isFinite(speed) && speed > 0))
    throw new RangeError(`speed ${speed} is not positive`)
  return speed
}
