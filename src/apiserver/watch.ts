import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { encodeEvent, encodeObject } from './encode.ts'
import type { Format } from './negotiate.ts'
import { plainRevision, rowObject } from './read.ts'
import type { Served } from './registry.ts'
import { flagParameter, numberParameter } from './request.ts'
import { type Selection, selectionOf } from './selection.ts'
import { ApiError, cause, expired, invalid, statusOf } from './status.ts'
import type { Change } from './store.ts'
import { partial, tableOf } from './table.ts'

/** How often an idle watch gets a bookmark, and how long before its end it gets the last one, in milliseconds. */
const bookmarkInterval = 60_000
const lastBookmark = 2_000
/** How long a watch lasts that does not say so itself. */
const defaultTimeout = 30 * 60_000

/** What a watch was asked for, already checked. */
export interface Watch {
  readonly cluster: Cluster
  readonly served: Served
  readonly namespace: string | undefined
  readonly selects: Selection
  readonly format: Format
  readonly query: URLSearchParams
  /** Undefined and 0: from the state of now, sent as events first. */
  readonly revision: number | undefined
  readonly sendInitial: boolean
  readonly bookmarks: boolean
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/**
 * Reads a watch request.
 *
 * @throws 400 for selectors and numbers that cannot be read, 422 for options that exclude each other
 */
export function parseWatch(
  cluster: Cluster,
  served: Served,
  namespace: string | undefined,
  format: Format,
  query: URLSearchParams,
  signal: AbortSignal | undefined,
): Watch {
  const revision = plainRevision(query.get('resourceVersion') ?? '')
  const match = query.get('resourceVersionMatch') ?? ''
  const initial = query.get('sendInitialEvents')
  const bookmarks = flagParameter(query, 'allowWatchBookmarks')
  checkInitialEvents(initial, match)
  const seconds = numberParameter(query, 'timeoutSeconds')
  return {
    cluster,
    served,
    namespace,
    selects: selectionOf(served, query),
    format,
    query,
    revision,
    sendInitial: initial === null ? (revision ?? 0) === 0 : flagParameter(query, 'sendInitialEvents'),
    bookmarks,
    timeout: seconds === undefined || seconds === 0 ? defaultTimeout : seconds * 1000,
    signal,
  }
}

function checkInitialEvents(initial: string | null, match: string): void {
  const subject = { group: 'meta.k8s.io', kind: 'ListOptions', name: '' }
  if (initial !== null && match !== 'NotOlderThan') {
    const text = `sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`
    throw invalid(subject, [cause.forbidden('resourceVersionMatch', text)])
  }
  if (initial === null && match !== '') {
    throw invalid(subject, [
      cause.forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    ])
  }
}

/** The lines of a watch. Ends at its timeout, on abort, with the control plane or the resource, or after an ERROR event. */
export async function* streamWatch(watch: Watch): AsyncGenerator<Uint8Array> {
  const { cluster, served, signal } = watch
  const { bucket } = served.resource
  const writer = new EventWriter(watch)
  let cursor: number
  if (
    watch.revision === undefined ||
    watch.revision === 0 ||
    (watch.sendInitial && watch.query.has('sendInitialEvents'))
  ) {
    cursor = bucket.cursorAfter(cluster.store.revision)
    if (watch.sendInitial) {
      for (const object of bucket.list(watch.namespace)) if (watch.selects(object)) yield writer.write('ADDED', object)
      if (watch.bookmarks && watch.query.has('sendInitialEvents')) yield writer.bookmark(cluster.store.revision, true)
    }
  } else {
    try {
      bucket.checkRevision(watch.revision)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      yield writer.error(error)
      return
    }
    cursor = bucket.cursorAfter(watch.revision)
  }
  const alarm = new Alarm(watch)
  try {
    while (!alarm.over && signal?.aborted !== true) {
      const changes = bucket.changesFrom(cursor)
      if (changes === undefined) {
        yield writer.error(expired('the watch fell behind: too old resource version'))
        return
      }
      cursor += changes.length
      for (const change of changes) {
        // A watch from a revision that is not there yet waits for it.
        if (change.revision <= (watch.revision ?? 0)) continue
        const line = writer.change(change)
        if (line !== undefined) yield line
      }
      if (alarm.takeBookmark()) yield writer.bookmark(cluster.store.revision, false)
      if (bucket.closed) return
      if (bucket.changesFrom(cursor)?.length === 0 && !alarm.over) await alarm.wait()
    }
  } finally {
    alarm.clear()
  }
}

/** Wakes a watch: for commits, for bookmarks, at its end. */
class Alarm {
  over = false
  readonly #watch: Watch
  #bookmarkDue = false
  #wake: () => void = () => {}
  readonly #cancel: (() => void)[] = []

