import { isDeepStrictEqual } from 'node:util'
import type { Applier } from '../kube/applier.ts'
import type { Informers } from '../kube/informers.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { Owner } from '../kube/owners.ts'
import { isRecord } from '../kube/wire.ts'
import { objectId } from './dependencies.ts'
import { deletedVersion, type Echoes } from './echoes.ts'
import type { MeshObjects } from './mesh-objects.ts'
import type { CheckedResult } from './phase-result.ts'
import type { EditOutput, OwnedOutput } from './worker.ts'

export interface NativeDeps {
  readonly applier: Applier
  readonly informers: Informers
  readonly meshObjects: MeshObjects
  readonly echoes: Echoes
}

interface Edit {
  readonly kind: Kind
  readonly output: EditOutput
}

/** Native outputs of one result, sorted by what may come before the traffic and what only after it. */
export interface NativePlan {
  readonly objects: readonly { readonly kind: Kind; readonly output: OwnedOutput }[]
  /** Edits that give values to fields that had none. */
  readonly additions: readonly Edit[]
  /** Edits that change or remove a value. */
  readonly changes: readonly Edit[]
  /** Kinds whose whole set was returned: further objects of these are not wanted any more. */
  readonly kinds: readonly Kind[]
}

/** Writes and takes away the native objects of one resource. */
export class NativeOutputs {
  readonly #deps: NativeDeps

  constructor(deps: NativeDeps) {
    this.#deps = deps
  }

  plan(natives: CheckedResult['natives'], namespace: string): NativePlan {
    const objects = natives.flatMap(({ kind, outputs }) =>
      outputs.flatMap((output) => ('object' in output ? [{ kind, output }] : [])),
    )
    const edits = natives.flatMap(({ kind, outputs }) =>
      outputs.flatMap((output) => ('edit' in output ? [{ kind, output }] : [])),
    )
    const adds = ({ kind, output: { edit } }: Edit) =>
      onlyAdds(edit.fields, this.#deps.informers.of(kind).store.get({ namespace, name: edit.name }))
    return {
      objects,
      additions: edits.filter(adds),
      changes: edits.filter((edit) => !adds(edit)),
      kinds: natives.map(({ kind }) => kind),
    }
  }

  /** Creates and updates objects, and makes the edits that only add. */
  async applyFirst(writer: string, owner: Owner, { objects, additions }: NativePlan): Promise<void> {
    const { applier, echoes } = this.#deps
    for (const { kind, output } of objects) {
      const { object, initially } = output
      await echoes.during(
        writer,
        objectId(kind, object.metadata),
        () =>
          applier.apply({ kind, object, ...(initially !== undefined && { initially }) }, [
            { ...owner, controller: true },
          ]),
        (written) => written.object.metadata.resourceVersion,
      )
    }
    for (const edit of additions) await this.#edit(writer, owner.namespace, edit)
  }

  /** Makes the edits that change or remove something, and deletes what is not wanted any more. */
  async applyLast(writer: string, owner: Owner, plan: NativePlan): Promise<void> {
    for (const edit of plan.changes) await this.#edit(writer, owner.namespace, edit)
    const wanted = new Set(plan.objects.map(({ kind, output }) => objectId(kind, output.object.metadata)))
    for (const kind of plan.kinds) {
      for (const object of this.#owned(kind, owner)) {
        if (!wanted.has(objectId(kind, object.metadata))) await this.#remove(writer, kind, object)
      }
    }
  }

  /** Deletes everything of these kinds that the resource owns. */
  async removeAll(writer: string, owner: Owner, kinds: Iterable<Kind>): Promise<void> {
    for (const kind of kinds) {
      for (const object of this.#owned(kind, owner)) await this.#remove(writer, kind, object)
    }
  }

  #owned(kind: Kind, owner: Owner): KubeObject[] {
    return this.#deps.applier
      .owned(kind, owner.uid)
      .filter(
        (object) =>
          object.metadata.deletionTimestamp === undefined &&
          this.#deps.meshObjects.apexOf(object) === undefined &&
          !this.#deps.meshObjects.protects(object),
      )
  }

  async #edit(writer: string, namespace: string | undefined, { kind, output: { edit } }: Edit): Promise<void> {
    const ref = { namespace, name: edit.name }
    await this.#deps.echoes.during(
      writer,
      objectId(kind, ref),
      () => this.#deps.applier.edit(kind, ref, { ...edit.fields }),
      (written) => written.object.metadata.resourceVersion,
    )
  }

  async #remove(writer: string, kind: Kind, { metadata }: KubeObject): Promise<void> {
    await this.#deps.echoes.during(
      writer,
      objectId(kind, metadata),
      () => this.#deps.applier.remove(kind, metadata),
      () => deletedVersion,
    )
  }
}

/** Whether a merge patch changes and removes nothing that is there. */
function onlyAdds(fields: unknown, live: unknown): boolean {
  if (live === undefined) return true
  if (!isRecord(fields) || !isRecord(live)) return isDeepStrictEqual(fields, live)
  return Object.entries(fields).every(([name, value]) => {
    if (value === null) return live[name] === undefined
    return onlyAdds(value, live[name])
  })
}
