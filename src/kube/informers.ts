import type { Kind, KubeObject, ObjectRef } from './object.ts'
import type { Store, StoreChange } from './store.ts'

/** One kind kept up to date: a reflector feeding a store. */
export interface Informer {
  readonly kind: Kind
  readonly store: Store
  readonly synced: boolean
  /** Called for every change, in order, after the store has it; listeners must not throw. Returns how to stop listening. */
  listen(listener: (change: StoreChange) => void): () => void
}

/** How one informer is doing. A watch that is being repeated keeps serving what the store has. */
export interface InformerHealth {
  readonly kind: Kind
  readonly synced: boolean
  /** Milliseconds since the epoch: when the server last showed that the store is up to date. */
  readonly lastSync: number | undefined
  /** Since when it cannot list or watch, and why; absent while it can. */
  readonly failing: { readonly since: number; readonly error: unknown } | undefined
}

/**
 * All informers of a process: one watch per kind, however many want it.
 *
 * Guarantees: a kind is listed once and then only watched; what this process wrote is in the store before the write
 * returns (`observe`), and an older event never takes it back.
 */
export interface Informers {
  /** The informer of a kind; starts it on the first call. `namespace` was fixed when the set was made. */
  of(kind: Kind): Informer
  /**
   * Resolves when every informer asked for so far has its first list; rejects with the first fatal error (403, missing kind)
   * naming the kind. The informer goes on trying after such an error.
   */
  ready(signal?: AbortSignal): Promise<void>
  /** One entry per informer, for `/readyz`. */
  health(): InformerHealth[]
  /** Puts an object that the API server just returned for a write into its store, unless the store has a newer one. */
  observe(kind: Kind, object: KubeObject): void
  /** Takes an object out after this process deleted it and the server answered that it is gone. */
  forget(kind: Kind, ref: ObjectRef): void
  stop(): Promise<void>
}