  constructor(watch: Watch) {
    this.#watch = watch
    const { clock } = watch.cluster
    this.#cancel.push(
      clock.after(watch.timeout, () => {
        this.over = true
        this.#wake()
      }),
    )
    if (watch.bookmarks) this.#scheduleBookmark(clock.now() + watch.timeout)
  }

  #scheduleBookmark(end: number): void {
    const { clock } = this.#watch.cluster
    const last = end - lastBookmark - clock.now()
    const next = last > 0 ? Math.min(bookmarkInterval, last) : bookmarkInterval
    const cancel = clock.after(next, () => {
      this.#bookmarkDue = true
      this.#scheduleBookmark(end)
      this.#wake()
    })
    this.#cancel[1] = cancel
  }

  takeBookmark(): boolean {
    const due = this.#bookmarkDue
    this.#bookmarkDue = false
    return due
  }

  /** Until the next commit of the resource, bookmark, abort or the end. */
  async wait(): Promise<void> {
    if (this.over || this.#bookmarkDue) return
    const { signal, served } = this.#watch
    let forget = () => {}
    const wake = () => this.#wake()
    signal?.addEventListener('abort', wake, { once: true })
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      forget = served.resource.bucket.onceChanged(resolve)
      if (signal?.aborted === true) resolve()
    })
    forget()
    signal?.removeEventListener('abort', wake)
  }

  clear(): void {
    for (const cancel of this.#cancel) cancel()
  }
}

/** Lines per change and format, shared by every watch that shows the same thing. */
const lines = new WeakMap<Change, Map<string, Uint8Array>>()

/** Turns commits into the events one watch sees. */
class EventWriter {
  readonly #watch: Watch
  #columnsSent = false

  constructor(watch: Watch) {
    this.#watch = watch
  }

  /** The event of a commit as the selection sees it: objects enter and leave it. */
  change(change: Change): Uint8Array | undefined {
    const { namespace, selects } = this.#watch
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return undefined
    const before = change.previous !== undefined && selects(change.previous)
    const after = change.type !== 'DELETED' && selects(change.object)
    if (!before && !after) return undefined
    if (before && after) return this.#shared(change, 'MODIFIED', change.object)
    if (after) return this.#shared(change, 'ADDED', change.object)
    if (change.type === 'DELETED') return this.#shared(change, 'DELETED', change.object)
    return this.write('DELETED', stampedAs(change.previous ?? change.object, change.revision))
  }

  #shared(change: Change, type: string, object: KubeObject): Uint8Array {
    if (this.#watch.format.as !== 'object') return this.write(type, object)
    let known = lines.get(change)
    if (known === undefined) {
      known = new Map()
      lines.set(change, known)
    }
    const key = `${type} ${this.#watch.served.version.apiVersion}`
    let line = known.get(key)
    if (line === undefined) {
      line = this.write(type, object)
      known.set(key, line)
    }
    return line
  }

  write(type: string, object: KubeObject): Uint8Array {
    const { served, format, cluster, query } = this.#watch
    if (format.as === 'object') return encodeEvent(type, encodeObject(served.version, object))
    if (format.as === 'PartialObjectMetadata') return encodeEvent(type, JSON.stringify(partial(object, format.version)))
    const table = tableOf(served.version, [object], {
      apiVersion: format.version,
      now: cluster.clock.now(),
      include: rowObject(query),
      withColumns: !this.#columnsSent,
      metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
    })
    this.#columnsSent = true
    return encodeEvent(type, table)
  }

  bookmark(revision: number, initialEnd: boolean): Uint8Array {
    const { served, format } = this.#watch
    const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
    const object = {
      kind: served.resource.kind,
      apiVersion: served.version.apiVersion,
      metadata: { resourceVersion: String(revision), creationTimestamp: null, ...annotations },
    }
    if (format.as !== 'Table') return encodeEvent('BOOKMARK', JSON.stringify(object))
    const table = {
      kind: 'Table',
      apiVersion: format.version,
      metadata: { resourceVersion: String(revision) },
      columnDefinitions: null,
      rows: [],
    }
    return encodeEvent('BOOKMARK', JSON.stringify(table))
  }

  error(error: ApiError): Uint8Array {
    return encodeEvent('ERROR', JSON.stringify(statusOf(error)))
  }
}

function stampedAs(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
