import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pushWith } from '../../src/cli/build/engine.ts'
import { blobsOf, topOf } from '../../src/cli/build/image.ts'
import { parseImageName } from '../../src/cli/build/image-name.ts'
import type { CommandIo } from '../../src/cli/io.ts'
import { type Pushed, pushImage } from '../../src/cli/push/push-image.ts'
import { registryHost } from '../../src/cli/push/registry-host.ts'
import { callAp } from '../support/call-ap.ts'
import {
  error,
  type MemoryRegistry,
  type Mood,
  type SmallServer,
  startMemoryRegistry,
  startServer,
} from '../support/image-registry/memory-registry.ts'
import { otherReferrer, smallImages } from '../support/image-registry/small-image.ts'

const password = 'hunter2-and-more'
const images = smallImages()
const repository = 'team/small'
let folder: string
let running: SmallServer[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-push-'))
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await rm(folder, { recursive: true })
})

async function registry(mood?: Mood, leastChunk?: string): Promise<MemoryRegistry> {
  const started = await startMemoryRegistry(mood, leastChunk)
  running.push(started)
  return started
}

async function service(answer: Mood): Promise<SmallServer> {
  const started = await startServer(answer)
  running.push(started)
  return started
}

interface Outcome {
  readonly pushed?: Pushed
  readonly problem?: string
  readonly stderr: string
}

