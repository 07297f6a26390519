import type { Clock } from './clock.ts'
import type { TransportHooks, TransportRequest, TransportResponse } from './transport.ts'

/** Counts calls under way and reports finished ones: the part that all transports share. */
export class CallCounter {
  readonly #host: string
  readonly #clock: Clock
  readonly #hooks: TransportHooks
  #inFlight = 0

  constructor(host: string, clock: Clock, hooks: TransportHooks) {
    this.#host = host
    this.#clock = clock
    this.#hooks = hooks
  }

  get inFlight(): number {
    return this.#inFlight
  }

  async count(request: TransportRequest, send: () => Promise<TransportResponse>): Promise<TransportResponse> {
    const counted = request.call.verb !== 'watch'
    const started = this.#clock.elapsed()
    if (counted) this.#inFlight++
    try {
      const response = await send()
      this.#report(request, response.status, started)
      return counted ? { ...response, body: this.#untilRead(response.body) } : response
    } catch (error) {
      this.#report(request, 0, started)
      if (counted) this.#inFlight--
      throw error
    }
  }

  #report({ call, method }: TransportRequest, status: number, started: number): void {
    this.#hooks.onRequest?.({ ...call, method, host: this.#host, status, durationMs: this.#clock.elapsed() - started })
  }

  async *#untilRead(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* body
    } finally {
      this.#inFlight--
    }
  }
}
