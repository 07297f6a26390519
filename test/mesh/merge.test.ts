import { describe, expect, test } from 'vitest'
import { mergeTraffic, type TrafficRequest } from '../../src/mesh/merge.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'

const services: ServiceDirectory = {
  ports: ({ namespace, name }) => {
    if (namespace !== 'shop') return undefined
    if (name === 'dns') return [53]
    return ['web', 'api', 'headless'].includes(name) ? [53, 80, 9797] : undefined
  },
  protocol: (_service, port) => (port === 53 ? 'UDP' : 'TCP'),
  type: ({ name }) => (name === 'headless' ? 'Headless' : 'ClusterIP'),
}

const backends = [
  { service: 'web-v1', weight: 90 },
  { service: 'web-v2', weight: 10 },
]
const beta = [{ headers: [{ name: 'X-Beta', exact: 'yes' }] }]

function request(outputs: NeutralOutputs, source = 'CanaryDeployment shop/web'): TrafficRequest {
  return { source, namespace: 'shop', outputs }
}

/** As a worker in plain JavaScript may return anything. */
function untyped(outputs: unknown, source?: string): TrafficRequest {
  return request(outputs as NeutralOutputs, source)
}

function codes(...requests: TrafficRequest[]): string[] {
  return mergeTraffic(requests, services).diagnostics.map(({ code }) => code)
}

describe('merging', () => {
  test('a plain split becomes the default rule of every TCP port of the apex', () => {
    const { traffic, diagnostics } = mergeTraffic(
      [request({ trafficsplits: [{ name: 'web', service: 'web', backends }] })],
      services,
    )
    const at = (port: number) => ({
      port,
      rules: [
        {
          name: 'default',
          matches: [],
          backends: [
            { service: { namespace: 'shop', name: 'web-v1' }, port, weight: 90 },
            { service: { namespace: 'shop', name: 'web-v2' }, port, weight: 10 },
          ],
        },
      ],
    })
    expect(diagnostics).toEqual([])
    expect(traffic).toEqual([{ service: { namespace: 'shop', name: 'web' }, ports: [at(80), at(9797)] }])
  })

  test('a split with matches goes before, and what it leaves belongs to the apex itself', () => {
    const split = {
      name: 'ab',
      service: 'web',
      ports: [80],
      matches: beta,
      backends: [{ service: 'web-v2', port: 8080, weight: 1 }],
    }
    const { traffic } = mergeTraffic([request({ trafficsplits: [split] })], services)
    expect(traffic[0]?.ports).toEqual([
      {
        port: 80,
        rules: [
          {
            name: 'ab',
            matches: [{ headers: [{ name: 'x-beta', exact: 'yes' }] }],
            backends: [{ service: { namespace: 'shop', name: 'web-v2' }, port: 8080, weight: 1 }],
          },
          {
            name: 'default',
            matches: [],
            backends: [{ service: { namespace: 'shop', name: 'web' }, port: 80, weight: 100 }],
          },
        ],
      },
    ])
  })

  test('rules stand in the order of their sources and then as listed, and equal names are told apart', () => {
    const split = (name: string) => ({ name, service: 'web', ports: [80], matches: beta, backends })
    const { traffic } = mergeTraffic(
      [
        request({ trafficsplits: [split('z'), split('default')] }, 'Experiment shop/b'),
        request({ trafficsplits: [split('z'), split('a')] }, 'Experiment shop/a'),
      ],
      services,
    )
    expect(traffic[0]?.ports[0]?.rules.map(({ name }) => name)).toEqual(['z', 'a', 'z-2', 'default-2', 'default'])
  })

  test('matches of route groups are those of all, of the named ones, and of the own group before that of others', () => {
    const group = (prefixPath: string) => ({
      name: 'routes',
      matches: [
        { name: 'one', path: { prefixPath } },
        { name: 'two', methods: ['GET'] },
      ],
    })
    const split = (matches: string[] | undefined) => ({
      name: 'ab',
      service: 'web',
      ports: [80],
      matches: [{ kind: 'HTTPRouteGroup' as const, name: 'routes', ...(matches && { matches }) }],
      backends,
    })
    const merged = (matches?: string[]) =>
      mergeTraffic(
        [
          request({ httproutegroups: [group('/other')] }, 'A shop/a'),
          request({ trafficsplits: [split(matches)], httproutegroups: [group('/own/')] }, 'B shop/b'),
        ],
        services,
      ).traffic[0]?.ports[0]?.rules[0]?.matches
    expect(merged()).toEqual([{ path: { prefixPath: '/own' } }, { methods: ['GET'] }])
    expect(merged(['two'])).toEqual([{ methods: ['GET'] }])
  })

  test('what is wrong with one apex does not touch another, and its objects are to be left alone', () => {
    const { traffic, refused, diagnostics } = mergeTraffic(
      [
        request({
          trafficsplits: [
            { name: 'one', service: 'web', backends: [] },
            { name: 'two', service: 'api', backends },
          ],
        }),
      ],
      services,
    )
    expect(traffic.map(({ service }) => service.name)).toEqual(['api'])
    expect(refused).toEqual([{ namespace: 'shop', name: 'web' }])
    expect(diagnostics.map(({ code, sources }) => [code, sources])).toEqual([['AP2107', ['CanaryDeployment shop/web']]])
  })

  test('two plain splits of one port are refused and both named', () => {
    const split = { name: 'web', service: 'web', ports: [80], backends }
    const { diagnostics } = mergeTraffic(
      [request({ trafficsplits: [split] }, 'A shop/a'), request({ trafficsplits: [split] }, 'B shop/b')],
      services,
    )
    expect(diagnostics).toMatchObject([
      {
        code: 'AP2103',
        message: 'A shop/a: TrafficSplit web and B shop/b: TrafficSplit web both split shop/web:80 without matches',
        sources: ['A shop/a', 'B shop/b'],
      },
    ])
  })

  test('two plain splits of different ports live together', () => {
    const split = (name: string, port: number) => ({ name, service: 'web', ports: [port], backends })
    expect(codes(request({ trafficsplits: [split('a', 80), split('b', 9797)] }))).toEqual([])
  })
})

