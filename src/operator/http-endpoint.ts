import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'

export interface EndpointSources {
  readonly registry: Registry
  /** Why the operator cannot work now; empty when it can. */
  problems(): readonly string[]
}

export interface HttpEndpoint {
  close(): Promise<void>
}

/**
 * Serves `/metrics`, `/healthz` (the process runs) and `/readyz` (it knows the cluster and can work; else 503 and why).
 *
 * @throws DiagnosticError when the address is none or is taken
 */
export async function serveEndpoint(address: string, sources: EndpointSources): Promise<HttpEndpoint> {
  const { host, port } = parseAddress(address)
  const server = createServer((request, response) => {
    answer(request, response, sources).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, `${String(error)}\n`)
    })
  })
  await listen(server, host, port).catch((cause: NodeJS.ErrnoException) => {
    const problem = known[cause.code ?? ''] ?? cause.message
    throw new DiagnosticError([diagnostic('AP4014', { address, problem })], { cause })
  })
  return {
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const known: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens on this port',
  EACCES: 'this user may not listen on this port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host has no address',
}

/** `:9091`, `0.0.0.0:9091` or `[::1]:9091`; without a host, all interfaces. */
function parseAddress(address: string): { host: string | undefined; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address)
  const port = Number(match?.[3] ?? Number.NaN)
  if (match === null || !(port <= 65_535)) {
    throw new DiagnosticError([diagnostic('AP4014', { address, problem: 'it is not of the form host:port' })])
  }
  return { host: match[1] ?? (match[2] || undefined), port }
}

function listen(server: Server, host: string | undefined, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays: an error without a listener, such as of a connection that cannot be accepted for want of files, would end the process.
    server.on('error', reject)
    server.listen({ port, ...(host !== undefined && { host }) }, () => resolve())
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, sources: EndpointSources): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n')
  switch (request.url?.split('?')[0]) {
    case '/metrics':
      return send(response, 200, await sources.registry.metrics(), sources.registry.contentType)
    case '/healthz':
      return send(response, 200, 'ok\n')
    case '/readyz': {
      const problems = sources.problems()
      return problems.length === 0 ? send(response, 200, 'ok\n') : send(response, 503, `${problems.join('\n')}\n`)
    }
    default:
      return send(response, 404, 'there are /metrics, /healthz and /readyz\n')
  }
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
