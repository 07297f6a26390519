import type { KubeObject } from '../kube/object.ts'
import { expired } from './status.ts'

/** How many commits beyond `keep` stay for watches that are already open and a little behind. */
const slack = 1000

/** One committed write. `object` of a deletion is the last state, stamped with the revision of the deletion. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

/** Told of each commit, in order, before the request that made it is answered. */
export type CommitListener = (bucket: Bucket, change: Change) => void

/**
 * All objects of the cluster in memory, under one counter of revisions.
 *
 * Guarantees: stored objects are never mutated; every commit has a revision of its own; a bucket's log holds at least the last
 * `keep` commits, and what came before is gone for watchers (410).
 */
export class Store {
  readonly buckets = new Map<string, Bucket>()
  readonly #keep: number
  readonly #listeners: CommitListener[] = []
  /** Starts above 1 so that no client's made-up old revision is ever current. */
  #revision = 100

  constructor(keep: number) {
    this.#keep = keep
  }

  get revision(): number {
    return this.#revision
  }

  bucket(name: string): Bucket {
    const known = this.buckets.get(name)
    if (known !== undefined) return known
    const bucket = new Bucket(
      name,
      this.#keep,
      this.#revision,
      (change) => {
        for (const listener of this.#listeners) listener(bucket, change)
      },
      () => {
        this.#revision += 1
        return this.#revision
      },
    )
    this.buckets.set(name, bucket)
    return bucket
  }

  /** Forgets a bucket and ends its watches. */
  drop(name: string): void {
    this.buckets.get(name)?.close()
    this.buckets.delete(name)
  }

  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener)
  }

  close(): void {
    for (const bucket of this.buckets.values()) bucket.close()
  }
}

/** The objects of one resource, sorted by namespace and name, and the log of their changes. */
export class Bucket {
  readonly name: string
  readonly #keep: number
  readonly #committed: (change: Change) => void
  readonly #nextRevision: () => number
  readonly #namespaces = new Map<string, Map<string, KubeObject>>()
  readonly #sorted = new Map<string, KubeObject[]>()
  readonly #waiting = new Set<() => void>()
  #log: Change[] = []
  /** Commits that were cut from the front of the log. */
  #dropped = 0
  /** The revision of the last commit that is gone from the log, or the one the bucket was made at. */
  #floor: number
  #closed = false
  #size = 0

  constructor(
    name: string,
    keep: number,
    revision: number,
    committed: (change: Change) => void,
    nextRevision: () => number,
  ) {
    this.name = name
    this.#keep = keep
    this.#floor = revision
    this.#committed = committed
    this.#nextRevision = nextRevision
  }

  get size(): number {
    return this.#size
  }

  get closed(): boolean {
    return this.#closed
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.get(name)
  }

  /** Every object, or those of one namespace, in the order of their keys. The array is shared: copy before changing it. */
  list(namespace?: string): readonly KubeObject[] {
    if (namespace === undefined) {
      if (this.#namespaces.size === 1) for (const only of this.#namespaces.keys()) return this.list(only)
      const names = [...this.#namespaces.keys()].sort((left, right) => byText(`${left}/`, `${right}/`))
      return names.flatMap((name) => this.list(name))
    }
    const known = this.#sorted.get(namespace)
    if (known !== undefined) return known
    const names = this.#namespaces.get(namespace)
    if (names === undefined) return []
    const sorted = [...names.values()].sort((left, right) => byText(left.metadata.name, right.metadata.name))
    this.#sorted.set(namespace, sorted)
    return sorted
  }

  /**
   * The objects as they were at an older revision, undone from the log.
   *
   * @throws 410 when the log does not reach back that far
   */
  listAt(revision: number, namespace: string | undefined): readonly KubeObject[] {
    const last = this.#log.at(-1)
    if (last === undefined || last.revision <= revision) {
      this.checkRevision(revision)
      return this.list(namespace)
    }
    this.checkRevision(revision)
    const objects = new Map(this.list(namespace).map((object) => [sortKey(object), object]))
    for (let index = this.#log.length - 1; index >= 0; index -= 1) {
      const change = this.#log[index]
      if (change === undefined || change.revision <= revision) break
      if (namespace !== undefined && change.object.metadata.namespace !== namespace) continue
      if (change.previous === undefined) objects.delete(sortKey(change.object))
      else objects.set(sortKey(change.object), change.previous)
    }
    return [...objects.entries()].sort(([left], [right]) => byText(left, right)).map(([, object]) => object)
  }

  /** Writes an object, stamping the next revision on it. */
  put(object: KubeObject): KubeObject {
    const { namespace = '', name } = object.metadata
    let names = this.#namespaces.get(namespace)
    if (names === undefined) {
      names = new Map()
      this.#namespaces.set(namespace, names)
    }
    const previous = names.get(name)
    const revision = this.#nextRevision()
    const stamped = stamp(object, revision)
    names.set(name, stamped)
    if (previous === undefined) this.#size += 1
    this.#sorted.delete(namespace)
    this.#append({ type: previous === undefined ? 'ADDED' : 'MODIFIED', revision, object: stamped, previous })
    return stamped
  }

  /** Takes an object away; answers its last state with the revision of the removal. */
  remove(object: KubeObject): KubeObject {
    const { namespace = '', name } = object.metadata
    const names = this.#namespaces.get(namespace)
    const previous = names?.get(name)
    if (names === undefined || previous === undefined) return object
    names.delete(name)
    if (names.size === 0) this.#namespaces.delete(namespace)
    this.#size -= 1
    this.#sorted.delete(namespace)
    const revision = this.#nextRevision()
    const stamped = stamp(object, revision)
    this.#append({ type: 'DELETED', revision, object: stamped, previous })
    return stamped
  }

  /** The place in the log after every commit up to `revision`: where a watch from there starts to read. */
  cursorAfter(revision: number): number {
    let low = 0
    let high = this.#log.length
    while (low < high) {
      const middle = (low + high) >> 1
      const change = this.#log[middle]
      if (change !== undefined && change.revision <= revision) low = middle + 1
      else high = middle
    }
    return this.#dropped + low
  }

  /** The commits from a place in the log on; `undefined` when some of them are gone. */
  changesFrom(cursor: number): readonly Change[] | undefined {
    if (cursor < this.#dropped) return undefined
    return this.#log.slice(cursor - this.#dropped)
  }

  /** @throws 410 when changes after `revision` are no longer known */
  checkRevision(revision: number): void {
    if (revision >= this.#floor) return
    throw expired(`too old resource version: ${revision} (${this.#floor})`)
  }

  /** Calls once, at the next commit or when the bucket closes; the returned function takes the call back. */
  onceChanged(action: () => void): () => void {
    this.#waiting.add(action)
    return () => this.#waiting.delete(action)
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }

  #append(change: Change): void {
    this.#log.push(change)
    const surplus = this.#log.length - this.#keep
    if (surplus > 0) this.#floor = this.#log[surplus - 1]?.revision ?? this.#floor
    if (surplus >= this.#keep + slack) {
      this.#log = this.#log.slice(surplus)
      this.#dropped += surplus
    }
    this.#wake()
    this.#committed(change)
  }

  #wake(): void {
    if (this.#waiting.size === 0) return
    const actions = [...this.#waiting]
    this.#waiting.clear()
    for (const action of actions) action()
  }
}

function stamp(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}

/** How objects sort: as their keys do in etcd, where `/` ends the namespace. */
export function sortKey(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