describe('each mistake has its own diagnostic', () => {
  const split = (changes: object) => untyped({ trafficsplits: [{ name: 'web', service: 'web', backends, ...changes }] })
  const match = (value: unknown) => split({ matches: [value] })
  const backend = (value: object) => split({ backends: [{ service: 'web-v1', weight: 1, ...value }] })
  const group = (value: object) =>
    untyped({ httproutegroups: [{ name: 'g', matches: [{ name: 'm', methods: ['GET'] }], ...value }] })
  const ref = { kind: 'HTTPRouteGroup', name: 'g' }

  test.each<[string, string, TrafficRequest]>([
    ['a missing apex', 'AP2105', split({ service: 'gone' })],
    ['a missing port', 'AP2106', split({ ports: [81] })],
    ['a port that is UDP', 'AP2106', split({ ports: [53] })],
    ['a service of UDP only', 'AP2119', split({ service: 'dns' })],
    ['a headless apex', 'AP2115', split({ service: 'headless' })],
    ['no backends', 'AP2107', split({ backends: [] })],
    ['backends that are no list', 'AP2107', split({ backends: 'web-v1' })],
    ['only zero weights', 'AP2108', backend({ weight: 0 })],
    ['a negative weight', 'AP2109', backend({ weight: -1 })],
    ['a weight in parts', 'AP2109', backend({ weight: 0.5 })],
    ['a weight that is not a number', 'AP2109', backend({ weight: Number.NaN })],
    ['a weight in thousandths', 'AP2109', backend({ weight: '500m' })],
    ['a huge weight', 'AP2109', backend({ weight: 1_000_001 })],
    ['one backend twice', 'AP2110', split({ backends: [...backends, { service: 'web-v1', weight: 1 }] })],
    [
      'one backend twice, once by its port',
      'AP2110',
      split({ ports: [80], backends: [...backends, { service: 'web-v1', port: 80, weight: 1 }] }),
    ],
    [
      'one name twice',
      'AP2111',
      untyped({ trafficsplits: [0, 1].map(() => ({ name: 'ab', service: 'web', matches: beta, backends })) }),
    ],
    ['a bad name', 'AP2117', split({ name: 'Web_1' })],
    ['a bad backend name', 'AP2117', backend({ service: 'web.v1' })],
    ['a bad namespace', 'AP2117', split({ namespace: 'a/b' })],
    ['a service that is no name', 'AP2104', split({ service: 7 })],
    ['an unknown field', 'AP2104', split({ weigths: [] })],
    ['ports that are none', 'AP2104', split({ ports: ['http'] })],
    ['splits that are no list', 'AP2104', untyped({ trafficsplits: {} })],
    ['a split that is no object', 'AP2104', untyped({ trafficsplits: [null] })],
    ['an empty list of matches', 'AP2104', split({ matches: [] })],
    ['a match without a condition', 'AP2104', match({})],
    ['a match that is no object', 'AP2104', match('x')],
    ['a condition of two kinds', 'AP2104', match({ path: { exact: '/a', regex: '/a' } })],
    ['an unknown route group', 'AP2112', match(ref)],
    ['look-around', 'AP2114', match({ path: { regex: '/(?=a)' } })],
    ['a back-reference', 'AP2114', match({ headers: [{ name: 'x', regex: '(a)\\1' }] })],
    ['an expression that is none', 'AP2114', match({ queryParams: [{ name: 'x', regex: '[' }] })],
    ['an expression that meshes read differently', 'AP2114', match({ headers: [{ name: 'x', regex: '[a-z&&b]' }] })],
    ['a bad SMI expression', 'AP2114', match({ pathRegex: '(' })],
    ['an unknown method', 'AP2118', match({ methods: ['BREW'] })],
    ['a method in lower case', 'AP2118', match({ methods: ['get'] })],
    ['a header that is no token', 'AP2118', match({ headers: [{ name: 'x y', exact: 'a' }] })],
    ['an empty header value', 'AP2118', match({ headers: [{ name: 'x', exact: '' }] })],
    ['a relative path', 'AP2118', match({ path: { exact: 'a' } })],
    ['a path with a query', 'AP2118', match({ path: { exact: '/a?b' } })],
    ['a path that meshes resolve', 'AP2118', match({ path: { prefixPath: '/a/../b' } })],
    ['a path that meshes decode', 'AP2118', match({ path: { exact: '/%66oo' } })],
    ['a path that is too long', 'AP2118', match({ path: { exact: `/${'a'.repeat(1024)}` } })],
    ['a cookie with a ;', 'AP2118', match({ cookies: [{ name: 'a', exact: 'b;c' }] })],
    ['a cookie expression with anchors inside', 'AP2118', match({ cookies: [{ name: 'a', regex: 'b|^c' }] })],
    ['a group without matches', 'AP2104', group({ matches: [] })],
    ['a group with one match twice', 'AP2111', group({ matches: [0, 1].map(() => ({ name: 'm', methods: ['GET'] })) })],
    ['a group match without a name', 'AP2117', group({ matches: [{ methods: ['GET'] }] })],
  ])('%s: %s', (_mistake, code, wrong) => {
    expect(codes(wrong)).toEqual([code])
  })

  test('an unknown match of a group tells which there are', () => {
    const outputs = {
      trafficsplits: [{ name: 'web', service: 'web', matches: [{ ...ref, matches: ['n'] }], backends }],
      httproutegroups: [{ name: 'g', matches: [{ name: 'm', methods: ['GET'] }] }],
    }
    expect(mergeTraffic([untyped(outputs)], services).diagnostics.map(({ message }) => message)).toEqual([
      'CanaryDeployment shop/web: TrafficSplit web refers to the match n of HTTPRouteGroup g, which has m',
    ])
  })

  test('a group that is not in order holds up the splits that use it', () => {
    const outputs = {
      trafficsplits: [{ name: 'web', service: 'web', matches: [ref], backends }],
      httproutegroups: [
        {
          name: 'g',
          matches: [
            { name: 'm', methods: ['BREW'] },
            { name: 'n', methods: ['GET'] },
          ],
        },
      ],
    }
    const { traffic, refused } = mergeTraffic([untyped(outputs)], services)
    expect(traffic).toEqual([])
    expect(refused).toEqual([{ namespace: 'shop', name: 'web' }])
  })
})

