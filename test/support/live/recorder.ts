import { setTimeout as delay } from 'node:timers/promises'
import { apiVersionOf, type Kind, type KubeObject } from '../../../src/kube/object.ts'
import type { Access } from '../cluster/client.ts'
import type { KindOf } from './kinds.ts'
import { type WatchEvent, type WatchStream, watchStream } from './watch-stream.ts'

/** One change of one object, as the API server told it. */
export interface Change extends WatchEvent {
  readonly kind: Kind
  /** The revision of the whole cluster at which it happened: it orders changes of all kinds (one etcd counts them). */
  readonly revision: number
}

/** The objects of a namespace at one moment. */
export class Snapshot {
  readonly #objects = new Map<string, KubeObject>()

  apply({ type, kind, object }: Change): void {
    const id = idOf(kind, object.metadata.name)
    if (type === 'DELETED') this.#objects.delete(id)
    else this.#objects.set(id, object)
  }

  get<T extends KubeObject>(kind: KindOf<T>, name: string): T | undefined {
    // The API server has checked what it gives as an object of this kind.
    return this.#objects.get(idOf(kind, name)) as T | undefined
  }

  list<T extends KubeObject>(kind: KindOf<T>): T[] {
    const found = [...this.#objects].filter(([id]) => id.startsWith(idOf(kind, '')))
    return found.map(([, object]) => object as T)
  }
}

/** Everything that happens to objects of some kinds in one namespace, from the moment it starts. */
export class Recorder {
  readonly now = new Snapshot()
  readonly #changes: Change[] = []
  readonly #listeners = new Set<(change: Change) => void>()
  #streams: readonly WatchStream[] = []

  static async start(access: Access, namespace: string, kinds: readonly Kind[]): Promise<Recorder> {
    const recorder = new Recorder()
    recorder.#streams = await Promise.all(
      kinds.map((kind) => {
        const root = kind.group === '' ? '/api' : '/apis'
        const path = `${root}/${apiVersionOf(kind)}/namespaces/${namespace}/${kind.plural}`
        return whenServed(() => watchStream(access, path, (event) => recorder.#record(kind, event)))
      }),
    )
    return recorder
  }

  /** Called with each change just before `now` has it. */
  listen(listener: (change: Change) => void): void {
    this.#listeners.add(listener)
  }

  /** All changes so far, in the order in which they happened. */
  changes(): Change[] {
    for (const stream of this.#streams) stream.assertOpen()
    return this.#changes.toSorted((a, b) => a.revision - b.revision)
  }

  stop(): void {
    for (const stream of this.#streams) stream.stop()
  }

  #record(kind: Kind, event: WatchEvent): void {
    const change = { ...event, kind, revision: Number(event.object.metadata.resourceVersion) }
    for (const listener of this.#listeners) listener(change)
    this.#changes.push(change)
    this.now.apply(change)
  }
}

/** A kind that is new answers 404 and 429 for a moment. */
async function whenServed<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0) throw error
      await delay(100)
    }
  }
}

function idOf(kind: Kind, name: string): string {
  return `${kind.plural}.${kind.group}/${name}`
}
