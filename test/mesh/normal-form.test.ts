import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { apex, generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { meshRequest } from '../../src/adapter-kit/request-arbitraries.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import { disjoint } from '../../src/mesh/disjoint.ts'
import { matchHolds } from '../../src/mesh/http-match.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { normalMatches } from '../../src/mesh/normal-matches.ts'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'

const requests = fc.array(meshRequest(), { minLength: 20, maxLength: 20 })

describe('the normal form', () => {
  test.prop([serviceTraffic()], { numRuns: 200 })('is its own normal form', (traffic) => {
    const normal = normalForm(traffic)
    expect(normalForm(normal)).toEqual(normal)
  })

  test.prop([serviceTraffic(), requests], { numRuns: 200 })('means the same', (traffic, all) => {
    for (const request of all) {
      const [before, after] = [traffic, normalForm(traffic)].map(
        (one) => routeNeutral(request, one, generatedServices).outcomes,
      )
      expect(after).toEqual(before)
    }
  })

  test.prop([serviceTraffic(), fc.infiniteStream(fc.nat())], { numRuns: 100 })(
    'does not depend on orders that mean nothing',
    (traffic, stream) => {
      const shuffled = <Item>(items: readonly Item[]) =>
        items
          .map((item) => ({ item, key: stream.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item)
      const other: ServiceTraffic = {
        ...traffic,
        ports: shuffled(traffic.ports).map(({ rules, ...spoken }) => ({
          ...spoken,
          rules: rules.map((rule) => ({ ...rule, matches: shuffled(rule.matches), backends: shuffled(rule.backends) })),
        })),
      }
      expect(normalForm(other)).toEqual(normalForm(traffic))
    },
  )

  test('reduces weights to their ratio and drops those of zero', () => {
    expect(weights([90, 10])).toEqual([9, 1])
    expect(weights([0, 100])).toEqual([1])
    expect(weights([0, 0])).toEqual([0, 0])
    expect(weights([33, 34])).toEqual([33, 34])
  })

  test('puts rules that exclude each other into one order, and keeps the order of those that do not', () => {
    const rule = (name: string, matches: HttpMatch[], weight: number): TrafficRule => ({
      name,
      matches,
      backends: [
        { service: apex, port: 80, weight: 1 },
        { service: { ...apex, name: 'web-v2' }, port: 80, weight },
      ],
    })
    const yes = rule('yes', [{ headers: [{ name: 'x', exact: 'yes' }] }], 1)
    const no = rule('no', [{ headers: [{ name: 'x', exact: 'no' }] }], 2)
    const get = rule('get', [{ methods: ['GET'] }], 3)
    const order = (...rules: TrafficRule[]) =>
      normalForm({ service: apex, ports: [{ port: 80, rules: [...rules, rule('default', [], 5)] }] })
    expect(order(yes, no)).toEqual(order(no, yes))
    expect(order(yes, get)).not.toEqual(order(get, yes))
  })

  test('ends with the first rule that takes everything', () => {
    const rules = [rule([{ path: { prefixPath: '/' } }]), rule([{ methods: ['GET'] }]), rule([])]
    expect(normalForm({ service: apex, ports: [{ port: 80, rules }] }).ports[0]?.rules).toEqual([
      { ...rule([]), name: 'default' },
    ])
  })
})

describe('matches in normal form', () => {
  test.each<[string, HttpMatch[], HttpMatch[]]>([
    ['methods share a match', [{ methods: ['POST'] }, { methods: ['GET'] }], [{ methods: ['GET', 'POST'] }]],
    [
      'any method takes in the others',
      [{ path: { exact: '/a' }, methods: ['GET'] }, { path: { exact: '/a' } }],
      [{ path: { exact: '/a' } }],
    ],
    [
      'a path and all below it are a prefix by segments',
      [{ path: { exact: '/a' } }, { path: { prefixString: '/a/' } }],
      [{ path: { prefixPath: '/a' } }],
    ],
    [
      'that only for the methods they share',
      [
        { path: { exact: '/a' }, methods: ['GET', 'PUT'] },
        { path: { prefixString: '/a/' }, methods: ['GET'] },
      ],
      [
        { path: { exact: '/a' }, methods: ['PUT'] },
        { path: { prefixPath: '/a' }, methods: ['GET'] },
      ],
    ],
    [
      'expressions that are texts are texts',
      [{ headers: [{ name: 'X', regex: '^(?:a\\.b)$' }] }],
      [{ headers: [{ name: 'x', exact: 'a.b' }] }],
    ],
    ['expressions that are prefixes are prefixes', [{ path: { regex: '/a.*' } }], [{ path: { prefixString: '/a' } }]],
    ['alternatives stay expressions', [{ path: { regex: '^/a|/b$' } }], [{ path: { regex: '^/a|/b$' } }]],
    [
      'one that always holds makes the rule unconditional',
      [{ methods: ['GET'] }, { path: { regex: '/.*' } }],
      [{ path: { regex: '/.*' } }],
    ],
    [
      'the header of a cookie is the cookie',
      [{ headers: [{ name: 'Cookie', regex: '^(.*?;\\s*)?beta=1(;.*)?$' }] }],
      [{ cookies: [{ name: 'beta', exact: '1' }] }],
    ],
  ])('%s', (title, matches, expected) => {
    expect(normalMatches(matches)).toEqual(title.startsWith('one that always') ? [] : expected)
  })
})

describe('matches that are called disjoint', () => {
  const texts = ['/', '/a', '/a/', '/ab', '/a/b', '/a/b/c', '/abc', '/c']
  const pathMatches = texts.flatMap((text): HttpMatch[] => [
    { path: { exact: text } },
    { path: { prefixPath: text } },
    { path: { prefixString: text } },
    { path: { regex: `${text}.*c` } },
  ])
  const values = ['', 'a', 'ab', 'abc', 'b']
  const conditions: Exclude<HttpMatch['headers'], undefined> = values.flatMap((text) => [
    { name: 'x', exact: text },
    { name: 'x', prefix: text },
    { name: 'x', regex: `${text}.?` },
    { name: 'x', present: true as const },
    { name: 'x', absent: true as const },
  ])
  const headerMatches = conditions.map((header): HttpMatch => ({ headers: [header] }))
  const paramMatches = conditions.flatMap((param): HttpMatch[] =>
    'prefix' in param || 'absent' in param ? [] : [{ queryParams: [param] }],
  )
  const plain = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }
  const all = [
    plain,
    ...texts.map((path) => ({ ...plain, path })),
    ...values.flatMap((x) => [
      { ...plain, headers: { x } },
      { ...plain, query: { x } },
    ]),
  ]

  test.each([
    ['paths', pathMatches],
    ['headers', headerMatches],
    ['query parameters', paramMatches],
  ])('never both hold: all pairs of %s', (_kind, matches) => {
    const normal = matches.map((match) => normalMatches([match])[0] ?? {})
    const wrong = normal.flatMap((a) =>
      normal
        .filter((b) => disjoint(a, b) && all.some((request) => matchHolds(a, request) && matchHolds(b, request)))
        .map((b) => [a, b]),
    )
    expect(wrong).toEqual([])
  })

  test.each<[HttpMatch, HttpMatch, boolean]>([
    [{ methods: ['GET'] }, { methods: ['POST'] }, true],
    [{ methods: ['GET'] }, { path: { exact: '/a' } }, false],
    [{ path: { prefixPath: '/a' } }, { path: { prefixPath: '/ab' } }, true],
    [{ path: { prefixString: '/a' } }, { path: { prefixPath: '/ab' } }, false],
    [{ path: { prefixPath: '/a' } }, { path: { prefixString: '/ab' } }, true],
    [{ path: { regex: '/[ab]' } }, { path: { exact: '/c' } }, true],
    [{ headers: [{ name: 'x', exact: 'a' }] }, { headers: [{ name: 'x', regex: 'b|c' }] }, true],
    [{ headers: [{ name: 'x', absent: true }] }, { headers: [{ name: 'x', prefix: 'b' }] }, true],
    [{ cookies: [{ name: 'x', exact: 'a' }] }, { cookies: [{ name: 'x', exact: 'b' }] }, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(disjoint(a, b)).toBe(expected)
    expect(disjoint(b, a)).toBe(expected)
  })
})

function rule(matches: HttpMatch[]): TrafficRule {
  return { name: 'r', matches, backends: [{ service: apex, port: 80, weight: 1 }] }
}

function weights(given: number[]): number[] | undefined {
  const backends = given.map((weight, index) => ({ service: { ...apex, name: `web-v${index}` }, port: 80, weight }))
  const traffic = { service: apex, ports: [{ port: 80, rules: [{ name: 'default', matches: [], backends }] }] }
  return normalForm(traffic).ports[0]?.rules[0]?.backends.map(({ weight }) => weight)
}
