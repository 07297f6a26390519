import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseImageName } from '../../src/cli/build/image-name.ts'
import { callAp } from '../support/call-ap.ts'
import { jsonProblems } from '../support/json-output.ts'
import { readBlob, unpackLayers } from '../support/unpack-image.ts'

const canary = join(process.cwd(), 'operators', 'canary')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ap-build-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const json = async (layout: string, descriptor: Parameters<typeof readBlob>[1]) =>
  JSON.parse((await readBlob(layout, descriptor)).toString())

describe('the image of the canary', () => {
  let layout: string
  let root: string
  let paths: string[]
  let manifest: { config: never; layers: { digest: `sha256:${string}`; size: number }[] }
  let index: { manifests: [never, never] }
  let said: { digest: string; size: number }

  beforeAll(async () => {
    layout = join(folder, 'image')
    root = join(folder, 'root')
    const { code, stdout, stderr } = await callAp(['build', 'acme/canary:1', canary, '--to', layout, '-o', 'json'])
    expect({ code, stderr: stderr.replaceAll(/^(Bundling|Compressing).*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
    expect(jsonProblems('build', stdout)).toEqual([])
    said = JSON.parse(stdout)
    index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
    manifest = await json(layout, index.manifests[0])
    paths = await unpackLayers(layout, manifest.layers, root)
  }, 120_000)

  test('is a layout in which everything is what its name says, and under 70 MB', async () => {
    expect(index.manifests[0]).toMatchObject({
      digest: said.digest,
      annotations: { 'io.containerd.image.name': 'docker.io/acme/canary:1' },
    })
    const config = await json(layout, manifest.config)
    expect(config.rootfs.diff_ids).toHaveLength(manifest.layers.length)
    expect(said.size).toBeLessThan(70e6)
  })

  test('runs as nobody in particular, in production, labelled', async () => {
    const { config, created } = await json(layout, manifest.config)
    expect(created).toBe('1970-01-01T00:00:00Z')
    expect(config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/usr/local/bin/node', '/autopilot/ap.js'],
      Cmd: ['run', '/app'],
      Labels: { 'org.opencontainers.image.title': 'canary-operator' },
    })
    expect(config.Env).toContain('NODE_ENV=production')
  })

  test('has Node, its libraries and the operator, but no shell and no other program', () => {
    const programs = paths.filter((path) => /(^|\/)s?bin\//.test(path) && !path.endsWith('/'))
    expect(programs).toEqual(['usr/local/bin/node'])
    expect(paths).toEqual(expect.arrayContaining(['app/operator.js', 'app/autopilot.yaml', 'autopilot/ap.js']))
  })

  test('says what is in it', async () => {
    const { subject, layers } = await json(layout, index.manifests[1])
    expect(subject.digest).toBe(said.digest)
    const { components } = await json(layout, layers[0])
    const names = components.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['mesh-autopilot', 'undici', 'zod', 'node', 'libc.so.6']))
    expect(names).not.toContain('rolldown')
  })

  /** In a chroot where that is allowed: then nothing of this machine can help. */
  function runInside(args: readonly string[]) {
    const chroot = process.getuid?.() === 0
    const call = chroot
      ? ['/usr/sbin/chroot', '--userspec=65532:65532', root, '/usr/local/bin/node', '/autopilot/ap.js', ...args]
      : [
          join(root, 'usr/local/bin/node'),
          join(root, 'autopilot/ap.js'),
          ...args.map((arg) => arg.replace(/^\/app/, join(root, 'app'))),
        ]
    const [program = '', ...rest] = call
    return spawnSync(program, rest, { encoding: 'utf8', env: { NODE_ENV: 'production' } })
  }

  test('starts', () => {
    for (const call of ['version', '--version']) {
      const { stdout, stderr, status } = runInside([call])
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
      expect(stdout).toMatch(/^ap \d+\.\d+\.\d+ \(Node 24\./)
    }
  })

  test('loads the project, and then looks for a cluster', () => {
    writeFileSync(
      join(root, 'app', 'kubeconfig'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
        users: [{ name: 'u', user: { token: 'secret' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    )
    const { stderr, status } = runInside(['run', '/app', '--kubeconfig', '/app/kubeconfig'])
    expect(stderr).toMatch(/^AP3\d{3} the API server at http:\/\/127\.0\.0\.1:9 cannot be reached/)
    expect(status).toBe(1)
  })

  test('has the same digest when it is built again', async () => {
    const again = join(folder, 'again.tar')
    const { stdout } = await callAp(['build', 'acme/canary:1', canary, '--to', again, '-o', 'json'])
    expect(JSON.parse(stdout).digest).toBe(said.digest)
    expect(existsSync(again)).toBe(true)
  }, 60_000)
})

describe('ap build refuses', () => {
  test.each([
    [['Acme/web'], 'must be in lower case'],
    [['acme/web:a:b'], 'more than one tag'],
    [['acme/web:'], '"" is no tag'],
    [['web@sha256:abc'], 'names a digest'],
    [['web', '--platform', 'linux/s390x'], '"linux/s390x" is no platform'],
    [['web', '--engine', 'kaniko'], 'there is no engine "kaniko"'],
    [['web', '--engine', 'podman', '--platform', 'linux/amd64,linux/arm64'], 'podman takes one platform at a time'],
  ])('%j', async (args, problem) => {
    const { code, stderr } = await callAp(['build', ...args], '', canary)
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
  })

  test.each([
    ['\nconst a =\n', ':3:1 AP6020 the operator cannot be bundled: Unexpected token'],
    [
      "import x from './nowhere.ts'\nexport default x\n",
      ":1:15 AP6020 the operator cannot be bundled: Could not resolve './nowhere.ts'",
    ],
    [
      "\nimport x from 'not-installed'\nexport default x\n",
      ":2:15 AP6020 the operator cannot be bundled: Could not resolve 'not-installed'",
    ],
  ])('code that does not bundle, with its place: %j', async (code, problem) => {
    const project = mkdtempSync(join(folder, 'project-'))
    for (const name of ['autopilot.yaml', 'autopilot-operator.yaml']) cpSync(join(canary, name), join(project, name))
    mkdirSync(join(project, 'src'))
    writeFileSync(join(project, 'src', 'operator.ts'), code)
    symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'))
    const result = await callAp(['build', 'web', project])
    expect(result.stderr).toContain(`${join(project, 'src', 'operator.ts')}${problem}`)
    expect(result.code).toBe(1)
  })

  test('an engine that is not installed, and a place with something else in it, before it does anything', async () => {
    const taken = mkdtempSync(join(folder, 'taken-'))
    writeFileSync(join(taken, 'mine'), '')
    for (const [args, problem] of [
      [['--engine', 'podman'], 'AP6026 there is no podman on the PATH'],
      [['--to', taken], `AP6023 ${taken} is there and is no OCI layout`],
      [['--to', join(taken, 'mine')], `AP6023 ${join(taken, 'mine')} is there and is no OCI layout`],
    ] as const) {
      // Even a project that is not there is looked at later.
      const { code, stderr } = await callAp(['build', 'web', 'nowhere', ...args])
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(problem) })
    }
    expect(readFileSync(join(taken, 'mine'), 'utf8')).toBe('')
  })
})

test('names of images are read as Docker reads them', () => {
  expect(parseImageName('web').text).toBe('docker.io/library/web:latest')
  expect(parseImageName('acme/web:1').text).toBe('docker.io/acme/web:1')
  expect(parseImageName('localhost:5000/web')).toMatchObject({
    registry: 'localhost:5000',
    repository: 'web',
    tag: 'latest',
  })
})
