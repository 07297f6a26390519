import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { writeFiles } from '../../src/cli/generate/write-files.ts'
import { callAp } from '../support/call-ap.ts'
import { writeProject } from '../support/write-project.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ap-project-'))
  folders.push(folder)
  return folder
}

/** What `ap init` writes, in a new folder. */
async function newProject(template?: string): Promise<string> {
  const folder = emptyFolder()
  await writeProject(folder, template)
  return folder
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8')

describe('ap generate', () => {
  test('writes code, manifests and help for writing a resource, and then has nothing left to do', async () => {
    const folder = await newProject()
    const { code, stdout, stderr } = await callAp(['generate'], '', folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter((line) => !line.startsWith('deploy/'))).toEqual([
      'docs/workflow.md  created',
      'src/generated/operator.ts  created',
      'src/generated/phases.ts  created',
      'src/spec.ts  created',
      'src/workers/initializing.ts  created',
      'src/workers/processing.ts  created',
      'test/example.test.ts  created',
      'examples/example.yaml  created',
      'schemas/example.schema.json  created',
      '',
    ])
    expect(await callAp(['generate', '--check'], '', folder)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^All \d+ files are up to date\n$/),
      stderr: '',
    })
  })

  test('what it writes reads like this', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    const texts = [
      'src/generated/operator.ts',
      'src/generated/phases.ts',
      'src/workers/processing.ts',
      'docs/workflow.md',
    ]
    expect(texts.map((path) => read(folder, path)).join('\n')).toMatchSnapshot()
  })

  test('the same input gives the same bytes', async () => {
    const [one, other] = [await newProject('canary'), await newProject('canary')]
    for (const folder of [one, other]) await callAp(['generate'], '', folder)
    for (const path of ['src/generated/phases.ts', 'deploy/base/crd.yaml'])
      expect(existsSync(join(one, path)) && read(one, path)).toBe(existsSync(join(other, path)) && read(other, path))
  })

  test('--check lists what a change of autopilot.yaml makes stale, and writes nothing', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    writeFileSync(join(folder, 'autopilot.yaml'), read(folder, 'autopilot.yaml').replaceAll('Processing', 'Working'))
    const before = read(folder, 'src/generated/phases.ts')
    const { code, stdout } = await callAp(['generate', '--check'], '', folder)
    expect(code).toBe(1)
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'src/generated/phases.ts  stale',
        'src/workers/working.ts  missing',
        'src/workers/processing.ts  unused: no phase has this worker',
      ]),
    )
    expect(read(folder, 'src/generated/phases.ts')).toBe(before)
  })

  test('keeps what was changed by hand and says so, until it is told to write over it, and then keeps a copy', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    const edited = `${read(folder, 'src/generated/phases.ts')}// mine\n`
    writeFileSync(join(folder, 'src/generated/phases.ts'), edited)
    const kept = await callAp(['generate'], '', folder)
    expect(kept.code).toBe(1)
    expect(kept.stdout).toContain('src/generated/phases.ts  kept: it was changed by hand')
    expect(read(folder, 'src/generated/phases.ts')).toBe(edited)
    expect((await callAp(['generate', '--overwrite'], '', folder)).code).toBe(0)
    expect(read(folder, 'src/generated/phases.ts')).not.toContain('// mine')
    expect(read(folder, 'src/generated/phases.ts.orig')).toBe(edited)
  })

  test('a copy of what was replaced is the user’s, and nothing is wrong with it', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    writeFileSync(join(folder, 'src/generated/phases.ts'), `${read(folder, 'src/generated/phases.ts')}// mine\n`)
    await callAp(['generate', '--overwrite'], '', folder)
    expect((await callAp(['generate', '--check'], '', folder)).code).toBe(0)
    expect((await callAp(['lint'], '', folder)).stdout).toBe('No findings\n')
    expect(existsSync(join(folder, 'src/generated/phases.ts.orig'))).toBe(true)
  })

  test('a generated file that was changed by hand can be had anew without losing workers', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    const path = join(folder, 'src/generated/phases.ts')
    writeFileSync(path, `${read(folder, 'src/generated/phases.ts')}// mine\n`)
    writeFileSync(join(folder, 'src/workers/processing.ts'), '// mine\n')
    const { stdout } = await callAp(['generate'], '', folder)
    expect(stdout).toBe('src/generated/phases.ts  kept: it was changed by hand (remove it to have it made anew)\n')
    rmSync(path)
    expect((await callAp(['generate'], '', folder)).stdout).toBe('src/generated/phases.ts  created\n')
    expect(read(folder, 'src/workers/processing.ts')).toBe('// mine\n')
  })

  test('errors name files from the folder that one is in, whatever reads them', async () => {
    const folder = await newProject()
    writeFileSync(join(folder, 'autopilot.yaml'), 'phases: []\n')
    for (const args of [['generate'], ['graph'], ['build', 'x:1'], ['status']])
      expect((await callAp(args, '', folder)).stderr).not.toContain(folder)
    expect((await callAp(['generate'], '', folder)).stderr).toMatch(/^autopilot\.yaml:1:1 AP1/)
    expect((await callAp(['generate', 'nowhere'], '', folder)).stderr).toMatch(/^AP1008 nowhere cannot be read/)
  })

  test('never touches a worker that is there', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    writeFileSync(join(folder, 'src/workers/processing.ts'), '// mine\n')
    expect((await callAp(['generate'], '', folder)).stdout).toMatch(/^All \d+ files are up to date\n$/)
    expect(read(folder, 'src/workers/processing.ts')).toBe('// mine\n')
  })

  test('makes manifests for one mesh only when asked to, and removes those of the others', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    const { stdout } = await callAp(['generate', '--mesh', 'linkerd'], '', folder)
    expect(stdout).toContain('deploy/overlays/istio/mesh-role.yaml  removed')
    expect(existsSync(join(folder, 'deploy/overlays/linkerd/mesh-role.yaml'))).toBe(true)
  })

  test('a project whose types do not load gets its code all the same', async () => {
    const folder = await newProject()
    await callAp(['generate'], '', folder)
    writeFileSync(join(folder, 'src/spec.ts'), 'export const spec = 1\n')
    rmSync(join(folder, 'src/generated/phases.ts'))
    // A module is loaded once per process: the broken one has to be another.
    const other = emptyFolder()
    for (const file of ['autopilot.yaml', 'autopilot-operator.yaml', 'package.json'])
      writeFileSync(join(other, file), read(folder, file))
    await writeFiles(other, [{ path: 'src/spec.ts', text: 'export const spec = 1\n', state: 'created' }])
    const { code, stdout, stderr } = await callAp(['generate'], '', other)
    expect(code).toBe(1)
    expect(stdout).toContain('src/generated/phases.ts  created')
    expect(stderr).toMatch(/^AP6005 .*src\/spec.ts does not export the zod objects/)
  })
})

