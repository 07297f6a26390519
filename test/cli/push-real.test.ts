import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blobsOf, topOf } from '../../src/cli/build/image.ts'
import { parseImageName } from '../../src/cli/build/image-name.ts'
import { pushImage } from '../../src/cli/push/push-image.ts'
import { command, findProgram } from '../support/cluster/command.ts'
import { clusterEnvironment } from '../support/cluster/environment.ts'
import { findRegistry } from '../support/cluster/registry.ts'
import { startServer } from '../support/image-registry/memory-registry.ts'
import { pull, startRealRegistry } from '../support/image-registry/real-registry.ts'
import { smallImages } from '../support/image-registry/small-image.ts'

const program = (await findRegistry()) ?? ''
const isCi = clusterEnvironment().ci
const isMissing = program === '' && !isCi
if (isMissing) {
  process.stderr.write(
    'pushing to a real registry: skipped, `npx node test/support/cluster/registry.ts` builds one (Go)\n',
  )
}

const repository = 'team/small'
const both = smallImages('linux/amd64,linux/arm64')
const password = 'open sesame'
/** Of that password, by bcrypt. */
const hash = '$2a$04$NN2ErqRvRQgkA5OCpOU2F.r/76YydzOimfAz08x5GAJlzp3e8sc1C'
const auth = Buffer.from(`ci:${password}`).toString('base64')

