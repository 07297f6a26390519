import type { Logger } from 'pino'
import type { Clock } from '../kube/clock.ts'
import { type AddOptions, lowPriority, type WorkQueue } from './work-queue.ts'

/**
 * What one sync came to, and when the key is wanted again whatever happens in between:
 * - `done`: only when something changes;
 * - `again`: at once, because the sync itself made something new to do; a key that does so without end is slowed down;
 * - `later`: after that many milliseconds, because the worker asked for it or something has to be looked at then;
 * - `resync`: after that many milliseconds, behind everything that changed;
 * - `retry`: after the next back-off delay of the key.
 */
export type SyncOutcome =
  | { readonly result: 'done' }
  | { readonly result: 'again' }
  | { readonly result: 'later' | 'resync'; readonly after: number }
  | { readonly result: 'retry' }

/** So many times in a row a key may be wanted again at once: more than any workflow has phases that end at once. */
const restless = 100
/** First and longest pause of a key that never rests, in milliseconds; each is twice the one before. */
const firstRest = 100
const longestRest = 60_000

/** What happens to syncs, for metrics. */
export interface ControllerObserver {
  started(): void
  /** `result` in the words of controller-runtime. */
  finished(result: 'success' | 'requeue' | 'requeue_after' | 'error', durationMs: number): void
  /** The sync threw, which it should never do. */
  panicked(): void
}

export interface ControllerOptions {
  readonly queue: WorkQueue
  readonly clock: Clock
  readonly log: Logger
  /** How many keys are worked on at the same time. */
  readonly concurrency: number
  /** Bound of waiting for running syncs when stopping, in milliseconds. */
  readonly drainTimeout: number
  readonly observer?: ControllerObserver
  /** One sync of one key. `signal` aborts when the controller stops. */
  sync(key: string, signal: AbortSignal): Promise<SyncOutcome>
}

/**
 * Runs syncs for the keys of a queue, several at a time, never two for one key.
 *
 * Guarantees: whatever a sync throws or rejects with, the process lives and the key is retried with back-off; nothing runs
 * and no timer is set while no key is ready or delayed.
 */
export class Controller {
  readonly #options: ControllerOptions
  readonly #stop = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  /** How often in a row a key was wanted again at once. */
  readonly #again = new Map<string, number>()
  #started = false
  #scheduled = false
  #cancelTimer: (() => void) | undefined

  constructor(options: ControllerOptions) {
    this.#options = options
  }

  /** Something is being worked on, or could be at this instant. */
  busy(): boolean {
    return this.#running.size > 0 || (this.#started && !this.#stop.signal.aborted && this.#options.queue.hasReady())
  }

  add(key: string, options?: AddOptions): void {
    this.#options.queue.add(key, options)
    this.#schedule()
  }

  start(): void {
    this.#started = true
    this.#schedule()
  }

  /** Takes no more keys, aborts what listens to the signal and waits for the rest, no longer than the drain timeout. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancelTimer?.()
    if (this.#running.size === 0) return
    const { clock, drainTimeout, log } = this.#options
    const drained = new AbortController()
    const all = Promise.all(this.#running.values()).then(() => drained.abort())
    await Promise.race([all, clock.sleep(drainTimeout, drained.signal)])
    if (this.#running.size > 0) log.warn({ resources: [...this.#running.keys()] }, 'stopped before all syncs had ended')
  }

  /** Starts work after the present task, so that a burst of changes is one sync and nobody's listener is interrupted. */
  #schedule(): void {
    if (!this.#started || this.#scheduled || this.#stop.signal.aborted) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    const { queue, concurrency, clock } = this.#options
    if (this.#stop.signal.aborted) return
    while (this.#running.size < concurrency) {
      const next = queue.take()
      if (next === undefined) break
      const { key, priority } = next
      this.#running.set(
        key,
        this.#run(key, priority).finally(() => {
          this.#running.delete(key)
          queue.done(key)
          this.#pump()
        }),
      )
    }
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const readyAt = queue.nextReadyAt()
    if (readyAt === undefined || this.#running.size >= concurrency) return
    this.#cancelTimer = clock.after(Math.max(0, readyAt - clock.elapsed()), () => {
      this.#cancelTimer = undefined
      this.#pump()
    })
  }

  /** How long a key has to wait that is wanted again at once: two phases that lead to each other would else keep the API server busy. */
  #restOf(key: string): number {
    const times = (this.#again.get(key) ?? 0) + 1
    this.#again.set(key, times)
    if (times < restless) return 0
    if (times === restless) this.#options.log.warn({ resource: key, times }, 'a resource does not come to rest')
    return Math.min(longestRest, firstRest * 2 ** (times - restless))
  }

  async #run(key: string, priority: number): Promise<void> {
    const { clock, log, observer, queue, sync } = this.#options
    const started = clock.elapsed()
    observer?.started()
    let outcome: SyncOutcome
    try {
      outcome = await sync(key, this.#stop.signal)
    } catch (error) {
      observer?.panicked()
      log.error({ resource: key, err: error }, 'sync failed unexpectedly')
      outcome = { result: 'retry' }
    }
    observer?.finished(resultNames[outcome.result], clock.elapsed() - started)
    if (outcome.result === 'retry') return queue.retry(key, priority)
    queue.forget(key)
    if (outcome.result === 'again') return queue.add(key, { after: this.#restOf(key) })
    this.#again.delete(key)
    if (outcome.result === 'later') queue.add(key, { after: outcome.after })
    if (outcome.result === 'resync') queue.add(key, { after: outcome.after, priority: lowPriority })
  }
}

const resultNames = {
  done: 'success',
  again: 'requeue',
  later: 'requeue_after',
  resync: 'requeue_after',
  retry: 'error',
} as const
