import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { loadOperatorConfig, loadProject } from '../../src/project/load.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autopilot-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What is printed about a file, with the folder left out. */
async function refusal(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof DiagnosticError)) throw new Error('no diagnostics', { cause: error })
  return error.message.replaceAll(`${folder}/`, '')
}

describe('files that cannot be read', () => {
  test('a folder without a project', async () => {
    expect(await refusal(loadProject(folder))).toBe(
      'AP1008 autopilot.yaml cannot be read: there is no such file. Check the path and its permissions.',
    )
  })

  test('a folder in place of a configuration', async () => {
    expect(await refusal(loadOperatorConfig(`${folder}/.`, { knownMeshes: [] }))).toContain('it is a folder')
  })

  test('links that go round in a circle', async () => {
    await symlink('b.yaml', join(folder, 'a.yaml'))
    await symlink('a.yaml', join(folder, 'b.yaml'))
    expect(await refusal(loadProject(join(folder, 'a.yaml')))).toContain('its symbolic links go round in a circle')
  })

  test('bytes that are no UTF-8 are told with their place', async () => {
    await writeFile(join(folder, 'latin1.yaml'), Buffer.from('# fine\nkind: Caf\xe9\n', 'latin1'))
    expect(await refusal(loadProject(join(folder, 'latin1.yaml')))).toBe(
      'latin1.yaml:2:10 AP1006 the file is not UTF-8 text: this byte belongs to no character. Save the file in the encoding UTF-8.',
    )
  })

  test('UTF-16 is recognised', async () => {
    await writeFile(join(folder, 'wide.yaml'), Buffer.from('\uFEFFkind: A\n', 'utf16le'))
    expect(await refusal(loadProject(join(folder, 'wide.yaml')))).toContain('it looks like UTF-16')
  })

  test('a huge file is refused by its size', async () => {
    await writeFile(join(folder, 'huge.yaml'), '')
    await truncate(join(folder, 'huge.yaml'), 8 * 1024 ** 3)
    expect(await refusal(loadProject(join(folder, 'huge.yaml')))).toContain(
      'huge.yaml:1:1 AP1007 the file has 8589934592 bytes; at most 262144 are read',
    )
  })
})
