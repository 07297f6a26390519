import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ap-init-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const init = (...args: readonly string[]) => callAp(['init', ...args], '', folder)

test('without a terminal the folder has to be named, and an empty name is none', async () => {
  const refused = { code: 2, stdout: '' }
  expect(await init()).toEqual({ ...refused, stderr: 'ap: name the folder of the new project: ap init my-operator\n' })
  expect(await init('', '--yes')).toEqual({
    ...refused,
    stderr: 'ap: the name of the folder is empty; `.` is the folder you are in\n',
  })
  expect(readdirSync(folder)).toEqual([])
})

test('what is there already, or cannot be a folder, is told before anything is packed', async () => {
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine', 'README.md'), '')
  expect((await init('file')).stderr).toBe('ap: file is a file; name a folder\n')
  expect((await init('mine')).stderr).toBe(
    'AP6007 mine already has README.md. Name another folder; nothing was written.\n',
  )
  expect(existsSync(join(folder, 'mine', 'vendor'))).toBe(false)
})

test('a kind that is too long for names is told to be so', async () => {
  const kind = `A${'a'.repeat(54)}`
  expect((await init('new', '--kind', kind)).stderr).toBe(
    `ap: "${kind}" is too long for a kind: it has at most 54 letters\n`,
  )
})

test('a path that the system refuses is told by name, without a stack', async () => {
  writeFileSync(join(folder, 'file'), '')
  const { code, stderr } = await init('file/new', '--yes')
  expect(code).toBe(1)
  expect(stderr.split('\n').slice(-2)).toEqual([
    'AP6060 file/new/vendor cannot be used: a part of the path is no folder. ' +
      'Check the path, its permissions and the space that is left, then call the command again.',
    '',
  ])
})

test('a file system that refuses folders, a name that is too long and a link to nowhere are told, and nothing is left', async () => {
  const long = 'a'.repeat(300)
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
  const refusals = {
    [`new/within/${long}/project`]: `new/within/${long} cannot be used: its name is too long.`,
    link: 'link cannot be used: something else is there.',
    ...(process.platform === 'linux' && {
      '/proc/project': '/proc/project cannot be used: the system lets nobody make it',
    }),
  }
  for (const [path, refusal] of Object.entries(refusals)) {
    const { code, stderr } = await init(path, '--yes')
    expect(code).toBe(1)
    expect(stderr).toContain(`AP6060 ${refusal}`)
  }
  expect(readdirSync(folder)).toEqual(['link'])
})
