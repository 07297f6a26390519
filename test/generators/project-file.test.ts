import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { generated, isGenerated, isIntact } from '../../generators/project/project-file.ts'

const bodies: Readonly<Record<string, string>> = {
  'a.ts': 'export const a = 1\n',
  'a.yaml': 'a: 1\n',
  'a.md': '# a\n',
  'a.json': '{\n  "a": 1\n}\n',
}

describe.each(Object.entries(bodies))('a generated %s', (path, body) => {
  const { text } = generated(path, body)

  test('says that it is generated, and is intact', () => {
    expect(isGenerated(text)).toBe(true)
    expect(isIntact(text)).toBe(true)
  })

  test('is intact whatever its line ends are', () => {
    expect(isIntact(text.replaceAll('\n', '\r\n'))).toBe(true)
  })

  test.prop([fc.nat(body.length), fc.string({ minLength: 1 })])(
    'is not intact when somebody writes into it',
    (at, typed) => {
      const start = text.indexOf('\n', text.indexOf('Digest')) + 1
      const offset = start + (at % (text.length - start + 1))
      const edited = text.slice(0, offset) + typed + text.slice(offset)
      fc.pre(typed.replaceAll('\r\n', '\n') !== '')
      expect(isIntact(edited)).toBe(false)
    },
  )
})

test('a file of the user is not taken for a generated one', () => {
  for (const body of Object.values(bodies)) expect(isGenerated(body)).toBe(false)
})

test('a generated JSON file stays JSON', () => {
  expect(JSON.parse(generated('a.json', bodies['a.json'] ?? '').text)).toMatchObject({ a: 1 })
})