describe('ap init', () => {
  test('refuses to write over anything and writes nothing then', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'package.json'), '{}')
    const { code, stderr } = await callAp(['init', '.', '--yes'], '', folder)
    expect(code).toBe(1)
    expect(stderr).toBe('AP6007 . already has package.json. Name another folder; nothing was written.\n')
    expect(existsSync(join(folder, 'autopilot.yaml'))).toBe(false)
  })

  test.each([
    [
      ['--kind', 'example'],
      'ap: "example" is no kind: it begins with a capital letter and has letters and digits only\n',
    ],
    [['--group', 'examples'], 'ap: "examples" is no API group: a domain name such as examples.io\n'],
    [['--version', '1'], 'ap: "1" is no API version: such as v1, v1beta1 or v2alpha1\n'],
    [
      ['--template', 'canarry'],
      'ap: --template canarry is not there (did you mean "canary"?); there are blank, canary\n',
    ],
  ])('%j is a wrong call', async (options, message) => {
    const result = await callAp(['init', 'new', '--yes', ...options], '', emptyFolder())
    expect(result).toEqual({ code: 2, stdout: '', stderr: message })
  })

  test('a mesh that there is not is a wrong call', async () => {
    const { code, stderr } = await callAp(['init', 'new', '--yes', '--mesh', 'linkerdd'], '', emptyFolder())
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('(did you mean "linkerd"?)') })
  })
})
