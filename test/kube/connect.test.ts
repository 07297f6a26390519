import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/kube/clock.ts'
import { connect } from '../../src/kube/connect.ts'
import { makeCertificate } from './support/certificates.ts'
import { liveServer } from './support/live-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'connect-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o700 })
  return path
}

function kubeconfig(server: string, user: object, cluster: object = {}): string {
  const config = {
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, ...cluster } }],
    users: [{ name: 'tester', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester' } }],
  }
  return file('config', JSON.stringify(config))
}

/** The machine's timers with minutes that a test adds. */
class LeapingClock implements Clock {
  leap = 0
  now = () => Date.now() + this.leap
  elapsed = () => performance.now() + this.leap
  after(ms: number, action: () => void) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  }
  sleep(ms: number, signal?: AbortSignal) {
    return new Promise<void>((resolve) => {
      const cancel = this.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }
}

/** A server that tells who is asking, and accepts only what `accepted` says. */
async function whoami(accepted: (authorization: string | undefined) => boolean = () => true) {
  const seen: (string | undefined)[] = []
  const server = await liveServer((request, response) => {
    seen.push(request.headers.authorization)
    if (!accepted(request.headers.authorization)) {
      response.writeHead(401).end(JSON.stringify({ kind: 'Status', code: 401, message: 'Unauthorized' }))
    } else response.end(JSON.stringify({ gitVersion: 'v1.34.1', headers: request.headers }))
  })
  return { server, seen, address: `http://127.0.0.1:${server.port}` }
}

const plugin = (script: string) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: file('plugin', `#!/bin/sh\n${script}\n`),
    interactiveMode: 'Never',
    installHint: 'get it from\n  the platform team',
  },
})

const failure = (config: string) =>
  connect({ kubeconfig: config }).then(
    () => 'connected',
    (error: unknown) => String(error),
  )

describe('credentials', () => {
  test.each([
    ['a token', { token: 'secret\n' }, 'Bearer secret'],
    ['basic', { username: 'me', password: 'pass' }, `Basic ${Buffer.from('me:pass').toString('base64')}`],
    ['none', {}, undefined],
  ])('%s', async (_, user, expected) => {
    const { server, seen, address } = await whoami()
    await using _server = server
    const { client, serverVersion } = await connect({ kubeconfig: kubeconfig(address, user) })
    await client.close()
    expect(seen).toEqual([expected])
    expect(serverVersion).toBe('v1.34.1')
  })

  test('a token file is read again after a minute, and at once when its token is refused', async () => {
    let valid = 'Bearer first'
    const { server, seen, address } = await whoami((authorization) => authorization === valid)
    await using _server = server
    const token = file('token', 'first\n')
    const clock = new LeapingClock()
    const { client } = await connect({ kubeconfig: kubeconfig(address, { tokenFile: token }), clock })
    writeFileSync(token, 'second\n')
    await client.raw('GET', '/version')
    clock.leap = 61_000
    valid = 'Bearer second'
    await client.raw('GET', '/version')
    writeFileSync(token, 'third\n')
    valid = 'Bearer third'
    await client.raw('GET', '/version')
    await client.close()
    expect(seen).toEqual(['first', 'first', 'second', 'second', 'third'].map((text) => `Bearer ${text}`))
  })

  test('a plugin runs once for many calls, is told who asks, and again when its token is refused', async () => {
    let valid = 'Bearer token-1'
    const { server, seen, address } = await whoami((authorization) => authorization === valid)
    await using _server = server
    const counter = join(folder, 'runs')
    const user = plugin(`
      echo "$KUBERNETES_EXEC_INFO" > ${folder}/info
      echo run >> ${counter}
      echo '{"status":{"token":"token-'$(wc -l < ${counter})'"}}'`)
    const { client } = await connect({ kubeconfig: kubeconfig(address, user) })
    await Promise.all([1, 2, 3].map(() => client.raw('GET', '/version')))
    valid = 'Bearer token-2'
    await client.raw('GET', '/version')
    await client.close()
    expect(seen.map((text) => text?.slice(-1))).toEqual(['1', '1', '1', '1', '1', '2'])
    const { readFileSync } = await import('node:fs')
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: { interactive: false },
    })
  })

  test('a client certificate goes along, from data as from files', async () => {
    const ca = makeCertificate({ commonName: 'authority' })
    const api = makeCertificate({ commonName: 'api', names: ['127.0.0.1'], issuer: ca })
    const me = makeCertificate({ commonName: 'me', organisation: 'team', issuer: ca })
    await using server = await liveServer((_, response) => response.end('{}'), {
      ...api,
      ca: ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const base64 = (pem: string) => Buffer.from(pem).toString('base64')
    const cluster = { 'certificate-authority-data': base64(ca.cert) }
    for (const user of [
      { 'client-certificate-data': base64(me.cert), 'client-key-data': base64(me.key) },
      { 'client-certificate': file('me.crt', me.cert), 'client-key': file('me.key', me.key) },
    ]) {
      const { client } = await connect({ kubeconfig: kubeconfig(`https://127.0.0.1:${server.port}`, user, cluster) })
      await client.close()
    }
    expect(server.connections()).toBe(2)
  })

  test('impersonation goes along', async () => {
    const { server, address } = await whoami()
    await using _server = server
    const user = { token: 't', as: 'boss', 'as-groups': ['admins', 'ops'] }
    const { client } = await connect({ kubeconfig: kubeconfig(address, user) })
    expect(await client.raw('GET', '/version')).toMatchObject({
      headers: { 'impersonate-user': 'boss', 'impersonate-group': 'admins, ops' },
    })
    await client.close()
  })
})

