import type { Random } from './back-off.ts'
import type {
  ApplyOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ObjectList,
  PatchOptions,
  WatchEvent,
  WatchOptions,
} from './client.ts'
import type { Clock } from './clock.ts'
import { ApiError, type Call, ConnectionError } from './errors.ts'
import { apiVersionOf, type Kind, type KubeObject, keyOf, type ObjectRef } from './object.ts'
import { collectionPath, objectPath, queryString } from './resource-path.ts'
import { readLines, readText } from './response-body.ts'
import { retryAfterMs, withRetries } from './retry.ts'
import type { CallFacts, Transport, TransportResponse } from './transport.ts'
import { isKubeObject, parseJson, readList, readObject, readStatus, readWatchEvent } from './wire.ts'

export interface HttpClientOptions {
  readonly clock: Clock
  readonly random: Random
  readonly userAgent?: string
  /** Called with the text of each `Warning` header, such as the deprecation of an API version. */
  readonly onWarning?: (warning: string, call: Call) => void
}

interface Exchange {
  readonly method: string
  readonly path: string
  readonly call: CallFacts
  /** The object or namespace, for messages. */
  readonly target: string
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal | undefined
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

/** The Kubernetes API over a transport, in JSON. */
export class HttpClient implements KubeClient {
  readonly server: string
  readonly #transport: Transport
  readonly #options: HttpClientOptions

  constructor(transport: Transport, options: HttpClientOptions) {
    this.server = transport.server
    this.#transport = transport
    this.#options = options
  }

  async get(kind: Kind, ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject> {
    const call = { verb: 'get', resource: kind.plural } as const
    return readObject(
      await this.#json({ method: 'GET', path: objectPath(kind, ref), call, target: keyOf(ref), signal }),
    )
  }

  async list(kind: Kind, options: ListOptions = {}): Promise<ObjectList> {
    const { namespace, signal, ...query } = options
    const path = collectionPath(kind, namespace) + queryString(query)
    const call = { verb: 'list', resource: kind.plural } as const
    return readList(kind, await this.#json({ method: 'GET', path, call, target: namespace ?? '', signal }))
  }

  async *watch(kind: Kind, options: WatchOptions): AsyncIterable<WatchEvent> {
    const { namespace, signal, onOpen, ...query } = options
    const path = collectionPath(kind, namespace) + queryString({ ...query, watch: true, allowWatchBookmarks: true })
    const call = { verb: 'watch', resource: kind.plural } as const
    const exchange: Exchange = { method: 'GET', path, call, target: namespace ?? '', signal }
    try {
      const response = await this.#send(exchange)
      onOpen?.()
      for await (const line of readLines(response.body)) yield readWatchEvent(line)
    } catch (error) {
      throw naming(exchange, error)
    }
  }

  async create(kind: Kind, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const path = collectionPath(kind, object.metadata.namespace) + queryString({ fieldManager: options.fieldManager })
    const call = { verb: 'create', resource: kind.plural } as const
    return this.#write({
      method: 'POST',
      path,
      call,
      target: keyOf(object.metadata),
      body: object,
      signal: options.signal,
    })
  }

  async update(kind: Kind, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const path = objectPath(kind, object.metadata) + queryString({ fieldManager: options.fieldManager })
    const call = { verb: 'update', resource: kind.plural } as const
    return this.#write({
      method: 'PUT',
      path,
      call,
      target: keyOf(object.metadata),
      body: object,
      signal: options.signal,
    })
  }

  async apply(kind: Kind, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const { fieldManager, force, dryRun, subresource, signal } = options
    const query = queryString({ fieldManager, force, dryRun: dryRun ? 'All' : undefined })
    return this.#write({
      method: 'PATCH',
      path: objectPath(kind, object.metadata, subresource) + query,
      call: { verb: 'apply', resource: resourceOf(kind, subresource) },
      target: keyOf(object.metadata),
      body: { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind },
      contentType: patchTypes.apply,
      signal,
    })
  }

  async patch(kind: Kind, ref: ObjectRef, patch: unknown, options: PatchOptions): Promise<KubeObject> {
    const { type, fieldManager, dryRun, subresource, signal } = options
    return this.#write({
      method: 'PATCH',
      path: objectPath(kind, ref, subresource) + queryString({ fieldManager, dryRun: dryRun ? 'All' : undefined }),
      call: { verb: 'patch', resource: resourceOf(kind, subresource) },
      target: keyOf(ref),
      body: patch,
      contentType: patchTypes[type],
      signal,
    })
  }

  async delete(kind: Kind, ref: ObjectRef, options: DeleteOptions = {}): Promise<KubeObject | undefined> {
    const { signal, ...rest } = options
    const answer = await this.#json({
      method: 'DELETE',
      path: objectPath(kind, ref),
      call: { verb: 'delete', resource: kind.plural },
      target: keyOf(ref),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', ...rest },
      signal,
    })
    return isKubeObject(answer) && isTerminating(answer) ? answer : undefined
  }

  async raw(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#json({
      method,
      path,
      call: { verb: 'raw', resource: path.split('?')[0] ?? path },
      target: '',
      body,
      signal,
    })
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  async #write(exchange: Exchange): Promise<KubeObject> {
    return readObject(await this.#json(exchange))
  }

  async #json(exchange: Exchange): Promise<unknown> {
    const { clock, random } = this.#options
    const attempt = async () => {
      try {
        return parseJson(await readText((await this.#send(exchange)).body))
      } catch (error) {
        throw naming(exchange, error)
      }
    }
    return withRetries(attempt, { clock, random, signal: exchange.signal, read: exchange.method === 'GET' })
  }

  async #send({ method, path, call, target, body, contentType, signal }: Exchange): Promise<TransportResponse> {
    const response = await this.#transport.send({
      method,
      path,
      headers: {
        accept: 'application/json',
        'user-agent': this.#options.userAgent ?? 'mesh-autopilot',
        ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
      call,
    })
    const about: Call = { ...call, target }
    const { warning, 'retry-after': retryAfter } = response.headers
    if (warning !== undefined) for (const text of warningTexts(warning)) this.#options.onWarning?.(text, about)
    if (response.status >= 200 && response.status < 300) return response
    const status = readStatus(await readText(response.body))
    throw new ApiError(about, response.status, status, retryAfterMs(retryAfter, this.#options.clock.now()))
  }
}

interface WriteOptions {
  readonly fieldManager?: string
  readonly signal?: AbortSignal
}

/** The transport knows connections only; what was asked is added here. */
function naming({ call, target }: Exchange, error: unknown): unknown {
  return error instanceof ConnectionError ? error.during({ ...call, target }) : error
}

function resourceOf(kind: Kind, subresource: string | undefined): string {
  return subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`
}

/** Some kinds answer a delete with the object although it is gone at once; it stays only while something holds it. */
function isTerminating({ metadata }: KubeObject & { metadata: { deletionGracePeriodSeconds?: number } }): boolean {
  if (metadata.deletionTimestamp === undefined) return false
  return (metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0
}

/** The quoted texts of `299 - "…", 299 - "…"` (RFC 7234, 5.5), as the API server writes them. */
function warningTexts(header: string): string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    (text ?? '').replaceAll(/\\(.)/g, '$1'),
  )
}
