import { fc, test } from '@fast-check/vitest'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect } from 'vitest'
import { label, literalPattern, requireName } from '../../src/mesh/promql.ts'

describe('texts in PromQL', () => {
  test.each([
    ['web', '"web"'],
    ['a"b', '"a\\"b"'],
    ['a\\b', '"a\\\\b"'],
    ['a\nb\tc\u0000', '"a\\nb\\x09c\\x00"'],
    ['ü 🚀', '"ü 🚀"'],
  ])('%j is written %s', (text, literal) => {
    expect(label(text)).toBe(literal)
  })

  test.prop([fc.string({ unit: 'binary' })])('no text ends its literal', (text) => {
    const names: string[] = []
    parser.parse(`x{a=${label(text)}}`).iterate({ enter: ({ name }) => void names.push(name) })
    expect(names).not.toContain('⚠')
    expect(names.filter((name) => name === 'StringLiteral')).toHaveLength(1)
  })

  test.prop([fc.string(), fc.string()])('a literal pattern matches its text alone', (text, other) => {
    const pattern = new RegExp(`^(?:${literalPattern(text)})$`)
    expect(pattern.test(text)).toBe(true)
    expect(pattern.test(other)).toBe(other === text)
  })

  test.each(['web', 'web-primary', 'web.v2', '0', 'a'.repeat(63), `${'a'.repeat(63)}.b`])('%s is a name', (name) => {
    expect(requireName('workload', name)).toBe(name)
  })

  test.each(['', 'Web', '-web', 'web-', 'a..b', 'web"', 'web\n', 'a_b', 'a'.repeat(64), `${'a.'.repeat(127)}aa`])(
    '%j is refused as a name',
    (name) => {
      expect(() => requireName('workload', name)).toThrow('AP5001 workload')
    },
  )
})
