import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createCallServer } from 'node:http2'
import type { Server, Socket } from 'node:net'
import { faultBackendAnswer } from '../../../src/mesh/fault-backend.ts'
import { type Behavior, readBehavior, trialHeader } from './behavior.ts'
import { answerCall } from './calls.ts'
import { answerHeaders, type Echo } from './echo.ts'

type Place = Pick<Echo, 'service' | 'port' | 'address'>

/**
 * Tiny servers, one for each port of each Service, on addresses of this machine alone. They do as a request's `x-behave` says, those of
 * `fault-503` and the like as their name does, and remember the requests of every trial.
 */
export class Backends {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #received = new Map<string, Echo[]>()

  /** What reached any backend of the requests that named this trial, in order: attempts and copies. */
  received(trial: string): readonly Echo[] {
    return this.#received.get(trial) ?? []
  }

  /** Starts one, for gRPC calls or for HTTP/1.1, and gives the port that it listens on. */
  async start(place: Place, { calls = false } = {}): Promise<number> {
    const server = calls ? this.#callServer(place) : this.#requestServer(place)
    this.#servers.push(server)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(0, place.address)
    await once(server, 'listening')
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('a listening server has no port')
    return bound.port
  }

  /** A port of the address on which nobody listens. */
  async closed(address: string): Promise<number> {
    const port = await this.start({ service: 'nobody', port: 0, address })
    const server = this.#servers.pop()
    server?.close()
    return port
  }

  stop(): void {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #requestServer(place: Place): Server {
    const server = createServer((request, response) => {
      // A body is read to its end, or the connection could not be used again.
      request.resume()
      const { method = '', url = '', headers } = request
      const heard = { ...place, method, url, headers: single(headers) }
      answer(heard, this.#remember(heard), behaviorOf(heard), response)
    })
    // The proxy keeps connections longer than Node does, and one that is closed under a request looks like a failure.
    server.keepAliveTimeout = 0
    return server
  }

  #callServer(place: Place): Server {
    const server = createCallServer()
    server.on('stream', (stream, { ':method': method, ':path': url, ':authority': host, ...headers }) => {
      stream.resume()
      const heard = { ...place, method: String(method), url: String(url), headers: single({ host, ...headers }) }
      answerCall(stream, heard, this.#remember(heard), behaviorOf(heard))
    })
    return server
  }

  /** The how-manieth request of its trial this is for its Service, from 1. */
  #remember(heard: Echo): number {
    const trial = heard.headers[trialHeader]
    if (trial === undefined) return 1
    const all = [...this.received(trial), heard]
    this.#received.set(trial, all)
    return all.filter(({ service }) => service === heard.service).length
  }
}

function answer(heard: Echo, attempt: number, behavior: Behavior, response: ServerResponse): void {
  const { status = 200, delay = 0, failures = Number.POSITIVE_INFINITY, close = false } = behavior
  const failing = attempt <= failures
  if (failing && close) {
    response.destroy()
    return
  }
  const give = () => {
    // What stands in for a fault is asked by no HTTP client for a call.
    const { grpcStatus } = readBehavior(heard.url, heard.headers)
    const failed = failing && grpcStatus !== undefined && { 'grpc-status': String(grpcStatus) }
    const headers = { ...answerHeaders, 'content-type': 'application/json', 'x-backend': heard.service, ...failed }
    response.writeHead(failing ? status : 200, headers).end(JSON.stringify(heard))
  }
  if (failing && delay > 0) setTimeout(give, delay).unref()
  else give()
}

/** Backends that stand in for a fault do as their name says unless told otherwise. */
function behaviorOf({ service, address, url, headers }: Echo): Behavior {
  const { at = address, ...told } = readBehavior(url, headers)
  return { ...faultBackendAnswer(service.split('/')[1] ?? ''), ...(at === address && told) }
}

function single(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
