import { addTo, LabelIndex, removeFrom } from './label-index.ts'
import { type KubeObject, keyOf, type ObjectRef } from './object.ts'
import { ownerUids } from './owners.ts'
import { isNewer } from './resource-version.ts'
import type { Store, StoreChange } from './store.ts'

/** How many deleted objects are remembered. */
const mostGone = 1_000

/**
 * The objects of one kind, fed by a reflector and by this process' own writes.
 *
 * Guarantees:
 * - an object never goes back to an older resourceVersion, whichever of the two sources is ahead;
 * - what is known already (the echo of an own write, an unchanged object in a new list) makes no change;
 * - an object that this process deleted does not come back by an event from before the deletion, and one that somebody else
 *   deleted not by a late answer to an own write from before it.
 *
 * A list that began after a write contains the write; one that began before it may not. So what was written while a list was
 * under way is kept against the list, and everything else is as the list says, even when that looks older (a restored etcd).
 */
export class MemoryStore implements Store {
  readonly #objects = new Map<string, KubeObject>()
  readonly #byOwner = new Map<string, Set<string>>()
  readonly #byNamespace = new Map<string, Set<string>>()
  readonly #labels = new LabelIndex()
  readonly #onChange: (change: StoreChange) => void
  /** Uids of objects that this process deleted and whose DELETED event has not come yet. */
  readonly #forgotten = new Set<string>()
  /** In which version objects were seen to be gone, or to be selected no more, by their uids. */
  readonly #gone = new Map<string, string | undefined>()
  /** Keys observed and uids forgotten since the list under way began. */
  #duringList: { readonly observed: Set<string>; readonly forgotten: Set<string> } | undefined
  #listed = false