/** Pushes as `ap build --push` does, and makes sure that no secret is told. */
async function push(to: SmallServer, what = images, signal = new AbortController().signal): Promise<Outcome> {
  const stderr = new PassThrough()
  const env = { HOME: folder, DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` }
  const io: CommandIo = { stdout: new PassThrough(), stderr, cwd: folder, env, signal }
  const outcome = await pushImage(parseImageName(`${to.address}/${repository}:1`), what, { insecure: false }, io).then(
    (pushed) => ({ pushed }),
    (thrown: Error) => ({ problem: thrown.message }),
  )
  const told = { ...outcome, stderr: String(stderr.read() ?? '') }
  expect(JSON.stringify(told)).not.toContain(password)
  expect(JSON.stringify(told)).not.toContain(Buffer.from(`ci:${password}`).toString('base64'))
  return told
}

const writesOf = ({ seen }: SmallServer) => seen.filter(({ method }) => !['GET', 'HEAD'].includes(method))
const config = (content: object) => writeFile(join(folder, 'config.json'), JSON.stringify(content))
const auth = Buffer.from(`ci:${password}`).toString('base64')
const again = { 'retry-after': '0' }

describe('an image that is pushed', () => {
  test('is there with all of its parts, and the tag comes last', async () => {
    const to = await registry()
    const { pushed } = await push(to)
    expect(pushed?.reference).toBe(`${to.address}/${repository}@${topOf(images).digest}`)
    for (const { digest, mediaType, content } of blobsOf(images)) {
      const kind = mediaType.includes('manifest') ? 'manifests' : 'blobs'
      expect(to.content.get(`${kind}/${digest}`)).toEqual(content)
    }
    expect(to.content.get('manifests/1')).toEqual(topOf(images).content)
    expect(writesOf(to).at(-1)?.path).toBe(`/v2/${repository}/manifests/1`)
  })

  test('is not sent twice', async () => {
    const to = await registry()
    const { pushed } = await push(to)
    expect(pushed?.uploaded).toBeGreaterThan(0)
    const before = to.seen.length
    expect(await push(to)).toMatchObject({ pushed: { uploaded: 0 } })
    expect(to.seen.slice(before).map(({ method }) => method)).not.toContain('PUT')
    expect(to.seen.slice(before).map(({ method }) => method)).not.toContain('POST')
  })

  test('of two platforms is named by an index', async () => {
    const to = await registry()
    const both = smallImages('linux/amd64,linux/arm64')
    await push(to, both)
    const { manifests } = JSON.parse(String(to.content.get('manifests/1')))
    expect(manifests.map(({ digest }: { digest: string }) => digest)).toEqual(
      both.map(({ manifest }) => manifest.digest),
    )
  })

  test('has its bill of materials found by it, beside what else is about it', async () => {
    const to = await registry()
    const tag = `manifests/${topOf(images).digest.replace(':', '-')}`
    const { content: _, ...other } = otherReferrer
    to.content.set(tag, Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [other] })))
    await push(to)
    await push(to)
    const { manifests } = JSON.parse(String(to.content.get(tag)))
    expect(manifests).toEqual([
      other,
      expect.objectContaining({
        digest: images[0]?.bill.manifest.digest,
        artifactType: 'application/vnd.cyclonedx+json',
      }),
    ])
  })

  test('needs no such tag in a registry that knows what is about what', async () => {
    const to = await registry(({ path }) => (path.includes('/referrers/') ? { status: 200, body: '{}' } : undefined))
    await push(to)
    expect([...to.content.keys()].filter((key) => key.startsWith('manifests/sha256-'))).toEqual([])
  })

  test.each([
    [undefined, ['0-4999999', '5000000-5999999']],
    ['5500000', ['0-5499999', '5500000-5999999']],
  ])('goes in chunks where whole layers are too large, at least of %s bytes', async (least, ranges) => {
    const to = await registry(({ body }) => (body.length > 5_500_000 ? { status: 413 } : undefined), least)
    const [large] = smallImages('linux/amd64', 5_999_988)
    if (large === undefined) throw new Error('no image')
    const layer = large.layers[1]?.blob
    expect(await push(to, [{ ...large, layers: large.layers.slice(1) }])).toHaveProperty('pushed')
    const chunks = writesOf(to).filter(({ method }) => method === 'PATCH')
    expect(chunks.map(({ headers }) => headers['content-range'])).toEqual(ranges)
    expect(to.content.get(`blobs/${layer?.digest}`)?.length).toBe(6_000_000)
  })
})

describe('a registry that has its troubles', () => {
  test.each<[string, ReturnType<Mood>]>([
    ['is too busy', { status: 429, headers: again }],
    ['fails', { status: 503, headers: again }],
  ])('is asked again when it %s', async (_, trouble) => {
    const failed = new Set<string>()
    const to = await registry(({ method, path }) => {
      const key = `${method} ${path.replace(/uploads.*/, 'uploads')}`
      if (failed.has(key)) return undefined
      failed.add(key)
      return trouble
    })
    expect(await push(to)).toHaveProperty('pushed')
    expect(failed.size).toBeGreaterThan(5)
  })

  test('is asked again when it hangs up', async () => {
    const to = await registry((_, earlier) => (earlier.length === 3 ? 'hang up' : undefined))
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('is given up after five times', async () => {
    const to = await registry(({ path }) =>
      path.includes('uploads') ? error(503, 'UNAVAILABLE', 'disk is full', again) : undefined,
    )
    const { problem } = await push(to)
    expect(problem).toBe(
      `AP6028 ${to.address} does not take the request POST /v2/${repository}/blobs/uploads/: UNAVAILABLE: disk is full (status 503). Mend what it names and push again: what is there is not sent twice, and the tag is as it was until everything is. The layout on disk is whole.`,
    )
    expect(writesOf(to)).toHaveLength(5)
  })

  test('is not waited for when it asks for an hour', async () => {
    const to = await registry(() => ({ status: 429, headers: { 'retry-after': '3600' } }))
    expect((await push(to)).problem).toContain('AP6028')
    expect(to.seen).toHaveLength(1)
  })

  test('is told of when a wait is long enough to be noticed', async () => {
    const later = () => ({ 'retry-after': new Date(Date.now() + 2000).toUTCString() })
    const to = await registry(({ method }, earlier) =>
      method === 'POST' && writesOf({ seen: earlier } as SmallServer).length === 0
        ? { status: 429, headers: later() }
        : undefined,
    )
    const { pushed, stderr } = await push(to)
    expect(pushed).toBeDefined()
    expect(stderr).toMatch(/\(?status 429\)?; trying again in [12]s …\n/)
  })

  test('that stores something else is found out', async () => {
    const to = await registry(({ method, path }) =>
      method === 'PUT' && path.includes('/manifests/')
        ? { status: 201, headers: { 'docker-content-digest': 'sha256:else' } }
        : undefined,
    )
    expect((await push(to)).problem).toMatch(
      /AP6028 .* does not take the manifest for linux\/amd64: it stored sha256:\w+ as sha256:else/,
    )
  })

  test('whose tag names something else in the end is found out', async () => {
    const to = await registry(({ method, path }) =>
      method === 'GET' && path.endsWith('/manifests/1') ? { status: 200, body: '{}' } : undefined,
    )
    expect((await push(to)).problem).toMatch(
      /the tag 1 names sha256:\w+ and not sha256:\w+; somebody else may have set it/,
    )
  })

  test.each<[string, ReturnType<Mood>, string]>([
    ['is a web server', { status: 404 }, 'it answers GET /v2/ with status 404 and so is no registry'],
    ['does not answer', 'hang up', 'the connection was closed'],
  ])('that %s is none', async (_, reply, problem) => {
    const to = await registry(() => reply)
    expect((await push(to)).problem).toContain(`AP6025 the registry ${to.address} cannot be reached: ${problem}`)
  })

  test('says in its own words what it does not take, without what a terminal would take for a command', async () => {
    const to = await registry(({ method }) =>
      method === 'POST' ? error(404, 'NAME_UNKNOWN', '\u001b[31mno such\nrepository.') : undefined,
    )
    expect((await push(to)).problem).toContain('NAME_UNKNOWN: [31mno such repository (status 404)')
  })

  test('is left at once when the user gives up', async () => {
    const stop = new AbortController()
    const to = await registry(({ method }) => {
      if (method === 'POST') stop.abort()
      return undefined
    })
    expect((await push(to, images, stop.signal)).problem).toMatch(/abort/i)
    expect(to.content.has('manifests/1')).toBe(false)
  })
})

describe('a registry that asks who it is', () => {
  /** Lets in whoever shows this header. */
  const guard =
    (challenge: string, header: () => string): Mood =>
    ({ headers }) =>
      headers.authorization === header()
        ? undefined
        : error(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge })

  test('by a name and a password, is shown those of docker login', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('finds them under the addresses of older versions', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))
    await config({ auths: { [`https://${to.address}/v1/`]: { username: 'ci', password } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('is not shown them unasked', async () => {
    const to = await registry()
    await config({ auths: { [to.address]: { auth } } })
    await push(to)
    expect(to.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  test('lets nobody in without any', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => 'never'))
    expect((await push(to)).problem).toBe(
      `AP6024 you cannot push to ${to.address}: it wants credentials, and ${folder}/config.json has none for it. Log in with \`docker login ${to.address}\` (or write its configuration otherwise), as somebody who may push there; then push again.`,
    )
  })

  test('refuses a wrong password by the name of its owner', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => 'never'))
    await config({ auths: { [to.address]: { auth } } })
    expect((await push(to)).problem).toContain(`ci of ${folder}/config.json may not push to ${repository}: status 401.`)
  })

  test('by a token, gets one for this repository, and another when that expires', async () => {
    let issued = 0
    const tokens = await service(({ headers, path }) => {
      issued += 1
      const { searchParams } = new URL(path, 'http://tokens')
      const isRight =
        headers.authorization === `Basic ${auth}` && searchParams.get('scope') === `repository:${repository}:pull,push`
      return {
        status: isRight && searchParams.get('service') === 'images' ? 200 : 400,
        body: JSON.stringify({ token: `token-${issued}` }),
      }
    })
    const challenge = `Bearer realm="http://${tokens.address}/token",service="images"`
    let valid = 1
    const to = await registry((seen, earlier) => {
      if (earlier.length === 8) valid = 2
      return guard(challenge, () => `Bearer token-${valid}`)(seen, earlier)
    })
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
    expect(issued).toBe(2)
  })

  test('exchanges an identity token for one', async () => {
    const tokens = await service(({ method, body }) => {
      const form = new URLSearchParams(String(body))
      const isRight =
        method === 'POST' && form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === password
      return { status: isRight ? 200 : 400, body: JSON.stringify({ access_token: 'one' }) }
    })
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'Bearer one'))
    await config({ auths: { [to.address]: { identitytoken: password } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('has a token service that is busy', async () => {
    const tokens = await service((_, earlier) =>
      earlier.length === 0 ? { status: 503, headers: again } : { status: 200, body: '{"token":"one"}' },
    )
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'Bearer one'))
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('has a token service that stays busy, or gives nothing that is a token', async () => {
    let reply: ReturnType<Mood> = { status: 503, headers: again }
    const tokens = await service(() => reply)
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'never'))
    expect((await push(to)).problem).toContain('does not take the request GET /token: status 503')
    reply = { status: 200, body: 'hello' }
    expect((await push(to)).problem).toContain('does not take the login: its token service gives no token')
  })

  test('has a token service that refuses', async () => {
    const tokens = await service(() => error(403, 'DENIED', 'requested access to the resource is denied'))
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'never'))
    await config({ auths: { [to.address]: { auth } } })
    expect((await push(to)).problem).toContain(
      `AP6024 you cannot push to ${to.address}: ci of ${folder}/config.json may not push to ${repository}: DENIED: requested access to the resource is denied`,
    )
  })

  test('sends uploads elsewhere, which is not told who it is', async () => {
    const storage = await service(({ path }) => ({
      status: 201,
      headers: { 'docker-content-digest': new URL(path, 'http://s').searchParams.get('digest') ?? '' },
    }))
    const to = await registry((seen, earlier) => {
      if (seen.method === 'POST')
        return { status: 202, headers: { location: `http://${storage.address}/upload?signature=x` } }
      return guard('Basic realm="a registry"', () => `Basic ${auth}`)(seen, earlier)
    })
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
    expect(storage.seen.length).toBeGreaterThan(2)
    expect(storage.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  describe('with credentials that a helper keeps', () => {
    const helper = async (name: string, script: string) => {
      const file = join(folder, `docker-credential-${name}`)
      await writeFile(file, `#!/bin/sh\nread -r server || :\n${script}\n`)
      await chmod(file, 0o755)
    }
    const guarded = () => registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))

    test('is shown what the helper of the registry answers', async () => {
      const to = await guarded()
      await helper('mine', `[ "$1 $server" = "get ${to.address}" ] && echo '{"Username":"ci","Secret":"${password}"}'`)
      await config({ credsStore: 'absent', credHelpers: { [to.address]: 'mine' } })
      expect(await push(to)).toHaveProperty('pushed')
    })

    test('is shown those of the file where the store of all has none', async () => {
      const to = await guarded()
      await helper('store', 'echo "credentials not found in native keychain"; exit 1')
      await config({ credsStore: 'store', auths: { [to.address]: { auth } } })
      expect(await push(to)).toHaveProperty('pushed')
    })

    test.each([
      ['absent', undefined, 'is not on the PATH'],
      ['locked', 'echo "the keychain is locked"; exit 2', 'fails: the keychain is locked'],
      ['odd', `echo 'ci ${password}'`, 'answers something that is no JSON'],
      ['../up', undefined, 'is no name of a program'],
    ])('%s, says what is wrong with the helper', async (name, script, problem) => {
      const to = await guarded()
      if (script !== undefined) await helper(name, script)
      await config({ credsStore: name })
      expect((await push(to)).problem).toContain(
        `AP6024 you cannot push to ${to.address}: docker-credential-${name}, which ${folder}/config.json names, ${problem}`,
      )
    })
  })

  test.each([
    ['no JSON', `{"auths": ${password}`],
    ['a list', '[]'],
  ])('says that the configuration is none when it is %s', async (_, text) => {
    const to = await registry(guard('Basic', () => 'never'))
    await writeFile(join(folder, 'config.json'), text)
    expect((await push(to)).problem).toContain(`${folder}/config.json is no JSON object`)
  })
})

