import type { Logger } from 'pino'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Random } from './back-off.ts'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { isForbidden, isNotFound } from './errors.ts'
import { explain } from './explain.ts'
import type { Informer, InformerHealth, Informers } from './informers.ts'
import { MemoryStore } from './memory-store.ts'
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef } from './object.ts'
import { Reflector } from './reflector.ts'
import type { StoreChange } from './store.ts'

export interface SharedInformersOptions {
  readonly client: KubeClient
  /** The only namespace to watch; absent watches all. Cluster-scoped kinds are watched either way. */
  readonly namespace?: string | undefined
  /** Only objects with these labels, as the API server selects; what was written without them is kept until it is forgotten. */
  readonly labelSelector?: string
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
}

interface Entry extends Informer {
  readonly store: MemoryStore
  readonly reflector: Reflector
  readonly running: Promise<void>
}

/** One reflector and store per kind, made when first asked for and run until `stop`. */
export class SharedInformers implements Informers {
  readonly #options: SharedInformersOptions
  readonly #entries = new Map<string, Entry>()
  readonly #stopping = new AbortController()
  readonly #waiting = new Set<() => void>()

  constructor(options: SharedInformersOptions) {
    this.#options = options
  }

  of(kind: Kind): Informer {
    const id = `${apiVersionOf(kind)}/${kind.plural}`
    const known = this.#entries.get(id)
    if (known !== undefined) return known
    const entry = this.#start(kind)
    this.#entries.set(id, entry)
    return entry
  }

  ready(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#waiting.delete(check)
        signal?.removeEventListener('abort', check)
        settle()
      }
      const check = () => {
        const stopped = signal?.aborted ? signal : this.#stopping.signal
        if (stopped.aborted) return finish(() => reject(stopped.reason))
        const entries = [...this.#entries.values()]
        const failed = entries.find(({ reflector }) => isFatal(reflector.status))
        if (failed !== undefined) return finish(() => reject(this.#fatal(failed)))
        if (entries.every(({ synced }) => synced)) finish(resolve)
      }
      this.#waiting.add(check)
      signal?.addEventListener('abort', check)
      check()
    })
  }

  health(): InformerHealth[] {
    return [...this.#entries.values()].map(({ kind, reflector }) => ({ kind, ...reflector.status }))
  }

  observe(kind: Kind, object: KubeObject): void {
    const { namespace } = this.#options
    // What is outside the watched namespace would never be brought up to date again.
    if (kind.namespaced && namespace !== undefined && object.metadata.namespace !== namespace) return
    this.#entryOf(kind)?.store.observe(object)
  }

  forget(kind: Kind, ref: ObjectRef): void {
    this.#entryOf(kind)?.store.forget(ref)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await Promise.all([...this.#entries.values()].map(({ running }) => running))
  }

  #entryOf(kind: Kind): Entry | undefined {
    return this.#entries.get(`${apiVersionOf(kind)}/${kind.plural}`)
  }

  #start(kind: Kind): Entry {
    const { log, namespace, ...rest } = this.#options
    const listeners = new Set<(change: StoreChange) => void>()
    const store = new MemoryStore((change) => {
      for (const listener of listeners) {
        try {
          listener(change)
        } catch (error) {
          log?.error({ resource: kind.plural, err: error }, 'listener threw')
        }
      }
    })
    const reflector = new Reflector({
      ...rest,
      kind,
      namespace: kind.namespaced ? namespace : undefined,
      store,
      log,
      onStatus: () => this.#wake(),
    })
    return {
      kind,
      store,
      reflector,
      running: reflector.run(this.#stopping.signal),
      get synced() {
        return reflector.status.synced
      },
      listen(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check()
  }

  #fatal({ kind, reflector }: Entry): unknown {
    const error = reflector.status.failing?.error
    const found = explain(error, { server: this.#options.client.server, kind })
    return found === undefined ? error : new DiagnosticError([found], { cause: error })
  }
}

/** Before the first list, these do not pass by waiting: somebody has to grant a right or install a kind. */
function isFatal({ synced, failing }: { synced: boolean; failing: { error: unknown } | undefined }): boolean {
  return !synced && failing !== undefined && (isForbidden(failing.error) || isNotFound(failing.error))
}
