import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** One request, as a registry sees it. */
export interface Seen {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** Looks at a request before the registry does: a reply in its place, `hang up` for none at all, undefined to let it through. */
export type Mood = (seen: Seen, earlier: readonly Seen[]) => Reply | 'hang up' | undefined

/** A server on this machine that remembers what it was asked. */
export interface SmallServer {
  /** `127.0.0.1` and the port. */
  readonly address: string
  readonly seen: readonly Seen[]
  stop(): Promise<void>
}

/** A registry without a file or a login, as far as the distribution specification has it, for moods that no real one can be put into. */
export interface MemoryRegistry extends SmallServer {
  /** What is stored, by `blobs/<digest>` and `manifests/<reference>`. */
  readonly content: Map<string, Buffer>
}

/** With `leastChunk` it wants chunks of so many bytes at least. */
export async function startMemoryRegistry(mood: Mood = () => undefined, leastChunk?: string): Promise<MemoryRegistry> {
  const content = new Map<string, Buffer>()
  const uploads = new Map<string, Buffer>()
  const server = await startServer((seen, earlier) => mood(seen, earlier) ?? reply(seen, content, uploads, leastChunk))
  return { ...server, content }
}

/** Starts a server that answers by a function. */
export async function startServer(answer: Mood): Promise<SmallServer> {
  const seen: Seen[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: await buffer(request) }
    const given = answer(one, [...seen]) ?? { status: 404 }
    seen.push(one)
    if (given === 'hang up') return response.destroy()
    response.writeHead(given.status, given.headers).end(given.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reply(
  { method, path, body }: Seen,
  content: Map<string, Buffer>,
  uploads: Map<string, Buffer>,
  leastChunk?: string,
): Reply {
  const url = new URL(path, 'http://registry')
  if (url.pathname === '/v2/') return { status: 200 }
  const [, repository = '', kind = '', name = ''] =
    /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? []
  if (kind === 'blobs/uploads') {
    const id = name || String(uploads.size + 1)
    const whole = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), body])
    uploads.set(id, whole)
    const location = `/v2/${repository}/blobs/uploads/${id}?state=kept`
    const least = leastChunk === undefined ? undefined : { 'oci-chunk-min-length': leastChunk }
    if (method !== 'PUT') return { status: 202, headers: { location, ...least } }
    const digest = digestOf(whole)
    if (url.searchParams.get('digest') !== digest)
      return error(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content.')
    content.set(`blobs/${digest}`, whole)
    return { status: 201, headers: { location, 'docker-content-digest': digest } }
  }
  const key = `${kind}/${name}`
  if (method === 'PUT' && kind === 'manifests') {
    for (const one of [key, `manifests/${digestOf(body)}`]) content.set(one, body)
    return { status: 201, headers: { 'docker-content-digest': digestOf(body) } }
  }
  const found = content.get(key)
  if (found === undefined) return { status: 404 }
  const headers = { 'content-length': String(found.length), 'docker-content-digest': digestOf(found) }
  return { status: 200, headers, ...(method === 'GET' && { body: found }) }
}

/** As registries write what is wrong ("Error Codes"). */
export function error(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, body: JSON.stringify({ errors: [{ code, message }] }) }
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
