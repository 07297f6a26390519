import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { faultBackendAnswer } from '../../../src/mesh/fault-backend.ts'
import { type Behavior, readBehavior, trialHeader } from './behavior.ts'

/** What a backend answers: who it is and what reached it. */
export interface Echo {
  /** `namespace/name` of the Service and the number of its port. */
  readonly service: string
  readonly port: number
  readonly method: string
  /** With the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Headers of every answer, for rules that change them. */
export const answerHeaders = { 'x-set': 'backend', 'x-add': 'backend', 'x-gone': 'backend', 'x-kept': 'backend' }

/**
 * Tiny servers, one for each port of each Service, on an address of this machine alone. They do as a request's `x-behave` says, those of
 * `fault-503` and the like as their name does, and remember the requests of every trial.
 */
export class Backends {
  readonly #address: string
  readonly #servers: Server[] = []
  readonly #received = new Map<string, Echo[]>()

  constructor(address: string) {
    this.#address = address
  }

  /** What reached any backend of the requests that named this trial, in order: attempts and copies. */
  received(trial: string): readonly Echo[] {
    return this.#received.get(trial) ?? []
  }

  /** Starts one and gives the port that it listens on. */
  async start(service: string, port: number): Promise<number> {
    const server = createServer((request, response) => {
      // A body is read to its end, or the connection could not be used again.
      request.resume()
      const heard = echo(service, port, request)
      const attempt = this.#remember(heard)
      answer(heard, attempt, readBehavior(request), response)
    })
    // The proxy keeps connections longer than Node does, and one that is closed under a request looks like a failure.
    server.keepAliveTimeout = 0
    this.#servers.push(server)
    server.listen(0, this.#address)
    await once(server, 'listening')
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new Error('a listening server has no port')
    return bound.port
  }

  /** A port of the address on which nobody listens. */
  async closed(): Promise<number> {
    const port = await this.start('nobody', 0)
    const server = this.#servers.pop()
    server?.close()
    return port
  }

  stop(): void {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
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
  const { status = ownStatus(heard.service), delay = 0, failures = Number.POSITIVE_INFINITY, close = false } = behavior
  const failing = attempt <= failures
  if (failing && close) {
    response.destroy()
    return
  }
  const give = () => {
    const headers = { ...answerHeaders, 'content-type': 'application/json', 'x-backend': heard.service }
    response.writeHead(failing ? status : 200, headers).end(JSON.stringify(heard))
  }
  if (failing && delay > 0) setTimeout(give, delay).unref()
  else give()
}

function ownStatus(service: string): number {
  const answer = faultBackendAnswer(service.split('/')[1] ?? '')
  return answer !== undefined && 'status' in answer ? answer.status : 200
}

function echo(service: string, port: number, { method = '', url = '', headers }: IncomingMessage): Echo {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return { service, port, method, url, headers: Object.fromEntries(single) }
}
