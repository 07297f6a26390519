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
    expect(stdout).toContain('moves to kuma and back without a change')
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
})

test('every export that the guide imports is one of the package', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const [name, entry] of entries) {
    const key = name.replace('mesh-autopilot', '.')
    expect(exports[key]).toMatchObject({ default: `./dist/${entry.replace(/\.ts$/, '.js')}` })
  }
})
