import { CallCounter } from './call-counter.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Transport, TransportHooks, TransportRequest, TransportResponse } from './transport.ts'

/** An API server as a function: one HTTP request in, one answer out, no socket between. */
export type RequestHandler = (request: {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}) => Promise<{
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>
}>

export interface InProcessOptions extends TransportHooks {
  /** For the durations that hooks get. */
  readonly clock?: Clock
  /** Sent with every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls the server directly: no sockets and no timers, so that a whole cluster can run on virtual time. */
export class InProcessTransport implements Transport {
  readonly server = 'in-process'
  readonly #handle: RequestHandler
  readonly #headers: Readonly<Record<string, string>>
  readonly #calls: CallCounter

  constructor(handle: RequestHandler, options: InProcessOptions = {}) {
    this.#handle = handle
    this.#headers = options.headers ?? {}
    this.#calls = new CallCounter(this.server, options.clock ?? systemClock, options)
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    return this.#calls.count(request, async () => {
      const { method, path, body, signal } = request
      signal?.throwIfAborted()
      const answer = await this.#handle({
        method,
        path,
        headers: { ...this.#headers, ...request.headers },
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      })
      return { ...answer, body: streamed(answer.body) }
    })
  }

  inFlight(): number {
    return this.#calls.inFlight
  }

  async close(): Promise<void> {}
}

async function* streamed(body: string | Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof body === 'string') yield Buffer.from(body)
  else if (body instanceof Uint8Array) yield body
  else yield* body
}
