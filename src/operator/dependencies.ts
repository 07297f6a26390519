import { type Kind, type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts'
import type { StoreChange } from '../kube/store.ts'

type Labels = Readonly<Record<string, string>>

interface Reads {
  readonly ids: Set<string>
  readonly lists: Map<string, { readonly scope: string; readonly labels: Labels | undefined }>
}

/** What one sync reads, noted as it happens. */
export interface ReadLog {
  object(kind: Kind, ref: ObjectRef): void
  list(kind: Kind, namespace: string | undefined, labels?: Labels): void
  /** Anything else by a name of its own, such as the traffic of an apex. */
  other(id: string): void
  /** The sync is complete: what it did not read any more no longer counts. */
  finish(): void
}

/**
 * Who has read what, also when there was nothing to read: a change of it is a reason to work on the reader again.
 * A read counts from the moment it is made, so no change between reading and the end of the sync is missed.
 */
export class Dependencies {
  readonly #readers = new Map<string, Set<string>>()
  readonly #listReaders = new Map<string, Map<string, Set<Labels | undefined>>>()
  readonly #reads = new Map<string, Reads>()

  begin(reader: string): ReadLog {
    const before = this.#reads.get(reader)
    const fresh: Reads = { ids: new Set(), lists: new Map() }
    const known: Reads = { ids: new Set(before?.ids), lists: new Map(before?.lists) }
    this.#reads.set(reader, known)
    const noteId = (id: string) => {
      fresh.ids.add(id)
      known.ids.add(id)
      add(this.#readers, id, reader)
    }
    return {
      object: (kind, ref) => noteId(objectId(kind, ref)),
      other: noteId,
      list: (kind, namespace, labels) => {
        const scope = listScope(kind, namespace)
        const id = `${scope} ${JSON.stringify(labels ?? {})}`
        if (known.lists.has(id)) {
          fresh.lists.set(id, { scope, labels })
          return
        }
        fresh.lists.set(id, { scope, labels })
        known.lists.set(id, { scope, labels })
        this.#index(reader, known)
      },
      finish: () => {
        for (const id of known.ids) if (!fresh.ids.has(id)) remove(this.#readers, id, reader)
        this.#reads.set(reader, fresh)
        this.#unindex(reader, known)
        this.#index(reader, fresh)
      },
    }
  }

  forget(reader: string): void {
    const reads = this.#reads.get(reader)
    if (reads === undefined) return
    for (const id of reads.ids) remove(this.#readers, id, reader)
    this.#unindex(reader, reads)
    this.#reads.delete(reader)
  }

  readersOf(id: string): ReadonlySet<string> {
    return this.#readers.get(id) ?? new Set()
  }

  /** Whoever read the object, missed it, or listed objects like it. */
  readersOfChange(kind: Kind, change: StoreChange): Set<string> {
    const { object } = change
    const readers = new Set(this.readersOf(objectId(kind, object.metadata)))
    for (const scope of [listScope(kind, object.metadata.namespace), listScope(kind, undefined)]) {
      for (const [reader, selectors] of this.#listReaders.get(scope) ?? []) {
        const hit = [...selectors].some(
          (labels) => matches(object, labels) || (change.type === 'changed' && matches(change.previous, labels)),
        )
        if (hit) readers.add(reader)
      }
    }
    return readers
  }

  #unindex(reader: string, { lists }: Reads): void {
    for (const { scope } of lists.values()) {
      const readers = this.#listReaders.get(scope)
      if (readers?.delete(reader) && readers.size === 0) this.#listReaders.delete(scope)
    }
  }

  #index(reader: string, { lists }: Reads): void {
    for (const { scope, labels } of lists.values()) {
      const readers = this.#listReaders.get(scope) ?? new Map<string, Set<Labels | undefined>>()
      this.#listReaders.set(scope, readers)
      const selectors = readers.get(reader) ?? new Set()
      readers.set(reader, selectors)
      selectors.add(labels)
    }
  }
}

export function objectId(kind: Kind, ref: ObjectRef): string {
  return `${kind.plural}.${kind.group} ${keyOf(ref)}`
}

function listScope(kind: Kind, namespace: string | undefined): string {
  return `${kind.plural}.${kind.group} ${namespace ?? ''}/*`
}

function matches({ metadata }: KubeObject, labels: Labels | undefined): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => metadata.labels?.[name] === value)
}

function add(index: Map<string, Set<string>>, id: string, value: string): void {
  const values = index.get(id)
  if (values === undefined) index.set(id, new Set([value]))
  else values.add(value)
}

function remove(index: Map<string, Set<string>>, id: string, value: string): void {
  const values = index.get(id)
  if (values?.delete(value) && values.size === 0) index.delete(id)
}