test('a registry elsewhere speaks TLS with a certificate that holds, unless it is called insecure', () => {
  const host = (name: string, insecure = false) => registryHost(parseImageName(name), insecure)
  expect(host('ghcr.io/acme/web')).toMatchObject({ authority: 'ghcr.io', credentialsKey: 'ghcr.io', isInsecure: false })
  expect(host('ghcr.io/acme/web', true)).toMatchObject({ isInsecure: true, isLocal: false })
  expect(host('localhost:5000/web')).toMatchObject({ isInsecure: true, isLocal: true })
  expect(host('127.0.0.1.example/web')).toMatchObject({ isInsecure: false })
  expect(host('acme/web')).toMatchObject({
    authority: 'registry-1.docker.io',
    credentialsKey: 'https://index.docker.io/v1/',
  })
})

test.each([
  ['podman', true, 'push --tls-verify=false docker.io/acme/web:1'],
  ['docker', false, 'push docker.io/acme/web:1'],
] as const)('%s pushes what it holds by itself', async (engine, insecure, args) => {
  await writeFile(join(folder, engine), `#!/bin/sh\necho "$@" > ${folder}/args\n[ "$1" = push ] || exit 1\n`)
  await chmod(join(folder, engine), 0o755)
  const env = { PATH: `${folder}:${process.env['PATH']}` }
  const io = {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    cwd: folder,
    env,
    signal: new AbortController().signal,
  }
  await pushWith(engine, parseImageName('acme/web:1'), insecure, io)
  expect(await readFile(join(folder, 'args'), 'utf8')).toBe(`${args}\n`)
})

test.each([
  [['--insecure'], '--insecure is about the registry that --push goes to'],
  [['--push', '--insecure', '--engine', 'docker'], '"insecure-registries"'],
])('%j is a wrong call', async (args, problem) => {
  const { code, stderr } = await callAp(['build', 'web', 'operators/canary', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(problem)
})
