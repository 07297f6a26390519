import { Agent, request as httpRequest } from 'node:http'
import type { MeshRequest } from '../../../src/mesh/routing.ts'
import type { Echo } from './echo.ts'

export interface Answer {
  readonly status: number
  /** Of a gRPC call, also where the proxy answered. */
  readonly grpcStatus?: number
  readonly headers: Readonly<Record<string, unknown>>
  /** Undefined when the proxy itself answered. */
  readonly echo: Echo | undefined
  /** Milliseconds from sending to the end of the answer. */
  readonly elapsed: number
}

/** An application that calls Services through its sidecar. Connections are kept, at most sixteen of them. */
export class MeshClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })

  /** Sends one request to the sidecar's listener, its path and query as they are. Throws when there is no answer at all. */
  send({ service, port, method, path, headers, query }: MeshRequest): Promise<Answer> {
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`)
    const url = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
    const host = `${service.name}.${service.namespace}.svc.cluster.local:${port}`
    return new Promise((resolve, reject) => {
      const begin = performance.now()
      const call = httpRequest(
        {
          host: '127.0.0.1',
          port,
          method,
          path: url,
          agent: this.#agent,
          timeout: 15_000,
          headers: { host, ...headers },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('error', reject)
          response.on('end', () => {
            const status = response.statusCode ?? 0
            const fromBackend = response.headers['x-backend'] !== undefined && text !== ''
            const echo = fromBackend ? JSON.parse(text) : undefined
            resolve({ status, headers: response.headers, echo, elapsed: performance.now() - begin })
          })
        },
      )
      call.on('timeout', () => call.destroy(new Error(`${method} ${host}${url}: no answer after 15 s`)))
      call.on('error', reject)
      call.end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
