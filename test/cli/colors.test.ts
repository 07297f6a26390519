import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const ap = `${process.execPath} bin/ap.js`
const objects = ['web', 'web-v1']
  .map((name) => `{ apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { ports: [{ port: 80 }] } }\n`)
  .join('---\n')

/** Calls with something to color; each says on its own line what it came to. */
const calls = [
  `${ap} capabilities smi`,
  `${ap} route --mesh istio -f $FILE --request 'GET http://web/'`,
  `${ap} doctor operators/canary --kubeconfig /nowhere`,
  `${ap} --help`,
]

/** Only that of util-linux takes these options. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

// biome-ignore lint/suspicious/noControlCharactersInRegex: colors are control characters.
const color = /\u001b\[[\d;]*m/

/** What the calls print on a terminal of their own. */
function onTerminal(env: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ap-colors-'))
  try {
    const file = join(folder, 'web.yaml')
    writeFileSync(file, objects)
    const script = calls.map((call) => `${call}; echo "($?)"`).join('\n')
    const { PATH = '', HOME = '' } = process.env
    const { stdout } = spawnSync('script', ['-qec', script, '/dev/null'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH, HOME, TERM: 'xterm', FILE: file, ...env },
    })
    return stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.skipIf(!hasTerminal && process.env['CI'] === undefined)('on a terminal', () => {
  test('there is color, unless NO_COLOR says that it is not wanted', () => {
    const codes = ['(0)', '(0)', '(1)', '(0)']
    const usual = onTerminal({})
    expect(usual.match(/^\(\d\)/gm)).toEqual(codes)
    expect(usual).toMatch(color)
    const plain = onTerminal({ NO_COLOR: '1' })
    expect(plain.match(/^\(\d\)/gm)).toEqual(codes)
    expect(plain).not.toMatch(color)
  })
})
