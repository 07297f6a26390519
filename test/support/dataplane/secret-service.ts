import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { Identity } from './identity.ts'
import { field, fieldsIn, framed, unframed } from './protobuf.ts'

const secretType = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret'

/** A server that hands a proxy its certificate. */
export interface SecretService {
  /** On loopback. */
  readonly port: number
  stop(): void
}

/**
 * Hands an identity to a proxy, as the agent beside it does: Envoy's secret discovery service (envoy.service.secret.v3) with the two names that
 * istiod uses, `default` for the own certificate and `ROOTCA` for those to trust. Each is told once; certificates outlive the tests.
 */
export async function startSecretService(identity: Identity): Promise<SecretService> {
  const server = createServer()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  server.on('stream', (stream) => serve(stream, identity))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a listening server has no port')
  return {
    port: bound.port,
    stop: () => {
      server.close()
      for (const session of sessions) session.destroy()
    },
  }
}

/** A DiscoveryRequest names the resources in its field 3; one with a nonce, field 5, is about an answer it has had. */
function serve(stream: ServerHttp2Stream, identity: Identity): void {
  let received: Buffer = Buffer.alloc(0)
  stream.on('error', () => stream.destroy())
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
  stream.on('data', (chunk: Buffer) => {
    const { messages, rest } = unframed(Buffer.concat([received, chunk]))
    received = rest
    for (const message of messages) {
      const fields = fieldsIn(message)
      if (fields.some(({ number }) => number === 5)) continue
      const names = fields.flatMap(({ number, value }) => (number === 3 ? [value.toString()] : []))
      stream.write(framed(response(names, identity)))
    }
  })
}

/** A DiscoveryResponse: 1 version, 2 resources, each an Any of 1 type and 2 value, 4 type, 5 nonce. */
function response(names: readonly string[], identity: Identity): Buffer {
  const resources = names.map((name) =>
    field(2, Buffer.concat([field(1, secretType), field(2, secret(name, identity))])),
  )
  return Buffer.concat([field(1, '1'), ...resources, field(4, secretType), field(5, '1')])
}

/** A Secret: 1 name, 2 a certificate of 1 chain and 2 key, 4 what to trust, of 1 authorities; each is a DataSource with 2 bytes in it. */
function secret(name: string, { chain, key, root }: Identity): Buffer {
  const inline = (number: number, text: string) => field(number, field(2, Buffer.from(text)))
  if (name === 'ROOTCA') return Buffer.concat([field(1, name), field(4, inline(1, root))])
  return Buffer.concat([field(1, name), field(2, Buffer.concat([inline(1, chain), inline(2, key)]))])
}
