import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiRequest, ApiResponse } from './api.ts'
import { errorResponse } from './response.ts'
import { ApiError, unauthorized } from './status.ts'

/** The control plane on a socket. */
export interface Listener {
  readonly url: string
  /** Ends open watches and frees the port. */
  close(): Promise<void>
}

const largestBody = 3 * 1024 * 1024

/** Serves on loopback over plain HTTP, to bearers of the token only. Port 0 takes any free one. */
export async function listen(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  token: string,
  port: number,
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(handle, token, incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    // Later ones are about single connections.
    server.on('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${isInet(address) ? address.port : port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isInet(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

async function serve(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  token: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const body = await readBody(incoming)
  const response =
    body === undefined
      ? errorResponse(new ApiError(413, 'RequestEntityTooLarge', `limit is ${largestBody}`))
      : isAuthentic(incoming.headers.authorization, token)
        ? await handle({
            method: incoming.method ?? 'GET',
            path: incoming.url ?? '/',
            headers: headersOf(incoming),
            body,
            signal: gone.signal,
          })
        : errorResponse(unauthorized())
  await send(response, incoming, outgoing)
}

/** Whether a request bears the token, as bearer or, as kubectl does over plain HTTP, as the password of `admin`. */
function isAuthentic(authorization: string | undefined, token: string): boolean {
  if (authorization === `Bearer ${token}`) return true
  return authorization === `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.length
    if (size <= largestBody) chunks.push(chunk)
  }
  return size > largestBody ? undefined : Buffer.concat(chunks)
}

async function send(
  { status, headers, body }: ApiResponse,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    outgoing.end(incoming.method === 'HEAD' ? undefined : body)
    return
  }
  outgoing.writeHead(status, headers)
  outgoing.flushHeaders()
  for await (const chunk of body) {
    if (outgoing.destroyed) break
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  outgoing.end()
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
}