describe('matches in the words of SMI', () => {
  const matchOf = (value: unknown) => {
    const { traffic, diagnostics } = mergeTraffic(
      [untyped({ trafficsplits: [{ name: 'ab', service: 'web', ports: [80], matches: [value], backends }] })],
      services,
    )
    expect(diagnostics).toEqual([])
    return traffic[0]?.ports[0]?.rules[0]?.matches[0]
  }

  test.each<[string, object]>([
    ['/api', { path: { prefixString: '/api' } }],
    ['/api.*', { path: { prefixString: '/api' } }],
    ['^/api$', { path: { exact: '/api' } }],
    ['/api(/.*)?$', { path: { prefixPath: '/api' } }],
    ['/v\\d+/x', { path: { regex: '/v\\d+/x.*' } }],
    ['/a|/b', { path: { regex: '(?:/a|/b).*' } }],
    ['/a|/b$', { path: { regex: '(?:/a|/b$).*' } }],
    ['/a\\.b$', { path: { exact: '/a.b' } }],
    ['/.*', {}],
    ['.*', {}],
  ])('the path expression %s is anchored at its start only', (pathRegex, match) => {
    expect(matchOf({ pathRegex })).toEqual(match)
  })

  test('headers are read as a list of maps and as one map', () => {
    const expected = {
      headers: [
        { name: 'cookie-law', exact: 'yes' },
        { name: 'user-agent', regex: '.*Firefox.*' },
      ],
    }
    expect(matchOf({ headers: [{ 'User-Agent': '.*Firefox.*' }, { 'cookie-law': 'yes' }] })).toEqual(expected)
    expect(matchOf({ headers: { 'user-agent': '.*Firefox.*', 'cookie-law': '^yes$' } })).toEqual(expected)
    expect(matchOf({ headers: [{ name: 'anna' }] })).toEqual({ headers: [{ name: 'name', exact: 'anna' }] })
  })

  test('the method * is any method', () => {
    expect(matchOf({ methods: ['*'], pathRegex: '/a' })).toEqual({ path: { prefixString: '/a' } })
  })
})
