import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { deleteObject } from './remove.ts'
import type { Resource } from './resource.ts'
import type { Bucket, Change } from './store.ts'

/** Where an object is. */
interface Place {
  readonly bucket: Bucket
  readonly namespace: string
  readonly name: string
}

/** How long an object may name an owner that does not exist before it is collected, in milliseconds. */
const graceForMissingOwner = 1000

/**
 * The garbage collector: dependents follow their last owner, in the background after it, in the foreground before it, or lose
 * their reference to it. Works when `settle` is called, not on timers, except for owners that never existed.
 */
export class GarbageCollector {
  readonly #cluster: Cluster
  readonly #settleSoon: (milliseconds: number) => void
  readonly #places = new Map<string, Place>()
  readonly #dependents = new Map<string, Set<string>>()
  /** Uids of owners whose dependents have to be looked at. */
  readonly #dirty = new Set<string>()
  /** When dependents of an owner that was never seen fall due. */
  readonly #missing = new Map<string, number>()

  constructor(cluster: Cluster, settleSoon: (milliseconds: number) => void) {
    this.#cluster = cluster
    this.#settleSoon = settleSoon
  }

  /** Takes a commit in; true when `settle` has something to do. */
  observe(bucket: Bucket, { type, object, previous }: Change): boolean {
    const uid = object.metadata.uid
    if (uid === undefined) return false
    for (const owner of previous?.metadata.ownerReferences ?? []) this.#forget(uid, owner.uid)
    if (type === 'DELETED') {
      this.#places.delete(uid)
      for (const owner of object.metadata.ownerReferences ?? [])
        if (this.#isGoing(owner.uid)) this.#dirty.add(owner.uid)
      if ((this.#dependents.get(uid)?.size ?? 0) > 0) this.#dirty.add(uid)
      return this.#dirty.size > 0
    }
    this.#places.set(uid, { bucket, namespace: object.metadata.namespace ?? '', name: object.metadata.name })
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set()
      dependents.add(uid)
      this.#dependents.set(owner.uid, dependents)
      if (this.#isGoing(owner.uid)) this.#dirty.add(owner.uid)
      else if (!this.#places.has(owner.uid)) this.#expect(owner.uid)
    }
    if (object.metadata.deletionTimestamp !== undefined) this.#dirty.add(uid)
    return this.#dirty.size > 0
  }

  #forget(dependent: string, owner: string): void {
    const dependents = this.#dependents.get(owner)
    dependents?.delete(dependent)
    if (dependents?.size === 0) this.#dependents.delete(owner)
  }

  #expect(uid: string): void {
    if (this.#missing.has(uid)) return
    this.#missing.set(uid, this.#cluster.clock.now() + graceForMissingOwner)
    this.#settleSoon(graceForMissingOwner)
  }

  #isGoing(uid: string): boolean {
    return this.#objectOf(uid)?.metadata.deletionTimestamp !== undefined
  }

  #objectOf(uid: string): KubeObject | undefined {
    const place = this.#places.get(uid)
    return place?.bucket.get(place.namespace, place.name)
  }

  settle(): void {
    const now = this.#cluster.clock.now()
    for (const [uid, due] of [...this.#missing]) {
      if (due > now) continue
      this.#missing.delete(uid)
      if (!this.#places.has(uid)) this.#dirty.add(uid)
    }
    while (this.#dirty.size > 0) {
      const uids = [...this.#dirty]
      this.#dirty.clear()
      for (const uid of uids) this.#collect(uid)
    }
  }

  #collect(owner: string): void {
    const object = this.#objectOf(owner)
    if (object === undefined) {
      for (const uid of [...(this.#dependents.get(owner) ?? [])]) this.#release(uid, owner)
      this.#dependents.delete(owner)
      return
    }
    const finalizers = object.metadata.finalizers ?? []
    if (object.metadata.deletionTimestamp === undefined) return
    if (finalizers.includes('orphan')) this.#orphan(owner, object)
    else if (finalizers.includes('foregroundDeletion')) this.#foreground(owner, object)
  }

  /** A dependent of an owner that is gone: it goes too, unless somebody else owns it. */
  #release(uid: string, owner: string): void {
    const place = this.#places.get(uid)
    const object = this.#objectOf(uid)
    if (place === undefined || object === undefined) return
    const others = (object.metadata.ownerReferences ?? []).filter(
      (one) => one.uid !== owner && this.#places.has(one.uid),
    )
    if (others.length > 0) this.#disown(place.bucket, object, owner)
    else if (object.metadata.deletionTimestamp === undefined) this.#delete(place.bucket, object, 'Background')
  }

  #orphan(owner: string, object: KubeObject): void {
    for (const uid of [...(this.#dependents.get(owner) ?? [])]) {
      const place = this.#places.get(uid)
      const dependent = this.#objectOf(uid)
      if (place !== undefined && dependent !== undefined) this.#disown(place.bucket, dependent, owner)
    }
    this.#unhold(owner, object, 'orphan')
  }

  #foreground(owner: string, object: KubeObject): void {
    let blocked = false
    for (const uid of [...(this.#dependents.get(owner) ?? [])]) {
      const place = this.#places.get(uid)
      const dependent = this.#objectOf(uid)
      if (place === undefined || dependent === undefined) continue
      const references = dependent.metadata.ownerReferences ?? []
      const others = references.filter(
        (one) => one.uid !== owner && this.#places.has(one.uid) && !this.#isGoing(one.uid),
      )
      if (others.length > 0) {
        this.#disown(place.bucket, dependent, owner)
        continue
      }
      if (dependent.metadata.deletionTimestamp === undefined) this.#delete(place.bucket, dependent, 'Foreground')
      const blocking = references.some((one) => one.uid === owner && one.blockOwnerDeletion === true)
      if (blocking && this.#places.has(uid)) blocked = true
    }
    if (!blocked) this.#unhold(owner, object, 'foregroundDeletion')
  }

  #disown(bucket: Bucket, object: KubeObject, owner: string): void {
    const references = (object.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner)
    const { ownerReferences: _before, ...metadata } = object.metadata
    bucket.put({
      ...object,
      metadata: references.length === 0 ? metadata : { ...metadata, ownerReferences: references },
    })
  }

  #unhold(uid: string, seen: KubeObject, finalizer: string): void {
    const place = this.#places.get(uid)
    const object = this.#objectOf(uid) ?? seen
    if (place === undefined) return
    const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer)
    const { finalizers: _before, ...metadata } = object.metadata
    if (finalizers.length > 0) place.bucket.put({ ...object, metadata: { ...metadata, finalizers } })
    else place.bucket.remove({ ...object, metadata })
  }

  #delete(bucket: Bucket, object: KubeObject, propagationPolicy: string): void {
    const resource = this.#resourceOf(bucket)
    if (resource === undefined) return
    deleteObject(this.#cluster, resource, object, { propagationPolicy })
  }

  #resourceOf(bucket: Bucket): Resource | undefined {
    return this.#cluster.registry.all().find((resource) => resource.bucket === bucket)
  }
}
