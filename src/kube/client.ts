import type { Kind, KubeObject, ObjectRef } from './object.ts'

export interface ObjectList {
  readonly items: KubeObject[]
  readonly resourceVersion: string
  /** Token for the next page; absent on the last one. */
  readonly continue?: string
}

export interface ListOptions {
  /** Absent lists all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

export interface WatchOptions {
  readonly namespace?: string | undefined
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion: string
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal
  /** Called when the server has accepted the watch, which may be long before the first event. */
  readonly onOpen?: () => void
}

export type WatchEvent =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
      readonly object: KubeObject
    }
  | { readonly type: 'ERROR'; readonly object: unknown }

export interface ApplyOptions {
  readonly fieldManager: string
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly subresource?: 'status' | 'scale'
  readonly signal?: AbortSignal
}

export interface PatchOptions {
  readonly type: 'merge' | 'json' | 'strategic'
  readonly fieldManager: string
  readonly dryRun?: boolean
  readonly subresource?: 'status' | 'scale'
  readonly signal?: AbortSignal
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditions?: {
    readonly uid?: string
    readonly resourceVersion?: string
  }
  readonly signal?: AbortSignal
}

/**
 * The API server, one call per method; nothing is cached and nothing is retried but what the transport retries (429 and
 * 5xx on reads with `Retry-After` and back-off).
 *
 * Objects go in and come out as raw JSON. Errors: `ApiError` for an answer that is a Status, `ConnectionError` when there
 * was no answer; both name the call they are about.
 */
export interface KubeClient {
  /** Address of the server, for messages. */
  readonly server: string
  get(kind: Kind, ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject>
  list(kind: Kind, options?: ListOptions): Promise<ObjectList>
  watch(kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent>
  create(kind: Kind, object: KubeObject, options?: { fieldManager?: string; signal?: AbortSignal }): Promise<KubeObject>
  update(kind: Kind, object: KubeObject, options?: { fieldManager?: string; signal?: AbortSignal }): Promise<KubeObject>
  apply(kind: Kind, object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  patch(kind: Kind, ref: ObjectRef, patch: unknown, options: PatchOptions): Promise<KubeObject>
  /** The object while a finalizer or its grace period still keeps it, undefined when it is gone. */
  delete(kind: Kind, ref: ObjectRef, options?: DeleteOptions): Promise<KubeObject | undefined>
  /** Any other path, such as `/version`; parsed JSON. */
  raw(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>
  close(): Promise<void>
}
