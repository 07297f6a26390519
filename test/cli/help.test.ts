import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { loadCommand } from '../../src/cli/load-command.ts'
import { callAp } from '../support/call-ap.ts'

const names = commandList.map(({ name }) => name)

/** What `ap` prints where lines may be this long. */
function help(args: readonly string[], columns?: number) {
  const env = columns === undefined ? undefined : { COLUMNS: String(columns) }
  return callAp(args, '', undefined, undefined, env)
}

/** Lines that are longer than `columns`; only a word that no line could hold is let through. */
function tooLong(text: string, columns: number): string[] {
  return text.split('\n').filter((line) => line.length > columns && line.trim().split(' ').length > 1)
}

describe('ap --help', () => {
  test('lists every command under its group', async () => {
    const { code, stdout, stderr } = await help(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name, group, summary } of commandList) {
      const [, section = ''] = stdout.split(`\n${group}:\n`)
      const text = section.split('\n\n')[0]?.replace(/\s+/g, ' ')
      expect(text).toContain(` ${name} ${summary}`)
    }
  })

  test('is the same by every way to ask for it', async () => {
    const { stdout } = await help(['--help'])
    for (const args of [['-h'], ['help'], ['help', '--help']])
      expect(await help(args)).toMatchObject({ code: 0, stdout })
    expect(await help([])).toEqual({ code: 2, stdout: '', stderr: stdout })
  })

  test.each([60, 80, 200])('fits into %i columns', async (columns) => {
    const { stdout } = await help(['--help'], columns)
    expect(tooLong(stdout, columns)).toEqual([])
  })

  test('survives widths that make no sense', async () => {
    const usual = await help(['--help'])
    for (const COLUMNS of ['0', '-1', 'wide', '1e9', '1'])
      expect(await callAp(['--help'], '', undefined, undefined, { COLUMNS })).toMatchObject({ code: 0, stderr: '' })
    expect((await callAp(['--help'], '', undefined, undefined, { COLUMNS: '0' })).stdout).toBe(usual.stdout)
  })

  test('loads no library, and no command', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const hooks = `import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
      process.on('exit', () => process.stderr.write(loaded.filter((url) => url.startsWith('file:')).join('\\n')))`
    const preload = `data:text/javascript,${encodeURIComponent(hooks)}`
    const { stderr } = spawnSync(process.execPath, ['--import', preload, 'bin/ap.js', '--help'], {
      cwd: root,
      encoding: 'utf8',
    })
    const loaded = stderr.split('\n').map((url) => fileURLToPath(url).slice(root.length))
    expect(loaded).toEqual([
      'bin/ap.js',
      'src/cli/main.ts',
      ...['columns', 'command-list', 'help-text', 'io', 'process-io'].map((file) => `src/cli/${file}.ts`),
    ])
  })
})

describe.each(names)('ap %s --help', (name) => {
  test('tells the usage and gives examples', async () => {
    const { code, stdout, stderr } = await help([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: ap ${name}( |\n)`))
    const { examples } = await loadCommand(name)
    expect(examples.length).toBeGreaterThan(0)
    for (const [call, effect] of examples) {
      expect(call).toMatch(new RegExp(`\\bap ${name}\\b`))
      expect(stdout.replace(/ \\\n/g, '').replace(/\s+/g, ' ')).toContain(`${call} ${effect}`)
    }
  })

  test.each([undefined, 60])('fits into %s columns', async (columns) => {
    const { stdout } = await help([name, '--help'], columns)
    expect(tooLong(stdout, columns ?? 80)).toEqual([])
  })

  test('is what ap help prints', async () => {
    expect(await help(['help', name])).toEqual(await help([name, '--help']))
    expect(await help(['--help', name])).toEqual(await help([name, '--help']))
  })
})

describe('ap is called wrongly', () => {
  test.each(names)('%s with an option that it does not have', async (name) => {
    const { code, stdout, stderr } = await callAp([name, '--helpp'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      "error: unknown option '--helpp'\n(Did you mean --help?)\n(ap --help lists commands and options)\n",
    )
  })

  // What is given to `ap test` is for vitest.
  test.each(names.filter((name) => name !== 'test'))('%s with more than it takes', async (name) => {
    const { code, stdout, stderr } = await callAp([name, 'one', 'two', 'three', 'four'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/too many arguments|Did you mean|did you mean|there are|Allowed choices/)
  })

  test.each(names)('with a misspelt %s', async (name) => {
    const { code, stdout, stderr } = await callAp([`${name}x`])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`error: unknown command '${name}x'\n(Did you mean ${name}?)\n`)
  })

  test('asking for help on a command that there is not', async () => {
    const asked = await callAp(['help', 'demmo'])
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('(Did you mean demo?)') })
    expect(await callAp(['demmo', '--help'])).toEqual(asked)
  })
})

test.each(['--version', '-V'])('ap %s prints what ap version prints', async (option) => {
  const { code, stdout } = await callAp([option])
  expect({ code, stdout }).toEqual(await callAp(['version']).then(({ code, stdout }) => ({ code, stdout })))
  expect(stdout).toMatch(/^ap \d+\.\d+\.\d+ \(Node /)
})