describe.skipIf(isMissing)('a real registry', async () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-registry-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function push(address: string, images = both, config: object = {}, { insecure = false, env = {} } = {}) {
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    const io = {
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      cwd: folder,
      env: { DOCKER_CONFIG: folder, ...env },
      signal: new AbortController().signal,
    }
    return pushImage(parseImageName(`${address}/${repository}:1`), images, { insecure }, io)
  }

  test('gives back all that was pushed, byte for byte, and gets nothing the second time', async () => {
    const registry = await startRealRegistry(program, join(folder, 'open'))
    try {
      expect(await push(registry.address)).toMatchObject({
        reference: `${registry.address}/${repository}@${topOf(both).digest}`,
      })
      const image = await pull(registry, repository, '1')
      const bills = await Promise.all(
        both.map(({ manifest }) => pull(registry, repository, manifest.digest.replace(':', '-'))),
      )
      const there = new Map([image, ...bills].flatMap((one) => [...one]))
      for (const { digest, content } of blobsOf(both)) expect(there.get(digest)?.equals(content)).toBe(true)

      const before = (await registry.requests()).length
      expect(await push(registry.address)).toMatchObject({ uploaded: 0 })
      const after = (await registry.requests()).slice(before)
      expect(after.filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([])
      expect(after.length).toBeGreaterThan(10)

      const changed = smallImages('linux/amd64', 30)
      await push(registry.address, changed)
      expect((await pull(registry, repository, '1')).has(topOf(changed).digest)).toBe(true)
    } finally {
      await registry.stop()
    }
  })

  test('with a password lets in whoever has it', async () => {
    const htpasswd = join(folder, 'htpasswd')
    await writeFile(htpasswd, `ci:${hash}\n`)
    const registry = await startRealRegistry(program, join(folder, 'basic'), {
      auth: { htpasswd: { realm: 'images', path: htpasswd } },
    })
    try {
      await expect(push(registry.address)).rejects.toThrow(/AP6024 .* it wants credentials/)
      const wrong = { auths: { [registry.address]: { auth: Buffer.from('ci:wrong').toString('base64') } } }
      await expect(push(registry.address, both, wrong)).rejects.toThrow(
        /AP6024 .* ci of .* may not push to team\/small/,
      )
      await push(registry.address, both, { auths: { [registry.address]: { auth } } })
      expect((await pull(registry, repository, '1', `Basic ${auth}`)).has(topOf(both).digest)).toBe(true)
    } finally {
      await registry.stop()
    }
  })

  test('with a token service takes its tokens, for what they are about', async () => {
    const signed = tokenSigner()
    const jwks = join(folder, 'jwks.json')
    await writeFile(jwks, JSON.stringify({ keys: [signed.publicKey] }))
    let actions = ['pull']
    const tokens = await startServer(({ path, headers }) => {
      const { searchParams } = new URL(path, 'http://tokens')
      if (headers.authorization !== `Basic ${auth}`) return { status: 401 }
      const [type = '', name = ''] = searchParams.get('scope')?.split(':') ?? []
      return { status: 200, body: JSON.stringify({ token: signed.token('images', [{ type, name, actions }]) }) }
    })
    const registry = await startRealRegistry(program, join(folder, 'token'), {
      auth: { token: { realm: `http://${tokens.address}/token`, service: 'images', issuer: 'tests', jwks } },
    })
    try {
      const config = { auths: { [registry.address]: { auth } } }
      await expect(push(registry.address, both, config)).rejects.toThrow(
        /AP6024 .* ci of .* may not push to team\/small: UNAUTHORIZED/,
      )
      actions = ['pull', 'push']
      await push(registry.address, both, config)
      const bearer = `Bearer ${signed.token('images', [{ type: 'repository', name: repository, actions }])}`
      expect((await pull(registry, repository, '1', bearer)).has(topOf(both).digest)).toBe(true)
    } finally {
      await Promise.all([registry.stop(), tokens.stop()])
    }
  })

  const hasOpenssl = (await findProgram('openssl')) !== undefined
  test.skipIf(!hasOpenssl && !isCi)('may have a certificate of its own on this machine', async () => {
    const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')]
    const names = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1']
    await command('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-noenc',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
      ...names,
    ])
    const registry = await startRealRegistry(program, join(folder, 'tls'), { tls: { certificate, key } })
    try {
      await push(registry.address)
      expect((await pull(registry, repository, '1')).has(topOf(both).digest)).toBe(true)
      const elsewhere = nameElsewhere(registry.address)
      await expect(push(elsewhere)).rejects.toThrow(
        `AP6025 the registry ${elsewhere} cannot be reached: its certificate is self-signed`,
      )
      expect(await push(elsewhere, both, {}, { insecure: true })).toMatchObject({ uploaded: 0 })
    } finally {
      await registry.stop()
    }
  })

  test('elsewhere without TLS is used when it is called insecure, and by the proxy of the environment', async () => {
    const registry = await startRealRegistry(program, join(folder, 'plain'))
    const proxied: string[] = []
    // Requests without TLS are sent to a proxy whole; those with TLS ask it for a tunnel, which this one refuses.
    const proxy = createServer((from, to) => {
      proxied.push(new URL(from.url ?? '').host)
      const forwarded = request(
        from.url ?? '',
        { method: from.method, headers: from.headers, agent: false },
        (answer) => {
          to.writeHead(answer.statusCode ?? 0, answer.headers)
          answer.pipe(to)
        },
      )
      from.pipe(forwarded)
    }).on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    try {
      const elsewhere = nameElsewhere(registry.address)
      await expect(push(elsewhere)).rejects.toThrow('cannot be reached: it does not speak TLS')
      const bound = proxy.address()
      const url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`
      const env = { HTTP_PROXY: url, HTTPS_PROXY: url }
      await push(elsewhere, both, {}, { insecure: true, env })
      expect(new Set(proxied)).toEqual(new Set([registry.address]))
      const before = proxied.length
      await push(elsewhere, both, {}, { insecure: true, env: { ...env, NO_PROXY: '127.0.0.1' } })
      await push(registry.address, both, {}, { env })
      expect(proxied.length).toBe(before)
      expect((await pull(registry, repository, '1')).has(topOf(both).digest)).toBe(true)
    } finally {
      proxy.close()
      await registry.stop()
    }
  })
})

/** A way to write 127.0.0.1 that does not look like this machine. */
function nameElsewhere(address: string): string {
  return address.replace('127.0.0.1', '127.1')
}

/** Signs tokens as distribution.github.io/distribution/spec/auth/jwt has them. */
function tokenSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const kid = 'of-the-tests'
  const encode = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
  return {
    publicKey: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' },
    token(audience: string, access: readonly object[]): string {
      const now = Math.floor(Date.now() / 1000)
      const claims = {
        iss: 'tests',
        sub: 'ci',
        aud: audience,
        exp: now + 300,
        nbf: now - 5,
        iat: now,
        jti: 'one',
        access,
      }
      const body = `${encode({ typ: 'JWT', alg: 'ES256', kid })}.${encode(claims)}`
      return `${body}.${createSign('sha256').update(body).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')}`
    },
  }
}
