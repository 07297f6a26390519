import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { grpcCodeOfHttp } from '../../../src/mesh/grpc-status.ts'
import type { MeshRequest } from '../../../src/mesh/routing.ts'
import type { Behavior } from './behavior.ts'
import type { Answer } from './client.ts'
import { answerHeaders, type Echo } from './echo.ts'

/** What was heard, in an answer that fails: it has no message. */
const echoHeader = 'x-echo'

/** Calls methods through the sidecar by gRPC over cleartext HTTP/2, one connection for each port. */
export class CallClient {
  readonly #sessions = new Map<number, ClientHttp2Session>()

  /** Makes one call with an empty message. Throws when there is no answer at all. */
  call({ service, port, path, headers }: MeshRequest): Promise<Answer> {
    const { host, ...others } = headers
    const authority = host ?? `${service.name}.${service.namespace}.svc.cluster.local:${port}`
    return new Promise((resolve, reject) => {
      const begin = performance.now()
      const stream = this.#session(port).request({
        ...others,
        ':method': 'POST',
        ':path': path,
        ':authority': authority,
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      const chunks: Buffer[] = []
      let head: IncomingHttpHeaders = {}
      let trailers: IncomingHttpHeaders = {}
      stream.on('response', (received) => {
        head = received
      })
      stream.on('trailers', (received) => {
        trailers = received
      })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('end', () => {
        const code = trailers['grpc-status'] ?? head['grpc-status']
        const body = Buffer.concat(chunks)
        // A backend that knows nothing of calls sends no frames.
        const framed = head['content-type'] === 'application/grpc' ? body.subarray(frameHead) : body
        const message = head['x-backend'] === undefined ? '' : (head[echoHeader] ?? framed.toString())
        const status = Number(head[':status'])
        resolve({
          status,
          grpcStatus: code === undefined ? grpcCodeOfHttp(status) : Number(code),
          headers: head,
          echo: message === '' ? undefined : JSON.parse(String(message)),
          elapsed: performance.now() - begin,
        })
      })
      stream.setTimeout(15_000, () => stream.destroy(new Error(`${authority}${path}: no answer after 15 s`)))
      stream.end(frame(''))
    })
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy()
  }

  #session(port: number): ClientHttp2Session {
    const known = this.#sessions.get(port)
    if (known !== undefined && !known.closed && !known.destroyed) return known
    const session = connect(`http://127.0.0.1:${port}`)
    // Those of its streams are told to their callers.
    session.on('error', () => session.destroy())
    this.#sessions.set(port, session)
    return session
  }
}

/** Answers a call with what was heard as its message, or as it is told to. `attempt` counts from 1. */
export function answerCall(stream: ServerHttp2Stream, heard: Echo, attempt: number, behavior: Behavior): void {
  const { grpcStatus = 0, status = 200, delay = 0, failures = Number.POSITIVE_INFINITY } = behavior
  const failing = attempt <= failures
  const head = { ...answerHeaders, ':status': 200, 'content-type': 'application/grpc', 'x-backend': heard.service }
  // A client that has given up leaves a stream that cannot be answered.
  stream.on('error', () => stream.destroy())
  const give = () => {
    if (stream.destroyed) return
    const told = JSON.stringify(heard)
    const failed = { ...head, ':status': status, ...(grpcStatus !== 0 && { 'grpc-status': String(grpcStatus) }) }
    if (failing && (status !== 200 || grpcStatus !== 0)) {
      stream.respond({ ...failed, [echoHeader]: told }, { endStream: true })
      return
    }
    stream.respond(head, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(frame(told))
  }
  if (failing && delay > 0) setTimeout(give, delay).unref()
  else give()
}

/** Before each message: whether it is compressed, and its length. */
const frameHead = 5

function frame(message: string): Buffer {
  const body = Buffer.from(message)
  const head = Buffer.alloc(frameHead)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}
