import type { Applier, ApplyOutcome, DesiredObject } from './applier.ts'
import type { KubeClient } from './client.ts'
import { ForeignObjectError, isConflict, isNotFound, isOutdated } from './errors.ts'
import { valueAt, withValueAt } from './field-path.ts'
import type { Informers } from './informers.ts'
import { KeyQueue } from './key-queue.ts'
import { mergedByKey, replacedWhole } from './list-keys.ts'
import { type Kind, type KubeObject, keyOf, type ObjectRef } from './object.ts'
import { mergeOwners, type Owner, ownerUids } from './owners.ts'
import { appliedAnnotation, managedByLabel, Ownership } from './ownership.ts'
import type { Store } from './store.ts'
import { WriteMemory } from './write-memory.ts'

const maxAttempts = 5

export interface ServerSideApplierOptions {
  readonly client: KubeClient
  readonly informers: Informers
  /** Name of the operator: field manager and value of the managed-by label. */
  readonly manager: string
}

/**
 * An apply under a version that no object has only ever creates: the API server ignores it for an object that is not there,
 * and answers 409 for one that is. The counter of versions starts at 1, before the first object.
 */
const neverAVersion = '1'

/**
 * The applier over the informers' stores.
 *
 * How it keeps to `Applier`'s guarantees: an object that the store does not have is applied so that it can only be created;
 * one that it has is applied with its uid, so that another object which took its name is not touched. Where a field is only
 * to be set at creation, the live value goes along under the live resourceVersion. When the server knows better than the
 * store, one GET tells what is there, up to five times.
 */
export class ServerSideApplier implements Applier {
  readonly #client: KubeClient
  readonly #informers: Informers
  readonly #ownership: Ownership
  readonly #applied = new WriteMemory(mergedByKey)
  readonly #edited = new WriteMemory(replacedWhole)
  readonly #followed = new Set<Store>()
  readonly #queue = new KeyQueue()

  constructor({ client, informers, manager }: ServerSideApplierOptions) {
    this.#client = client
    this.#informers = informers
    this.#ownership = new Ownership(manager)
  }

