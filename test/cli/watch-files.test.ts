import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchProject } from '../../src/cli/dev/watch-files.ts'

let folder: string
let unwatch: () => void
let seen: Promise<readonly string[]>
let next: () => void

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-watch-'))
  await mkdir(join(folder, 'src', 'workers'), { recursive: true })
  await writeFile(join(folder, 'src', 'workers', 'one.ts'), '1')
  let told = (_files: readonly string[]) => {}
  next = () => {
    seen = new Promise((resolve) => {
      told = resolve
    })
  }
  next()
  unwatch = watchProject(folder, (files) => told(files))
})
afterEach(async () => {
  unwatch()
  await rm(folder, { recursive: true })
})

/** What is told of what this does. */
async function toldOf(work: () => Promise<void>): Promise<readonly string[]> {
  next()
  await work()
  return seen
}

const file = (path: string) => join(folder, path)
const save = (path: string) => writeFile(file(path), String(Math.random()))

test('a file that an editor replaces is still followed', async () => {
  await save('new')
  const replaced = await toldOf(() => rename(file('new'), file('src/workers/one.ts')))
  expect(replaced).toEqual(['src/workers/one.ts'])
  expect(await toldOf(() => save('src/workers/one.ts'))).toEqual(['src/workers/one.ts'])
})

test('folders that come later are followed', async () => {
  await toldOf(async () => {
    await mkdir(file('examples'))
    await save('autopilot.yaml')
  })
  expect(await toldOf(() => save('examples/one.yaml'))).toEqual(['examples/one.yaml'])
  await toldOf(async () => {
    await mkdir(file('src/deep/er'), { recursive: true })
    await save('autopilot.yaml')
  })
  expect(await toldOf(() => save('src/deep/er/two.ts'))).toEqual(['src/deep/er/two.ts'])
})

test('the YAML files of the project are followed, and other files beside them are not', async () => {
  const told = await toldOf(async () => {
    await save('package.json')
    await save('autopilot-operator.yaml')
  })
  expect(told).toEqual(['autopilot-operator.yaml'])
})
