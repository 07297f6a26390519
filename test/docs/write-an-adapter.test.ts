import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintProject } from '../../src/cli/lint/lint-project.ts'
import { loadDefinition } from '../../src/cli/load-definition.ts'
import { allAdapters } from '../../src/cli/translate/mesh-option.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'
import { codeBlocks } from '../support/code-blocks.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
/** What the package exports, as files of the checkout. */
const entries = new Map([
  ['mesh-autopilot', 'src/index.ts'],
  ['mesh-autopilot/adapter', 'src/adapter.ts'],
  ['mesh-autopilot/adapter-kit', 'src/adapter-kit/index.ts'],
])
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(root, 'test', 'docs', '.adapter-'))
  const guide = await readFile(join(root, 'docs', 'guide', 'write-an-adapter.md'), 'utf8')
  for (const { file, text } of codeBlocks(guide)) {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true })
    const up = file.split('/').map(() => '..')
    const local = text.replace(/'(mesh-autopilot[^']*)'/g, (_, name: string) => {
      const entry = entries.get(name)
      if (entry === undefined) throw new Error(`${name} is not exported`)
      return `'${[...up, '..', '..', entry].join('/')}'`
    })
    await writeFile(path, local)
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.json', include: ['src', 'test'] }),
  )
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the adapter of the guide', () => {
  test('compiles as it is written', async () => {
    const { stdout } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
    expect(stdout).toBe('')
  })

  test('keeps the laws, with the tests that the guide writes', async () => {
    const env = { PATH: process.env['PATH'], LAW_RUNS: '25' }
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'test/acme.test.ts'], {
      cwd: folder,
      env,
    })
    expect(stdout).toContain('# Subtest: the adapter acme')
    expect(stdout).toContain('ok 1 - the adapter acme')
    expect(stdout).toMatch(/^# fail 0$/m)
    expect(stdout).toContain('moves to other meshes and back without a change')
  })

  test('is found by its name in the project that brings it along', async () => {
    const definition = await loadDefinition(folder)
    expect(definition.meshes?.map(({ name }) => name)).toEqual(['acme'])
    await writeFile(join(folder, 'autopilot-operator.yaml'), 'meshProvider: acme\n')
    await writeFile(join(folder, 'autopilot.yaml'), 'apiVersion: nope\n')
    const io = {
      cwd: folder,
      env: {},
      stdout: process.stdout,
      stderr: process.stderr,
      signal: AbortSignal.timeout(9000),
    }
    const adapters = allAdapters(builtInMeshes)
    const linted = await lintProject(
      { folder, providers: builtInMeshes, adapters, targets: undefined, isSurvey: false },
      io,
    )
    expect(linted.found.filter(({ diagnostic }) => diagnostic.message.includes('acme'))).toEqual([])
  })

  test('is known to the commands about traffic, in the folder of that project', async () => {
    await writeFile(join(folder, 'autopilot.yaml'), 'apiVersion: nope\n')
    const files = await writeTraffic(folder)
    const translated = await callAp(['translate', '--to', 'acme', ...files], '', folder)
    expect(translated).toMatchObject({ code: 0, stderr: '' })
    expect(translated.stdout).toContain('kind: SplitRule')
    const request = ['--request', 'GET http://web.shop/', '-o', 'json']
    const routed = await callAp(
      ['route', '--mesh', 'acme', '-f', '-', ...files.slice(0, 2), ...request],
      translated.stdout,
      folder,
    )
    expect(JSON.parse(routed.stdout).outcomes).toEqual([
      { share: 0.9, backend: 'shop/web-v1', port: 80, subset: null },
      { share: 0.1, backend: 'shop/web-v2', port: 80, subset: null },
    ])
    const table = await callAp(['capabilities', 'acme', 'istio'], '', folder)
    expect(table.stdout.split('\n')[0]?.split(/ {2,}/)).toEqual(['feature', 'acme', 'istio'])
    expect(await callAp(['capabilities', 'acme'])).toMatchObject({ code: 2, stdout: '' })
    expect(await callAp(['capabilities', 'acne'], '', folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('acne is not a mesh (did you mean "acme"?)'),
    })
  })
})

/** Files of an apex, in the words of an output; as options. */
async function writeTraffic(folder: string): Promise<string[]> {
  const service = (name: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ port: 80 }] }\n`
  await writeFile(join(folder, 'services.yaml'), ['web', 'web-v1', 'web-v2'].map(service).join('---\n'))
  const backends = '[{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }]'
  const split = `apiVersion: split.smi-spec.io/v1alpha4\nkind: TrafficSplit\nmetadata: { name: web, namespace: shop }\n`
  await writeFile(join(folder, 'split.yaml'), `${split}spec: { service: web, backends: ${backends} }\n`)
  return ['-f', 'services.yaml', '-f', 'split.yaml']
}

test('every export that the guide imports is one of the package', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const [name, entry] of entries) {
    const key = name.replace('mesh-autopilot', '.')
    expect(exports[key]).toMatchObject({ default: `./dist/${entry.replace(/\.ts$/, '.js')}` })
  }
})
