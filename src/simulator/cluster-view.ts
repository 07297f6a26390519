import { type Kind, type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts'

/** One write to the cluster, as it happened. */
export interface Write {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The object after the write, or as it was before it was deleted. */
  readonly object: KubeObject
}

/**
 * The cluster as the world around the operator sees it: every object, at the very moment it is written, so that nothing
 * between two writes escapes the simulation.
 */
export class ClusterView {
  readonly #kinds = new Map<string, Map<string, KubeObject>>()
  readonly #listeners: ((write: Write) => void)[] = []

  /** Takes a write in and tells the listeners, in the order in which they came. */
  see(write: Write): void {
    const name = nameOf(write.object)
    let objects = this.#kinds.get(name)
    if (objects === undefined) {
      objects = new Map()
      this.#kinds.set(name, objects)
    }
    const key = keyOf(write.object.metadata)
    if (write.type === 'DELETED') objects.delete(key)
    else objects.set(key, write.object)
    for (const listener of this.#listeners) listener(write)
  }

  onWrite(listener: (write: Write) => void): void {
    this.#listeners.push(listener)
  }

  get(kind: Pick<Kind, 'group' | 'kind'>, ref: ObjectRef): KubeObject | undefined {
    return this.#kinds.get(`${kind.group}/${kind.kind}`)?.get(keyOf(ref))
  }

  list(kind: Pick<Kind, 'group' | 'kind'>): KubeObject[] {
    return [...(this.#kinds.get(`${kind.group}/${kind.kind}`)?.values() ?? [])]
  }
}

/** `group/Kind`: an object is one and the same in all versions of its API. */
function nameOf({ apiVersion, kind }: KubeObject): string {
  const slash = apiVersion.indexOf('/')
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`
}

/** Whether an object is of this kind, in whichever version. */
export function isOf(object: KubeObject, kind: Pick<Kind, 'group' | 'kind'>): boolean {
  return nameOf(object) === `${kind.group}/${kind.kind}`
}
