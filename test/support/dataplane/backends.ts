import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'

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

/** Tiny servers, one for each port of each Service, on an address of this machine alone. The path `/status/503` asks them to fail. */
export class Backends {
  readonly #address: string
  readonly #servers: Server[] = []

  constructor(address: string) {
    this.#address = address
  }

  /** Starts one and gives the port that it listens on. */
  async start(service: string, port: number): Promise<number> {
    const server = createServer((request, response) => {
      // A body is read to its end, or the connection could not be used again.
      request.resume()
      const text = JSON.stringify(echo(service, port, request))
      response.writeHead(statusAsked(request), { 'content-type': 'application/json', 'x-backend': service }).end(text)
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

  stop(): void {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
  }
}

function statusAsked({ url = '' }: IncomingMessage): number {
  return Number(/^\/status\/([2-5]\d\d)$/.exec(url)?.[1] ?? 200)
}

function echo(service: string, port: number, { method = '', url = '', headers }: IncomingMessage): Echo {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return { service, port, method, url, headers: Object.fromEntries(single) }
}
