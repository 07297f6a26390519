import { type Dispatcher, Pool, ProxyAgent, Socks5ProxyAgent } from 'undici'
import { CallCounter } from './call-counter.ts'
import type { Clock } from './clock.ts'
import { connectionError } from './connection-problem.ts'
import type { ClientCertificate, Credentials, Presentation } from './credentials.ts'
import { readText } from './response-body.ts'
import type { Transport, TransportHooks, TransportRequest, TransportResponse } from './transport.ts'

/** How to recognise the server. */
export interface ServerTrust {
  /** PEM; absent trusts what Node trusts. */
  readonly ca?: string
  readonly insecure?: boolean
  /** The name in the server's certificate, when it is not that of the address. */
  readonly serverName?: string
}

export interface PoolTransportOptions extends TransportHooks {
  /** `https://host:port`, with a path when the API is below one. */
  readonly server: string
  readonly trust?: ServerTrust
  /** `http:`, `https:` or `socks5:` proxy. */
  readonly proxyUrl?: string | undefined
  readonly credentials: Credentials
  readonly clock: Clock
  /** Limits, in milliseconds. */
  readonly connectTimeoutMs?: number
  readonly answerTimeoutMs?: number
}

/** Enough for a busy operator; more calls than this wait for a free connection instead of opening one each. */
const callConnections = 16

interface Pools {
  readonly certificate: ClientCertificate | undefined
  /** Calls share a few connections. */
  readonly calls: Dispatcher
  /** Every watch has a connection of its own for as long as it lasts, so they cannot be bounded with the calls. */
  readonly watches: Dispatcher
}

/**
 * HTTP/1.1 over kept-alive connections to one server.
 *
 * Guarantees: connecting takes at most 10 s, the head of an answer and each pause in its body at most 60 s (watches may
 * pause for ever, TCP keep-alive notices a dead peer); an answer of 401 is asked again once with renewed credentials.
 */
export class PoolTransport implements Transport {
  readonly server: string
  readonly #origin: string
  readonly #prefix: string
  readonly #options: PoolTransportOptions
  readonly #calls: CallCounter
  #pools: Pools | undefined

  constructor(options: PoolTransportOptions) {
    const { origin, host, pathname } = new URL(options.server)
    this.server = options.server
    this.#origin = origin
    this.#prefix = pathname.replace(/\/+$/, '')
    this.#options = options
    this.#calls = new CallCounter(host, options.clock, options)
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const response = await this.#exchange(request)
    if (response.status !== 401 || !this.#options.credentials.renew()) return response
    await readText(response.body)
    return this.#exchange(request)
  }

  inFlight(): number {
    return this.#calls.inFlight
  }

  async close(): Promise<void> {
    const pools = this.#pools
    this.#pools = undefined
    if (pools === undefined) return
    await Promise.all([pools.calls.close(), pools.watches.destroy()])
  }

  async #exchange(request: TransportRequest): Promise<TransportResponse> {
    const presentation = await this.#options.credentials.present()
    return this.#calls.count(request, async () => {
      try {
        return await this.#request(request, presentation)
      } catch (error) {
        request.signal?.throwIfAborted()
        throw connectionError(this.server, error)
      }
    })
  }

  async #request(request: TransportRequest, presentation: Presentation): Promise<TransportResponse> {
    const { method, path, headers, body, signal } = request
    const watch = request.call.verb === 'watch'
    const pools = this.#poolsFor(presentation.certificate)
    const timeout = this.#options.answerTimeoutMs ?? 60_000
    const response = await (watch ? pools.watches : pools.calls).request({
      origin: this.#origin,
      method: method as Dispatcher.HttpMethod,
      path: this.#prefix + path,
      headers: { ...headers, ...presentation.headers },
      headersTimeout: timeout,
      bodyTimeout: watch ? 0 : timeout,
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    })
    return {
      status: response.statusCode,
      headers: joined(response.headers),
      body: this.#withKnownErrors(response.body, signal),
    }
  }

  async *#withKnownErrors(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    try {
      yield* body
    } catch (error) {
      signal?.throwIfAborted()
      throw connectionError(this.server, error)
    }
  }

  /** Connections are made with a certificate, so a renewed one needs new connections; calls under way finish on the old. */
  #poolsFor(certificate: ClientCertificate | undefined): Pools {
    const present = this.#pools
    if (present !== undefined && present.certificate?.cert === certificate?.cert) return present
    this.#pools = {
      certificate,
      calls: this.#pool(certificate, callConnections),
      watches: this.#pool(certificate, null),
    }
    if (present !== undefined) void Promise.all([present.calls.close(), present.watches.close()])
    return this.#pools
  }

  #pool(certificate: ClientCertificate | undefined, connections: number | null): Dispatcher {
    const { trust = {}, proxyUrl, connectTimeoutMs: timeout = 10_000 } = this.#options
    const tls = {
      ...certificate,
      ...(trust.ca !== undefined && { ca: trust.ca }),
      ...(trust.insecure && { rejectUnauthorized: false }),
      ...(trust.serverName !== undefined && { servername: trust.serverName }),
      timeout,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    }
    const limits = { connections, allowH2: false, keepAliveTimeout: 30_000 }
    if (proxyUrl === undefined) return new Pool(this.#origin, { ...limits, connect: tls })
    if (/^socks/.test(proxyUrl)) return new Socks5ProxyAgent(proxyUrl, { ...limits, requestTls: tls })
    return new ProxyAgent({ ...limits, uri: proxyUrl, requestTls: tls })
  }
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) texts[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return texts
}
