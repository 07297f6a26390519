import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { codeBlocks } from '../support/code-blocks.ts'

const page = await readFile('docs/guide/migrate-from-smi.md', 'utf8')
let folder: string

/** The commands of the page and what it says that they print, in order. */
const calls = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((call) => {
      const [command = '', ...printed] = call.split('\n')
      return [command, printed.join('\n')] as const
    }),
)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrate-'))
  for (const { file, text } of codeBlocks(page)) await writeFile(join(folder, file), text)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the page has commands', () => {
  expect(calls.length).toBeGreaterThan(4)
})

test.each(calls)('%s', async (command, printed) => {
  const [call = '', target] = command.split(' > ')
  const args = [...call.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
  expect(args[0]).toBe('ap')
  const { stdout, stderr } = await callAp(args.slice(1), '', folder)
  if (target === undefined) expect(`${stderr}${stdout}`).toBe(printed)
  else await writeFile(join(folder, target), stdout)
})
