import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kube/clock.ts'
import { anonymous, type Credentials } from '../../src/kube/credentials.ts'
import { ConnectionError } from '../../src/kube/errors.ts'
import { PoolTransport, type PoolTransportOptions } from '../../src/kube/pool-transport.ts'
import { readText } from '../../src/kube/response-body.ts'
import type { RequestFacts, TransportRequest } from '../../src/kube/transport.ts'
import { makeCertificate } from './support/certificates.ts'
import { liveServer } from './support/live-server.ts'

const get: TransportRequest = {
  method: 'GET',
  path: '/version',
  headers: { accept: 'application/json' },
  call: { verb: 'get', resource: 'pods' },
}

/** Runs `use` with a transport that is closed afterwards. */
async function withTransport<T>(
  options: Partial<PoolTransportOptions> & { server: string },
  use: (transport: PoolTransport) => Promise<T>,
): Promise<T> {
  const transport = new PoolTransport({ credentials: anonymous, clock: systemClock, ...options })
  try {
    return await use(transport)
  } finally {
    await transport.close()
  }
}

const text = async (transport: PoolTransport, request = get) => readText((await transport.send(request)).body)
const problemOf = (error: unknown) => (error instanceof ConnectionError ? error.problem : error)

describe('connections', () => {
  test('are kept and shared: a hundred calls need no more than sixteen', async () => {
    await using server = await liveServer((_, response) => response.end('{}'))
    await withTransport({ server: `http://127.0.0.1:${server.port}` }, async (transport) => {
      await Promise.all(Array.from({ length: 100 }, () => text(transport)))
      expect(server.connections()).toBeLessThanOrEqual(16)
      const before = server.connections()
      await text(transport)
      expect(server.connections()).toBe(before)
    })
  })

  test('of watches do not take those of calls', async () => {
    await using server = await liveServer((request, response) => {
      response.writeHead(200)
      if (request.url === '/watch') response.write('\n')
      else response.end('{}')
    })
    await withTransport({ server: `http://127.0.0.1:${server.port}` }, async (transport) => {
      const stop = new AbortController()
      const watch = { ...get, path: '/watch', signal: stop.signal, call: { verb: 'watch', resource: 'pods' } } as const
      const watches = await Promise.all(Array.from({ length: 40 }, () => transport.send(watch)))
      expect(await text(transport)).toBe('{}')
      expect(transport.inFlight()).toBe(0)
      stop.abort()
      await Promise.all(watches.map(({ body }) => expect(readText(body)).rejects.toBe(stop.signal.reason)))
    })
  })

  test('keep the path of a server below a path', async () => {
    await using server = await liveServer((request, response) => response.end(request.url))
    await withTransport({ server: `http://127.0.0.1:${server.port}/k8s/clusters/one/` }, async (transport) => {
      expect(await text(transport)).toBe('/k8s/clusters/one/version')
    })
  })

  test('go through a proxy when there is one', async () => {
    const ca = makeCertificate({ commonName: 'ca' })
    const { cert, key } = makeCertificate({ commonName: 'api', names: ['127.0.0.1'], issuer: ca })
    await using server = await liveServer((_, response) => response.end('through'), { cert, key })
    const asked: string[] = []
    const proxy = createTcpServer((socket) => {
      socket.once('data', (head) => {
        asked.push(head.toString().split('\r\n')[0] ?? '')
        const target = connectTcp(server.port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          socket.pipe(target).pipe(socket)
        })
        target.on('error', () => socket.destroy())
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const options = {
      server: `https://127.0.0.1:${server.port}`,
      proxyUrl: `http://127.0.0.1:${port}`,
      trust: { ca: ca.cert },
    }
    await withTransport(options, async (transport) => expect(await text(transport)).toBe('through'))
    expect(asked).toEqual([`CONNECT 127.0.0.1:${server.port} HTTP/1.1`])
    proxy.close()
  })
})

describe('what goes wrong is named', () => {
  test('refused', async () => {
    const server = await liveServer(() => {})
    const { port } = server
    await server[Symbol.asyncDispose]()
    await withTransport({ server: `http://127.0.0.1:${port}` }, async (transport) => {
      expect(await text(transport).catch(problemOf)).toBe('refused')
    })
  })

  test('a host without an address', async () => {
    await withTransport({ server: 'https://no-such-host.invalid' }, async (transport) => {
      expect(await text(transport).catch(problemOf)).toBe('dns')
    })
  })

  test('a server that takes too long', async () => {
    await using server = await liveServer(() => {})
    await withTransport({ server: `http://127.0.0.1:${server.port}`, answerTimeoutMs: 50 }, async (transport) => {
      expect(await text(transport).catch(problemOf)).toBe('timeout')
    })
  })

  test('a connection that breaks before or within the answer', async () => {
    await using server = await liveServer((request, response) => {
      if (request.url === '/version') return request.socket.destroy()
      response.writeHead(200, { 'content-length': '100' })
      return response.write('{"half":', () => request.socket.destroy())
    })
    await withTransport({ server: `http://127.0.0.1:${server.port}` }, async (transport) => {
      expect(await text(transport).catch(problemOf)).toBe('reset')
      expect(await text(transport, { ...get, path: '/half' }).catch(problemOf)).toBe('reset')
      expect(transport.inFlight()).toBe(0)
    })
  })

  test('a server without TLS', async () => {
    await using server = await liveServer(() => {})
    await withTransport({ server: `https://127.0.0.1:${server.port}` }, async (transport) => {
      expect(await text(transport).catch(problemOf)).toBe('protocol')
    })
  })

  test('an abort is no error of the connection', async () => {
    await using server = await liveServer(() => {})
    await withTransport({ server: `http://127.0.0.1:${server.port}` }, async (transport) => {
      const stop = new AbortController()
      const answer = text(transport, { ...get, signal: stop.signal })
      stop.abort()
      await expect(answer).rejects.toBe(stop.signal.reason)
    })
  })
})

describe('TLS', () => {
  const ca = makeCertificate({ commonName: 'test authority' })
  const api = makeCertificate({ commonName: 'api', names: ['kubernetes.default.svc'], issuer: ca })

  test('trusts the authority of the kubeconfig under the name that it gives, and nothing else', async () => {
    await using server = await liveServer((_, response) => response.end('{}'), api)
    const address = `https://127.0.0.1:${server.port}`
    const other = makeCertificate({ commonName: 'other authority' })
    const serverName = 'kubernetes.default.svc'
    const attempt = (trust: PoolTransportOptions['trust']) =>
      withTransport({ server: address, ...(trust && { trust }) }, (transport) => text(transport).catch(problemOf))
    expect(await attempt({ ca: ca.cert, serverName })).toBe('{}')
    expect(await attempt({ insecure: true })).toBe('{}')
    expect(await attempt(undefined)).toBe('tls')
    expect(await attempt({ ca: ca.cert })).toBe('tls')
    expect(await attempt({ ca: other.cert, serverName })).toBe('tls')
  })

  test('shows the client certificate, and a renewed one on new connections', async () => {
    const seen: string[] = []
    await using server = await liveServer(
      (request, response) => {
        if ('getPeerCertificate' in request.socket && typeof request.socket.getPeerCertificate === 'function') {
          seen.push(request.socket.getPeerCertificate().subject.CN)
        }
        response.end('{}')
      },
      { ...api, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    )
    let certificate = makeCertificate({ commonName: 'first', issuer: ca })
    const credentials: Credentials = {
      user: 'test',
      present: async () => ({ headers: {}, certificate }),
      renew: () => false,
    }
    const options = {
      server: `https://127.0.0.1:${server.port}`,
      trust: { ca: ca.cert, serverName: 'kubernetes.default.svc' },
    }
    await withTransport({ ...options, credentials }, async (transport) => {
      await text(transport)
      certificate = makeCertificate({ commonName: 'second', issuer: ca })
      await text(transport)
    })
    expect(seen).toEqual(['first', 'second'])
  })
})

describe('credentials that are refused', () => {
  test('are renewed once, and the call is made again', async () => {
    await using server = await liveServer((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end('{}')
    })
    let token = 'old'
    let renewals = 0
    const credentials: Credentials = {
      user: 'test',
      present: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      renew: () => {
        renewals++
        token = 'new'
        return true
      },
    }
    await withTransport({ server: `http://127.0.0.1:${server.port}`, credentials }, async (transport) => {
      expect((await transport.send(get)).status).toBe(200)
      token = 'old'
      credentials.renew = () => true
      expect((await transport.send(get)).status).toBe(401)
      expect(renewals).toBe(1)
    })
  })
})

test('every exchange is reported with what it was about', async () => {
  await using server = await liveServer((_, response) => response.writeHead(404).end('{}'))
  const facts: RequestFacts[] = []
  const options = { server: `http://127.0.0.1:${server.port}`, onRequest: (fact: RequestFacts) => facts.push(fact) }
  await withTransport(options, (transport) => text(transport))
  await server[Symbol.asyncDispose]()
  await withTransport(options, (transport) => text(transport).catch(() => {}))
  const host = `127.0.0.1:${server.port}`
  expect(facts).toMatchObject([
    { verb: 'get', resource: 'pods', method: 'GET', host, status: 404 },
    { verb: 'get', resource: 'pods', method: 'GET', host, status: 0 },
  ])
})
