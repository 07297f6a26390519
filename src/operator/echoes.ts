import type { StoreChange } from '../kube/store.ts'

interface Window {
  open: number
  readonly own: Set<string>
  readonly held: { readonly change: StoreChange; readonly deliver: () => void }[]
}

/**
 * Tells the changes a sync makes itself from those of others, so that a sync does not cause the next one.
 *
 * While a write is under way, changes of its object are held back from the writer. When the answer is there, its
 * resourceVersion says which of them was the write; the others are delivered then.
 */
export class Echoes {
  readonly #windows = new Map<string, Window>()

  /** Runs a write of the object `id` for `writer`. The write answers the resourceVersion it made. */
  async during<T>(writer: string, id: string, write: () => Promise<T>, versionOf: (result: T) => string | undefined) {
    const key = `${writer} ${id}`
    const window = this.#windows.get(key) ?? { open: 0, own: new Set(), held: [] }
    this.#windows.set(key, window)
    window.open++
    try {
      const result = await write()
      const version = versionOf(result)
      if (version !== undefined) window.own.add(version)
      return result
    } finally {
      window.open--
      if (window.open === 0) {
        this.#windows.delete(key)
        for (const { change, deliver } of window.held) if (!isOwn(change, window)) deliver()
      }
    }
  }

  /** Delivers the change to a writer, at once or when it is known not to be its own. */
  deliver(writer: string, id: string, change: StoreChange, deliver: () => void): void {
    const window = this.#windows.get(`${writer} ${id}`)
    if (window === undefined) deliver()
    else window.held.push({ change, deliver })
  }
}

/** The version that stands for a deletion of one's own. */
export const deletedVersion = 'deleted'

function isOwn({ type, object }: StoreChange, { own }: Window): boolean {
  if (type === 'deleted' || object.metadata.deletionTimestamp !== undefined) return own.has(deletedVersion)
  return own.has(object.metadata.resourceVersion ?? '')
}