  apply(desired: DesiredObject, owners: readonly Owner[]): Promise<{ outcome: ApplyOutcome; object: KubeObject }> {
    return this.#exclusively(desired.kind, desired.object.metadata, async () => {
      let live = this.#live(desired.kind, desired.object.metadata)
      for (let attempts = 1; ; attempts++) {
        try {
          return await this.#applyTo(live, desired, owners, attempts === 1)
        } catch (error) {
          if (!isOutdated(error) || attempts === maxAttempts) throw error
          live = await this.#refresh(desired.kind, desired.object.metadata)
        }
      }
    })
  }

  edit(
    kind: Kind,
    ref: ObjectRef,
    fields: Record<string, unknown>,
  ): Promise<{ outcome: ApplyOutcome; object: KubeObject }> {
    return this.#exclusively(kind, ref, async () => {
      const live = this.#live(kind, ref)
      if (live !== undefined && this.#edited.holds(kind, fields, live)) return { outcome: 'unchanged', object: live }
      const uid = live?.metadata.uid
      const patch = uid === undefined ? fields : withValueAt(fields, ['metadata', 'uid'], uid)
      try {
        const object = await this.#client.patch(kind, ref, patch, {
          type: 'merge',
          fieldManager: this.#ownership.manager,
        })
        return this.#wrote(this.#edited, kind, fields, live, object)
      } catch (error) {
        // The caller decided on another object than there is now, so it has to decide again, on what the store then has.
        if (isOutdated(error)) await this.#refresh(kind, ref)
        throw error
      }
    })
  }

  remove(kind: Kind, ref: ObjectRef): Promise<'deleted' | 'absent'> {
    return this.#exclusively(kind, ref, async () => {
      const live = this.#live(kind, ref)
      if (live === undefined || !this.#ownership.has(live)) return 'absent'
      if (live.metadata.deletionTimestamp !== undefined) return 'deleted'
      const { uid } = live.metadata
      try {
        const remaining = await this.#client.delete(kind, ref, {
          propagationPolicy: 'Background',
          ...(uid !== undefined && { preconditions: { uid } }),
        })
        if (remaining === undefined) this.#forget(kind, live)
        else this.#informers.observe(kind, remaining)
        return 'deleted'
      } catch (error) {
        // 409: the name is another object's by now, and that one's event is on its way.
        if (!isNotFound(error) && !isConflict(error)) throw error
        this.#forget(kind, live)
        return 'absent'
      }
    })
  }

  owned(kind: Kind, ownerUid: string): KubeObject[] {
    return this.#informers
      .of(kind)
      .store.ownedBy(ownerUid)
      .filter((object) => this.#ownership.has(object))
  }

  async #applyTo(live: KubeObject | undefined, desired: DesiredObject, owners: readonly Owner[], first: boolean) {
    const { kind, initially = [] } = desired
    if (live !== undefined && !this.#ownership.has(live)) {
      throw new ForeignObjectError(kind.plural, keyOf(live.metadata), live.metadata.labels?.[managedByLabel])
    }
    const allOwners = [...owners, ...(desired.object.metadata.ownerReferences ?? [])]
    const lasting = this.#ownership.lasting(desired)
    const stamp = this.#ownership.stamp(lasting)
    if (live !== undefined && this.#upToDate(kind, live, lasting, stamp, allOwners)) {
      return { outcome: 'unchanged' as const, object: live }
    }
    let fields = lasting
    for (const path of initially) {
      fields = withValueAt(fields, path, valueAt(live ?? desired.object, path))
    }
    const merged = mergeOwners(live, lasting.metadata.namespace, allOwners)
    const body = this.#ownership.stamped(fields, stamp, merged)
    const object = await this.#client.apply(kind, bound(body, live, { exactly: initially.length > 0, first }), {
      fieldManager: this.#ownership.manager,
      force: live !== undefined,
    })
    return this.#wrote(this.#applied, kind, lasting, live, object)
  }

  #upToDate(kind: Kind, live: KubeObject, lasting: KubeObject, stamp: string, owners: readonly Owner[]): boolean {
    if (live.metadata.annotations?.[appliedAnnotation] !== stamp) return false
    const present = ownerUids(live)
    return owners.every(({ uid }) => present.includes(uid)) && this.#applied.holds(kind, lasting, live)
  }

  #wrote(memory: WriteMemory, kind: Kind, wanted: unknown, live: KubeObject | undefined, object: KubeObject) {
    this.#informers.observe(kind, object)
    memory.remember(kind, wanted, object)
    const same = live !== undefined && live.metadata.resourceVersion === object.metadata.resourceVersion
    const outcome: ApplyOutcome = live === undefined ? 'created' : same ? 'unchanged' : 'configured'
    return { outcome, object }
  }

  /** The object as the API server has it now; the store learns it as well. */
  async #refresh(kind: Kind, ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      const live = await this.#client.get(kind, ref)
      this.#informers.observe(kind, live)
      return live
    } catch (error) {
      if (!isNotFound(error)) throw error
      const known = this.#live(kind, ref)
      if (known !== undefined) this.#forget(kind, known)
      return undefined
    }
  }

  #live(kind: Kind, ref: ObjectRef): KubeObject | undefined {
    const informer = this.#informers.of(kind)
    if (!this.#followed.has(informer.store)) {
      this.#followed.add(informer.store)
      informer.listen((change) => {
        if (change.type !== 'deleted') return
        this.#applied.forget(kind, change.object.metadata)
        this.#edited.forget(kind, change.object.metadata)
      })
    }
    return informer.store.get(ref)
  }

  /** Takes out this object, unless another one has taken its name meanwhile. */
  #forget(kind: Kind, { metadata }: KubeObject): void {
    if (this.#live(kind, metadata)?.metadata.uid === metadata.uid) this.#informers.forget(kind, metadata)
  }

  #exclusively<T>(kind: Kind, ref: ObjectRef, action: () => Promise<T>): Promise<T> {
    return this.#queue.run(`${kind.plural}.${kind.group} ${keyOf(ref)}`, action)
  }
}

/**
 * The body of an apply that only succeeds on this very object, with `exactly` only on this very version of it, and without an
 * object only if there is none. Once a GET has said that there is none, the lack of force has to do.
 */
function bound(
  body: KubeObject,
  live: KubeObject | undefined,
  { exactly, first }: { exactly: boolean; first: boolean },
) {
  const absent = first ? { resourceVersion: neverAVersion } : {}
  const { uid, resourceVersion }: { uid?: string; resourceVersion?: string } = live?.metadata ?? absent
  return {
    ...body,
    metadata: {
      ...body.metadata,
      ...(uid !== undefined && { uid }),
      ...((exactly || live === undefined) && resourceVersion !== undefined && { resourceVersion }),
    },
  }
}
