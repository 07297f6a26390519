import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { pushWith } from '../../src/cli/build/engine.ts'
import { blobsOf, topOf } from '../../src/cli/build/image.ts'
import { parseImageName } from '../../src/cli/build/image-name.ts'
import { registryHost } from '../../src/cli/push/registry-host.ts'
import { callAp } from '../support/call-ap.ts'
import { error, type Mood, type SmallServer } from '../support/image-registry/memory-registry.ts'
import { again, images, pusher, repository } from '../support/image-registry/pusher.ts'
import { otherReferrer, smallImages } from '../support/image-registry/small-image.ts'

const { home, push, registry } = pusher()
const writesOf = ({ seen }: SmallServer) => seen.filter(({ method }) => !['GET', 'HEAD'].includes(method))

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
  await writeFile(join(home.folder, engine), `#!/bin/sh\necho "$@" > ${home.folder}/args\n[ "$1" = push ] || exit 1\n`)
  await chmod(join(home.folder, engine), 0o755)
  const env = { PATH: `${home.folder}:${process.env['PATH']}` }
  const io = {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    cwd: home.folder,
    env,
    signal: new AbortController().signal,
  }
  await pushWith(engine, parseImageName('acme/web:1'), insecure, io)
  expect(await readFile(join(home.folder, 'args'), 'utf8')).toBe(`${args}\n`)
})

test.each([
  [['--insecure'], '--insecure is about the registry that --push goes to'],
  [['--push', '--insecure', '--engine', 'docker'], '"insecure-registries"'],
])('%j is a wrong call', async (args, problem) => {
  const { code, stderr } = await callAp(['build', 'web', 'operators/canary', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(problem)
})
