import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { apex } from '../../src/adapter-kit/generated-services.ts'
import { cookiePattern, cookieRegexProblem, readCookiePattern } from '../../src/mesh/cookie-pattern.ts'
import { matchHolds } from '../../src/mesh/http-match.ts'
import type { ValueMatch } from '../../src/mesh/match.ts'
import { matchesWhole, regexProblem, spansWhole, unanchored } from '../../src/mesh/regex.ts'

describe('a cookie as an expression for the cookie header', () => {
  const text = fc.stringMatching(/^[ab .*=|-]{0,4}$/)
  const name = fc.constantFrom('a', 'b', 'a.b', 'ab')
  const regex = fc.constantFrom(
    'a*',
    '.',
    '.*',
    '[^a]+',
    'a|ab',
    '[]a]',
    '[^]a]',
    '[^-a]*',
    '\\S+',
    '\\W',
    '(?i)A.',
    'a b',
    '(a)(b)?',
  )
  const cookie: fc.Arbitrary<ValueMatch> = fc.oneof(
    fc.record({ name, exact: text }),
    fc.record({ name, regex }),
    fc.record({ name, present: fc.constant(true as const) }),
  )
  const header = fc
    .array(fc.tuple(fc.constantFrom('', ' ', '\t'), name, fc.constantFrom('=', ''), text), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.map(([space, key, equals, value]) => `${space}${key}${equals}${value}`).join(';'))

  test.prop([cookie, header], { numRuns: 2000 })('holds exactly when one of the cookies does', (condition, value) => {
    const request = { service: apex, port: 80, method: 'GET', path: '/', headers: { cookie: value }, query: {} }
    expect(matchesWhole(`^${cookiePattern(condition)}$`, value)).toBe(matchHolds({ cookies: [condition] }, request))
  })

  test('finds a cookie after the first, which the example of the SMI specification does not', () => {
    expect(matchesWhole('^(.*?;)?(beta=1)(;.*)?$', 'a=b; beta=1')).toBe(false)
    expect(matchesWhole(cookiePattern({ name: 'beta', exact: '1' }), 'a=b; beta=1')).toBe(true)
  })

  test.prop([cookie.filter((one) => 'exact' in one)])('is read back', (condition) => {
    expect(readCookiePattern(`^${cookiePattern(condition)}$`)).toEqual(condition)
    expect(readCookiePattern(`^(?:${cookiePattern(condition)})$`)).toEqual(condition)
  })

  test.each(['a;b', '\\;', '[:-<]', '^a', 'a$|b', '\\x3b', '\\pP'])(
    'the expression %s could reach beyond its cookie and is refused',
    (pattern) => {
      expect(cookieRegexProblem(pattern)).toBeDefined()
    },
  )
})

describe('regular expressions', () => {
  test.each(['(?=a)', '(a)\\1', '[a', '\\Qa.b\\E', '[a&&b]', '[[a]b]', 'a{2000}'])('%s is refused', (pattern) => {
    expect(regexProblem(pattern)).toBeDefined()
  })

  test.each(['a|b', '(?i)abc', '[[:alpha:]]+', '\\d{1,3}', '(?P<n>x)', 'ü+'])('%s is taken', (pattern) => {
    expect(regexProblem(pattern)).toBeUndefined()
  })

  test.each([
    ['^(?:a|b)$', 'a|b'],
    ['^a$', 'a'],
    ['^a|b$', '^a|b$'],
    ['(?:a)(?:b)', '(?:a)(?:b)'],
    ['^a\\$', '^a\\$'],
    ['^(?:(?i)a)$', '(?i)a'],
  ])('%s is %s without what anchors all of it', (pattern, inside) => {
    expect(unanchored(pattern)).toBe(inside)
  })

  test('Linkerd takes the leftmost-first match, which has to span the value', () => {
    expect(spansWhole('foo|foobar', 'foobar')).toBe(false)
    expect(spansWhole('^(?:foo|foobar)$', 'foobar')).toBe(true)
    expect(matchesWhole('foo|foobar', 'foobar')).toBe(true)
  })
})
