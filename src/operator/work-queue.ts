import type { Clock } from '../kube/clock.ts'
import { DelayHeap } from '../kube/delay-heap.ts'

/** Priority of what nobody waits for: the initial list and resyncs, as in controller-runtime's handlers. */
export const lowPriority = -100

/** First and longest delay of the back-off of one key, as in client-go's ItemExponentialFailureRateLimiter. */
const firstRetryMs = 5
const longestRetryMs = 1_000_000

export interface AddOptions {
  /** Higher goes first; 0 unless given. */
  readonly priority?: number
  /** Milliseconds until the key is ready; at once unless given. */
  readonly after?: number
}

/** What happens to keys, for metrics. */
export interface QueueObserver {
  /** A key that was not in the queue is now. */
  added(): void
  /** A key was handed out, so long after it had become ready. */
  taken(key: string, waitedMs: number): void
  /** The work on a key that was taken has ended. */
  finished(key: string): void
  /** A key was added by `retry`. */
  retried(): void
}

interface Item {
  readonly key: string
  priority: number
  readyAt: number
}

/**
 * Keys that want work, with the semantics of controller-runtime's priority queue. A data structure only: it starts no timers
 * and calls nobody; `nextReadyAt` tells when to look again.
 *
 * Guarantees:
 * - a key is there once, however often it was added: the highest priority and the earliest time of its adds hold;
 * - a key that was taken is not handed out again before `done`; added in between, it is handed out once more afterwards;
 * - of the ready keys the one with the highest priority goes first, among equals the one that was ready first. A key whose
 *   priority is raised goes to the end of its new level.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #observer: QueueObserver | undefined
  readonly #items = new Map<string, Item>()
  /** Ready keys by priority; a Map keeps the order in which they came. */
  readonly #ready = new Map<number, Map<string, Item>>()
  readonly #waiting = new DelayHeap<Item>()
  readonly #inFlight = new Set<string>()
  readonly #failures = new Map<string, number>()

  constructor(clock: Clock, observer?: QueueObserver) {
    this.#clock = clock
    this.#observer = observer
  }

  add(key: string, { priority = 0, after = 0 }: AddOptions = {}): void {
    this.#promote()
    const now = this.#clock.elapsed()
    const readyAt = after > 0 ? now + after : now
    const item = this.#items.get(key)
    if (item === undefined) {
      const created = { key, priority, readyAt }
      this.#items.set(key, created)
      this.#observer?.added()
      this.#place(created)
      return
    }
    const earlier = readyAt < item.readyAt
    const higher = priority > item.priority
    if (!earlier && !higher) return
    this.#unplace(item)
    item.readyAt = Math.min(item.readyAt, readyAt)
    item.priority = Math.max(item.priority, priority)
    this.#place(item)
  }

  /** Adds the key with its next back-off delay: 5 ms, 10 ms, ... 1000 s. */
  retry(key: string, priority = 0): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.#observer?.retried()
    this.add(key, { priority, after: Math.min(firstRetryMs * 2 ** failures, longestRetryMs) })
  }

  /** Starts the back-off of the key over. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** Takes the next ready key that is not in flight, with the priority it had. It stays in flight until `done`. */
  take(): { readonly key: string; readonly priority: number } | undefined {
    this.#promote()
    const priorities = [...this.#ready.keys()].sort((a, b) => b - a)
    for (const priority of priorities) {
      for (const item of this.#ready.get(priority)?.values() ?? []) {
        if (this.#inFlight.has(item.key)) continue
        this.#unplace(item)
        this.#items.delete(item.key)
        this.#inFlight.add(item.key)
        this.#observer?.taken(item.key, this.#clock.elapsed() - item.readyAt)
        return { key: item.key, priority }
      }
    }
    return undefined
  }

  done(key: string): void {
    if (this.#inFlight.delete(key)) this.#observer?.finished(key)
  }

  /** Whether `take` would give a key now. */
  hasReady(): boolean {
    this.#promote()
    for (const level of this.#ready.values()) {
      for (const key of level.keys()) if (!this.#inFlight.has(key)) return true
    }
    return false
  }

  /** When the first delayed key becomes ready; undefined when none is delayed. */
  nextReadyAt(): number | undefined {
    return this.#waiting.peek()?.readyAt
  }

  /** Keys that are ready, in flight or not. */
  depth(): number {
    this.#promote()
    let depth = 0
    for (const level of this.#ready.values()) depth += level.size
    return depth
  }

  #promote(): void {
    const now = this.#clock.elapsed()
    for (let next = this.#waiting.peek(); next !== undefined && next.readyAt <= now; next = this.#waiting.peek()) {
      this.#waiting.take()
      this.#level(next.priority).set(next.key, next)
    }
  }

  #place(item: Item): void {
    if (item.readyAt <= this.#clock.elapsed()) this.#level(item.priority).set(item.key, item)
    else this.#waiting.add(item)
  }

  #unplace(item: Item): void {
    const level = this.#ready.get(item.priority)
    if (level?.delete(item.key)) {
      if (level.size === 0) this.#ready.delete(item.priority)
    } else {
      this.#waiting.remove(item)
    }
  }

  #level(priority: number): Map<string, Item> {
    const level = this.#ready.get(priority)
    if (level !== undefined) return level
    const created = new Map<string, Item>()
    this.#ready.set(priority, created)
    return created
  }
}
