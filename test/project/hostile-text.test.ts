import { readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { parseOperatorConfig } from '../../src/project/parse-operator-config.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { shortComplaints } from './complaints.ts'

const fixtures = ['example', 'canary'].flatMap((project) =>
  ['autopilot.yaml', 'autopilot-operator.yaml'].map((file) =>
    readFileSync(`test/fixtures/original/${project}/${file}`, 'utf8'),
  ),
)

/** A file of the original with a piece of it replaced: almost right is where validators fall over. */
const mutatedFixture = fc
  .record({
    text: fc.constantFrom(...fixtures),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 30 }),
    by: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '\n',
        '\t',
        ': ',
        '- ',
        '&a ',
        '*a',
        '<<: ',
        '!!set ',
        '!!binary ',
        '{',
        '[',
        '"',
        '|',
        '? ',
        '__proto__: 1\n',
        '\n---\n',
        '~',
        '%YAML 1.2\n---\n',
      ),
    ),
  })
  .map(({ text, at, length, by }) => {
    const start = Math.floor(at * text.length)
    return text.slice(0, start) + by + text.slice(start + length)
  })

function onlyDiagnostics(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    return (
      error.diagnostics.length > 0 &&
      error.diagnostics.every(({ position }) => position !== undefined && position.line >= 1 && position.column >= 1)
    )
  }
}

describe('whatever the text', () => {
  test.prop([fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 60 }), mutatedFixture)], { numRuns: 500 })(
    'a project is read or refused with diagnostics that have places',
    (text) => {
      expect(onlyDiagnostics(() => parseProject(text, 'autopilot.yaml'))).toBe(true)
    },
  )

  test.prop([mutatedFixture], { numRuns: 200 })('so is a configuration', (text) => {
    expect(onlyDiagnostics(() => parseOperatorConfig(text, 'c.yaml', { knownMeshes: ['istio'] }))).toBe(true)
  })

  test('nested aliases that would grow to 2^60 values are refused instead of followed', () => {
    const levels = Array.from(
      { length: 60 },
      (_, level) => `a${level}: &a${level} [${level === 0 ? 'x' : `*a${level - 1}, *a${level - 1}`}]`,
    )
    expect(shortComplaints(() => parseProject(levels.join('\n'), 'bomb.yaml'))[0]).toMatch(
      /AP1005 the document holds more than 20000 values/,
    )
  })

  test.each([
    ['brackets', '['.repeat(20_000)],
    ['braces', '{a: '.repeat(20_000)],
    ['lists', '- '.repeat(20_000)],
    ['closed brackets', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['mappings', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('%s without end are refused as too deep', (_what, text) => {
    expect(shortComplaints(() => parseProject(text, 'deep.yaml'))[0]).toMatch(
      /AP1011 values are nested more than 100 levels deep/,
    )
  })

  test('a text of more than 256 KiB is refused unread', () => {
    expect(shortComplaints(() => parseProject('# '.repeat(150_000), 'huge.yaml'))).toEqual([
      '1:1 AP1007 the file has 300000 bytes; at most 262144 are read',
    ])
  })

  test('a prototype cannot be reached through field names', () => {
    const text =
      'kind: A\napiVersion: a.io/v1\nphases: [{name: A, initial: true}]\n__proto__: {polluted: true}\nconstructor: 1\n'
    expect(shortComplaints(() => parseProject(text, 'p.yaml'))).toEqual([
      '4:1 AP1101 unknown field "__proto__" in the file',
      '5:1 AP1101 unknown field "constructor" in the file',
    ])
    expect({}).not.toHaveProperty('polluted')
  })
})
