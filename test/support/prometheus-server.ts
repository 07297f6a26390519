import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** One request as a server got it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: string | null
  readonly authorization: string | undefined
}

export interface FakePrometheus extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
}

/** A server on loopback that records what it is asked and answers as `answer` does. */
export async function prometheusServer(
  answer: (response: ServerResponse, asked: Asked) => void,
  tls?: { readonly key: string; readonly cert: string },
): Promise<FakePrometheus> {
  const asked: Asked[] = []
  const listener: RequestListener = async (request, response) => {
    const body = await read(request)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const one = {
      method: request.method ?? '',
      path: url.pathname,
      query: new URLSearchParams(request.method === 'POST' ? body : url.search).get('query'),
      authorization: request.headers.authorization,
    }
    asked.push(one)
    answer(response, one)
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The body of an answer with these samples' values. */
export function vector(...values: string[]): string {
  const result = values.map((value) => ({ metric: {}, value: [1_700_000_000.123, value] }))
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })
}

export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body)
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
