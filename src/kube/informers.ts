import type { Kind } from "./object.ts";
import type { Store, StoreChange } from "./store.ts";

/** One kind kept up to date: a reflector feeding a store. */
export interface Informer {
	readonly kind: Kind;
	readonly store: Store;
	readonly synced: boolean;
	/** Called for every change, in order, after the store has it; listeners must not throw. Returns how to stop listening. */
	listen(listener: (change: StoreChange) => void): () => void;
}

/**
 * All informers of a process: one watch per kind, however many want it.
 *
 * Guarantees: a kind is listed once and then only watched; what this process wrote is in the store before the write
 * returns (`observe`), and an older event never takes it back.
 */
export interface Informers {
	/** The informer of a kind; starts it on the first call. `namespace` was fixed when the set was made. */
	of(kind: Kind): Informer;
	/** Resolves when every informer asked for so far has its first list; rejects with the first fatal error (403, missing kind) naming the kind. */
	ready(signal?: AbortSignal): Promise<void>;
	/** Puts an object that the API server just returned for a write into its store, unless the store has a newer one. */
	observe(kind: Kind, object: import("./object.ts").KubeObject): void;
	/** Takes an object out after this process deleted it and the server answered that it is gone. */
	forget(kind: Kind, ref: import("./object.ts").ObjectRef): void;
	stop(): Promise<void>;
}