  constructor(onChange: (change: StoreChange) => void = () => {}) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#objects.size
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref))
  }

  list(filter: { namespace?: string | undefined; labels?: Readonly<Record<string, string>> } = {}): KubeObject[] {
    const labels = Object.entries(filter.labels ?? {})
    return this.#pick(this.#candidates(filter.namespace, labels[0])).filter(
      ({ metadata }) =>
        (filter.namespace === undefined || metadata.namespace === filter.namespace) &&
        labels.every(([label, value]) => metadata.labels?.[label] === value),
    )
  }

  ownedBy(uid: string): KubeObject[] {
    return this.#pick(this.#byOwner.get(uid) ?? [])
  }

  /** From now until `replace`, own writes are held to be newer than the list. */
  beginList(): void {
    this.#duringList = { observed: new Set(), forgotten: new Set() }
  }

  /** Takes over a complete list, made at a version: adds, changes and deletes what differs. */
  replace(items: readonly KubeObject[], resourceVersion?: string): void {
    const own = this.#duringList ?? { observed: new Set(), forgotten: new Set() }
    this.#duringList = undefined
    const listed = new Set<string>()
    const initial = !this.#listed
    for (const item of items) {
      const key = keyOf(item.metadata)
      listed.add(key)
      const known = this.#objects.get(key)
      if (own.forgotten.has(item.metadata.uid ?? '')) continue
      if (own.observed.has(key) && !isNewer(item.metadata.resourceVersion, known?.metadata.resourceVersion)) continue
      this.#set(key, item, initial)
    }
    for (const [key, object] of [...this.#objects]) {
      if (listed.has(key) || own.observed.has(key)) continue
      this.#noteGone(object, resourceVersion)
      this.#delete(key, object)
    }
    for (const uid of this.#forgotten) if (!own.forgotten.has(uid)) this.#forgotten.delete(uid)
    this.#listed = true
  }

  /** An object as a watch event or an answer to an own write shows it. */
  put(object: KubeObject): void {
    const key = keyOf(object.metadata)
    if (this.#forgotten.has(object.metadata.uid ?? '')) return
    const known = this.#objects.get(key)
    if (known !== undefined && !isNewer(object.metadata.resourceVersion, known.metadata.resourceVersion)) return
    this.#set(key, object, false)
  }

  /** A deletion as a watch event shows it. */
  drop(object: KubeObject): void {
    this.#forgotten.delete(object.metadata.uid ?? '')
    this.#noteGone(object, object.metadata.resourceVersion)
    const key = keyOf(object.metadata)
    const known = this.#objects.get(key)
    if (known === undefined || isNewer(known.metadata.resourceVersion, object.metadata.resourceVersion)) return
    this.#delete(key, object)
  }

  /** What the API server answered to an own write. */
  observe(object: KubeObject): void {
    const { uid = '', resourceVersion } = object.metadata
    if (this.#gone.has(uid) && !isNewer(resourceVersion, this.#gone.get(uid))) return
    this.#duringList?.observed.add(keyOf(object.metadata))
    this.put(object)
  }

  /** An own deletion that the API server confirmed. */
  forget(ref: ObjectRef): void {
    const key = keyOf(ref)
    const known = this.#objects.get(key)
    if (known === undefined) return
    this.#duringList?.observed.delete(key)
    if (known.metadata.uid !== undefined) {
      this.#forgotten.add(known.metadata.uid)
      this.#duringList?.forgotten.add(known.metadata.uid)
    }
    this.#delete(key, known)
  }

  /** Answers to writes are late by seconds at most, so that the last ones are enough to remember. */
  #noteGone({ metadata: { uid } }: KubeObject, version: string | undefined): void {
    if (uid === undefined) return
    this.#gone.set(uid, version)
    const [oldest] = this.#gone.keys()
    if (this.#gone.size > mostGone && oldest !== undefined) this.#gone.delete(oldest)
  }

  #set(key: string, object: KubeObject, initial: boolean): void {
    const previous = this.#objects.get(key)
    if (previous !== undefined && previous.metadata.resourceVersion === object.metadata.resourceVersion) return
    // A cluster that was restored from a backup has again what was gone.
    this.#gone.delete(object.metadata.uid ?? '')
    const stored = withoutManagedFields(object)
    if (previous !== undefined) this.#unindex(key, previous)
    this.#objects.set(key, stored)
    this.#index(key, stored)
    if (previous !== undefined && previous.metadata.uid === stored.metadata.uid) {
      this.#onChange({ type: 'changed', object: stored, previous })
      return
    }
    if (previous !== undefined) this.#onChange({ type: 'deleted', object: previous })
    this.#onChange({ type: 'added', object: stored, initial })
  }

  #delete(key: string, object: KubeObject): void {
    const known = this.#objects.get(key)
    if (known === undefined) return
    this.#unindex(key, known)
    this.#objects.delete(key)
    this.#onChange({ type: 'deleted', object: withoutManagedFields(object) })
  }

  #index(key: string, object: KubeObject): void {
    addTo(this.#byNamespace, object.metadata.namespace, key)
    for (const uid of ownerUids(object)) addTo(this.#byOwner, uid, key)
    this.#labels.add(key, object)
  }

  #unindex(key: string, object: KubeObject): void {
    removeFrom(this.#byNamespace, object.metadata.namespace, key)
    for (const uid of ownerUids(object)) removeFrom(this.#byOwner, uid, key)
    this.#labels.remove(key, object)
  }

  #candidates(namespace: string | undefined, label: readonly [string, string] | undefined): Iterable<string> {
    if (label !== undefined) return this.#labels.keys(label[0], label[1], this.#objects)
    if (namespace !== undefined) return this.#byNamespace.get(namespace) ?? []
    return this.#objects.keys()
  }

  #pick(keys: Iterable<string>): KubeObject[] {
    const objects: KubeObject[] = []
    for (const key of keys) {
      const object = this.#objects.get(key)
      if (object !== undefined) objects.push(object)
    }
    return objects
  }
}

/** Half of an object's metadata, and of no use here: who owns which field is the API server's to know. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
