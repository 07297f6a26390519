import type { KubeClient } from '../kube/client.ts'
import { isConflict } from '../kube/errors.ts'
import type { Informers } from '../kube/informers.ts'
import { type Kind, type KubeObject, keyOf } from '../kube/object.ts'
import { objectId } from './dependencies.ts'
import { deletedVersion, type Echoes } from './echoes.ts'
import { mergePatch } from './merge-patch.ts'
import { readStatus } from './status-reading.ts'

export interface StatusWriterOptions {
  readonly client: KubeClient
  readonly informers: Informers
  readonly echoes: Echoes
  readonly kind: Kind
  /** Field manager of the writes. */
  readonly manager: string
}

/** The resource has changed since it was read: what was to be written is out of date, and the next sync knows better. */
export class StaleResourceError extends Error {
  override readonly name = 'StaleResourceError'
}

/**
 * Writes what the operator has to say on a resource: its status and its finalizer.
 *
 * Every write names the resourceVersion it is based on, so that a process that has been replaced as leader, or has not seen
 * the last change yet, writes nothing (409) instead of something old. What was written is in the store afterwards.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Makes the status what is wanted, in one merge patch; none when it is that already. Answers the resource as it is then. */
  async write(resource: KubeObject, wanted: Readonly<Record<string, unknown>>): Promise<KubeObject> {
    const status = mergePatch(readStatus(resource).fields, wanted)
    if (status === undefined) return resource
    return this.#patch(resource, { status }, 'status')
  }

  /** The resource as it would be with these fields in its status: an older CRD's schema drops what it does not know. Nothing is written. */
  tries({ metadata }: KubeObject, status: Readonly<Record<string, unknown>>): Promise<KubeObject> {
    const { client, kind, manager } = this.#options
    const options = { type: 'merge', fieldManager: manager, subresource: 'status', dryRun: true } as const
    return client.patch(kind, metadata, { status }, options)
  }

  /** Adds a finalizer, if it is not there. */
  async addFinalizer(resource: KubeObject, finalizer: string): Promise<KubeObject> {
    const present = resource.metadata.finalizers ?? []
    if (present.includes(finalizer)) return resource
    return this.#patch(resource, { metadata: { finalizers: [...present, finalizer] } })
  }

  /** Removes a finalizer, and with the last one the resource. */
  async removeFinalizer(resource: KubeObject, finalizer: string): Promise<void> {
    const { client, echoes, informers, kind, manager } = this.#options
    const { metadata } = resource
    const finalizers = metadata.finalizers ?? []
    const path = `/metadata/finalizers/${finalizers.indexOf(finalizer)}`
    const patch = [
      { op: 'test', path, value: finalizer },
      { op: 'remove', path },
    ]
    await echoes.during(
      keyOf(metadata),
      objectId(kind, metadata),
      async () => {
        const left = await client.patch(kind, metadata, patch, { type: 'json', fieldManager: manager })
        if (finalizers.length === 1) informers.forget(kind, metadata)
        else informers.observe(kind, left)
      },
      () => deletedVersion,
    )
  }

  async #patch(
    { metadata }: KubeObject,
    patch: { readonly metadata?: object; readonly status?: object },
    subresource?: 'status',
  ): Promise<KubeObject> {
    const { client, echoes, informers, kind, manager } = this.#options
    const body = { ...patch, metadata: { ...patch.metadata, resourceVersion: metadata.resourceVersion } }
    return echoes.during(
      keyOf(metadata),
      objectId(kind, metadata),
      async () => {
        const options = { type: 'merge', fieldManager: manager, ...(subresource && { subresource }) } as const
        const written = await client.patch(kind, metadata, body, options).catch(asStale)
        informers.observe(kind, written)
        return written
      },
      (written) => written.metadata.resourceVersion,
    )
  }
}

function asStale(error: unknown): never {
  throw isConflict(error) ? new StaleResourceError('the resource has changed', { cause: error }) : error
}
