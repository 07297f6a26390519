import type { Logger } from 'pino'
import { BackOff, type Random } from './back-off.ts'
import type { KubeClient, WatchEvent } from './client.ts'
import type { Clock } from './clock.ts'
import { ApiError, isExpired } from './errors.ts'
import { explained } from './explain.ts'
import type { MemoryStore } from './memory-store.ts'
import type { Kind, KubeObject } from './object.ts'
import { longestRetryAfterMs } from './retry.ts'
import { statusOf } from './wire.ts'

const pageSize = 500
/** Watches last 5 to 10 minutes, at random so that they do not all end together (client-go's `minWatchTimeout`). */
const shortestWatchSeconds = 300
/** A watch that the server should have ended this long ago is dead: its connection is gone without a word. */
const watchGraceMs = 30_000
/** A watch that ends sooner is treated as a failure, or a server that closes at once would be asked in a hot loop. */
const shortestHealthyWatchMs = 1_000

export interface ReflectorOptions {
  readonly client: KubeClient
  readonly kind: Kind
  /** Absent reflects all namespaces. */
  readonly namespace?: string | undefined
  /** Only objects with these labels. */
  readonly labelSelector?: string | undefined
  readonly store: MemoryStore
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger | undefined
  /** Called after each change of `status`. */
  readonly onStatus?: () => void
}

export interface ReflectorStatus {
  /** Whether there has been a complete list. */
  readonly synced: boolean
  /** When the server last showed that the store is up to date. */
  readonly lastSync: number | undefined
  /** Since when it cannot list or watch, and why. */
  readonly failing: { readonly since: number; readonly error: unknown } | undefined
}

/**
 * Keeps a store as the API server has it: one list, then watches that carry on where the one before ended.
 *
 * Guarantees:
 * - lists again only when the server says that the version is too old (410 as an answer or in the stream);
 * - any other failure is repeated after 0.8 s to 30 s, doubled with jitter, starting over after two quiet minutes; a
 *   `Retry-After` that asks for more is respected, up to a minute;
 * - after `run`'s promise has resolved there are no more requests and no more changes.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #backOff: BackOff
  #status: ReflectorStatus = { synced: false, lastSync: undefined, failing: undefined }
  /** Where the next watch starts; undefined when a list is needed. */
  #resourceVersion: string | undefined
  /** Whether an expiry was the last thing that happened, so that a server which always says 410 is not asked in a hot loop. */
  #justExpired = false

  constructor(options: ReflectorOptions) {
    this.#options = options
    const delays = { firstMs: 800, maxMs: 30_000, factor: 2, jitter: 1, resetAfterMs: 120_000 }
    this.#backOff = new BackOff(delays, options.clock, options.random)
  }

  get status(): ReflectorStatus {
    return this.#status
  }

  /** Resolves when `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const delay = await this.#round(signal)
      if (delay > 0 && !signal.aborted) await this.#options.clock.sleep(delay, signal)
    }
  }

  /** One list if needed, and one watch; the time to wait before the next. */
  async #round(signal: AbortSignal): Promise<number> {
    const { clock } = this.#options
    let started = clock.elapsed()
    try {
      this.#resourceVersion ??= await this.#list(signal)
      started = clock.elapsed()
      await this.#watch(this.#resourceVersion, signal)
      return clock.elapsed() - started < shortestHealthyWatchMs ? this.#backOff.next() : 0
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(error)
    }
  }

  #failed(error: unknown): number {
    const { client, clock, kind, log } = this.#options
    if (isExpired(error)) {
      const again = this.#justExpired
      this.#justExpired = true
      this.#resourceVersion = undefined
      log?.debug({ resource: kind.plural }, 'watch expired')
      return again ? this.#backOff.next() : 0
    }
    const delay = this.#backOff.next()
    const asked = error instanceof ApiError ? Math.min(error.retryAfterMs ?? 0, longestRetryAfterMs) : 0
    this.#setStatus({ ...this.#status, failing: { since: this.#status.failing?.since ?? clock.now(), error } })
    log?.warn(
      {
        resource: kind.plural,
        error: explained(error, { server: client.server, kind }),
        retryMs: Math.round(Math.max(delay, asked)),
      },
      'watch failed',
    )
    return Math.max(delay, asked)
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { store } = this.#options
    store.beginList()
    let list: { items: readonly KubeObject[]; resourceVersion: string }
    try {
      list = await this.#pages(signal)
    } catch (error) {
      if (!isExpired(error)) throw error
      // The continue token grew too old between two pages: the whole list in one answer cannot.
      store.beginList()
      const { client, kind } = this.#options
      list = await client.list(kind, { ...this.#selection(), signal })
    }
    signal.throwIfAborted()
    store.replace(list.items, list.resourceVersion)
    this.#healthy({ synced: true })
    return list.resourceVersion
  }

  async #pages(signal: AbortSignal): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    const { client, kind } = this.#options
    const items: KubeObject[] = []
    let next: string | undefined
    for (;;) {
      const page = await client.list(kind, {
        ...this.#selection(),
        signal,
        limit: pageSize,
        ...(next && { continue: next }),
      })
      for (const item of page.items) items.push(item)
      next = page.continue
      if (next === undefined) return { items, resourceVersion: page.resourceVersion }
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, clock, kind, random } = this.#options
    const timeoutSeconds = Math.floor(shortestWatchSeconds * (1 + random()))
    const deadline = new AbortController()
    const cancel = clock.after(timeoutSeconds * 1000 + watchGraceMs, () => deadline.abort())
    try {
      const events = client.watch(kind, {
        ...this.#selection(),
        resourceVersion,
        timeoutSeconds,
        signal: AbortSignal.any([signal, deadline.signal]),
        onOpen: () => this.#healthy(),
      })
      for await (const event of events) {
        if (signal.aborted) return
        this.#take(event)
      }
    } catch (error) {
      if (!deadline.signal.aborted) throw error
    } finally {
      cancel()
    }
  }

  #selection() {
    const { labelSelector, namespace } = this.#options
    return { namespace, ...(labelSelector !== undefined && { labelSelector }) }
  }

  #take(event: WatchEvent): void {
    const { kind, namespace, store } = this.#options
    if (event.type === 'ERROR') {
      const status = statusOf(event.object)
      throw new ApiError(
        { verb: 'watch', resource: kind.plural, target: namespace ?? '' },
        status?.code ?? 500,
        status ?? { message: 'the watch ended with an error that is no Status' },
      )
    }
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion
    this.#justExpired = false
    if (event.type === 'DELETED') store.drop(event.object)
    else if (event.type !== 'BOOKMARK') store.put(event.object)
    this.#healthy()
  }

  #healthy({ synced = this.#status.synced } = {}): void {
    const now = this.#options.clock.now()
    const { synced: before, failing } = this.#status
    const status = { synced, lastSync: now, failing: undefined }
    if (synced === before && failing === undefined) this.#status = status
    else this.#setStatus(status)
  }

  #setStatus(status: ReflectorStatus): void {
    this.#status = status
    this.#options.onStatus?.()
  }
}