describe('what is wrong is said in words', () => {
  test('nobody listens there', async () => {
    const { server, address } = await whoami()
    await server[Symbol.asyncDispose]()
    expect(await failure(kubeconfig(address, {}))).toMatch(
      /AP3001 the API server at http:\S+ cannot be reached: connection refused/,
    )
  })

  test('the host has no address', async () => {
    expect(await failure(kubeconfig('https://cluster.invalid:6443', {}))).toMatch(
      /AP3002 the host of https:\/\/cluster.invalid:6443/,
    )
  })

  test('the server is not trusted', async () => {
    await using server = await liveServer(() => {}, makeCertificate({ commonName: 'self', names: ['127.0.0.1'] }))
    expect(await failure(kubeconfig(`https://127.0.0.1:${server.port}`, {}))).toMatch(
      /AP3003 .*its certificate is self-signed/,
    )
  })

  test('the credentials are not accepted', async () => {
    const { server, address } = await whoami(() => false)
    await using _server = server
    expect(await failure(kubeconfig(address, { token: 'old' }))).toMatch(
      /AP3010 .* credentials of tester: Unauthorized/,
    )
  })

  test('the plugin fails, is missing, or says nothing useful', async () => {
    const run = (script: string) => failure(kubeconfig('http://127.0.0.1:1', plugin(script)))
    expect(await run('echo "please log in" >&2; exit 1')).toMatch(
      /AP3013 no credentials for tester: please log in \(get it from the platform team\)/,
    )
    expect(await run('echo nonsense')).toMatch(/AP3013/)
    const missing = { exec: { command: './not-there', apiVersion: 'client.authentication.k8s.io/v1' } }
    expect(await failure(kubeconfig('http://127.0.0.1:1', missing))).toMatch(/AP3013 .*not-there.* ENOENT/)
  })

  test('a file is missing', async () => {
    const config = kubeconfig('http://127.0.0.1:1', { tokenFile: 'no-token' })
    expect(await failure(config)).toMatch(/AP3014 the token file .*no-token cannot be read: ENOENT/)
    const authority = kubeconfig('https://127.0.0.1:1', {}, { 'certificate-authority': 'no-ca' })
    expect(await failure(authority)).toMatch(/AP3014 the certificate authority .*no-ca cannot be read/)
  })

  test('it is another kind of server', async () => {
    await using server = await liveServer((_, response) => response.end('<html>Welcome</html>'))
    expect(await failure(kubeconfig(`http://127.0.0.1:${server.port}`, {}))).toMatch(/AP3015 .*not JSON: <html>Welcome/)
  })
})
