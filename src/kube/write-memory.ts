import { fingerprint, project } from './desired-fields.ts'
import type { EntryKeys } from './list-keys.ts'
import { type Kind, type KubeObject, keyOf, type ObjectRef } from './object.ts'

interface Written {
  /** What was asked for. */
  readonly wanted: string
  /** The live object's values of it, as the API server stored them: not always the same text (`0.5` becomes `500m`). */
  readonly stored: string
  readonly uid: string | undefined
  resourceVersion: string | undefined
}

/**
 * Remembers what became of this process' writes, to tell apart what the API server made of them from what somebody changed
 * later: only the latter is drift. Without it, a field that the API server rewrites would be written over and over.
 */
export class WriteMemory {
  readonly #written = new Map<string, Written>()
  readonly #keysOf: EntryKeys

  constructor(keysOf: EntryKeys) {
    this.#keysOf = keysOf
  }

  remember(kind: Kind, wanted: unknown, live: KubeObject): void {
    this.#written.set(id(kind, live.metadata), {
      wanted: fingerprint(wanted),
      stored: this.#stored(wanted, live),
      uid: live.metadata.uid,
      resourceVersion: live.metadata.resourceVersion,
    })
  }

  forget(kind: Kind, ref: ObjectRef): void {
    this.#written.delete(id(kind, ref))
  }

  /**
   * Whether the live object has what is wanted, or what the API server made of it the last time. Costs nothing while the
   * live object is the one that was written or seen last.
   */
  holds(kind: Kind, wanted: unknown, live: KubeObject): boolean {
    const asked = fingerprint(wanted)
    const written = this.#written.get(id(kind, live.metadata))
    if (written === undefined || written.uid !== live.metadata.uid || written.wanted !== asked) {
      return this.#stored(wanted, live) === asked
    }
    if (written.resourceVersion === live.metadata.resourceVersion) return true
    const stored = this.#stored(wanted, live)
    if (stored !== written.stored && stored !== asked) return false
    written.resourceVersion = live.metadata.resourceVersion
    return true
  }

  #stored(wanted: unknown, live: KubeObject): string {
    return fingerprint(project(wanted, live, this.#keysOf))
  }
}

function id(kind: Kind, ref: ObjectRef): string {
  return `${kind.plural}.${kind.group} ${keyOf(ref)}`
}
