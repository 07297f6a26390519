import type { KubeObject } from './object.ts'

/** Objects by the values of labels. A label is indexed from the first time that somebody asks for it. */
export class LabelIndex {
  /** label → value → keys of objects */
  readonly #byLabel = new Map<string, Map<string, Set<string>>>()

  /** Keys of the objects with this label, `all` being what to build a missing index from. */
  keys(label: string, value: string, all: ReadonlyMap<string, KubeObject>): ReadonlySet<string> {
    let values = this.#byLabel.get(label)
    if (values === undefined) {
      values = new Map()
      this.#byLabel.set(label, values)
      for (const [key, object] of all) addTo(values, object.metadata.labels?.[label], key)
    }
    return values.get(value) ?? new Set()
  }

  add(key: string, object: KubeObject): void {
    for (const [label, values] of this.#byLabel) addTo(values, object.metadata.labels?.[label], key)
  }

  remove(key: string, object: KubeObject): void {
    for (const [label, values] of this.#byLabel) removeFrom(values, object.metadata.labels?.[label], key)
  }
}

export function addTo(index: Map<string, Set<string>>, entry: string | undefined, key: string): void {
  if (entry === undefined) return
  const keys = index.get(entry)
  if (keys === undefined) index.set(entry, new Set([key]))
  else keys.add(key)
}

export function removeFrom(index: Map<string, Set<string>>, entry: string | undefined, key: string): void {
  if (entry === undefined) return
  const keys = index.get(entry)
  if (keys?.delete(key) && keys.size === 0) index.delete(entry)
}
