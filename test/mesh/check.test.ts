import { describe, expect, test } from 'vitest'
import { type Capabilities, type Feature, native } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio, linkerd, smi, smiWithoutMatches } from '../adapters/adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const services: ServiceDirectory = { ports: ({ name }) => (name === 'gone' ? undefined : [80]) }

function to(name: string, matches: HttpMatch[] = [], rule = name): TrafficRule {
  return { name: rule, matches, backends: [{ service: { ...apex, name }, port: 80, weight: 1 }] }
}

function traffic(...rules: TrafficRule[]): ServiceTraffic {
  return { service: apex, ports: [{ port: 80, rules: [...rules, { ...to('web'), name: 'default' }] }] }
}

describe('the order of rules', () => {
  const get = to('a', [{ methods: ['GET'] }])
  const header = to('b', [{ headers: [{ name: 'x', exact: '1' }] }])

  test('always survives a mesh that keeps it', () => {
    expect(checkTraffic(traffic(header, get), istio, services)).toEqual([])
  })

  test('is refused with both names where the mesh turns it around', () => {
    expect(checkTraffic(traffic(header, get), gatewayApi, services)).toMatchObject([
      { code: 'AP2102', message: 'gateway-api tries a before b of shop/web:80, and a request may satisfy both' },
    ])
  })

  test('is judged by each mesh’s own precedence: Linkerd has the method last, the specification second', () => {
    expect(checkTraffic(traffic(get, header), gatewayApi, services)).toEqual([])
    expect(checkTraffic(traffic(header, get), linkerd, services)).toEqual([])
    expect(checkTraffic(traffic(get, header), linkerd, services)).toMatchObject([{ code: 'AP2102' }])
  })

  test('does not matter to rules that exclude each other, or that send requests to the same place', () => {
    const other = to('a', [{ headers: [{ name: 'x', exact: '2' }] }])
    const same = { ...get, name: 'same', backends: header.backends }
    expect(checkTraffic(traffic(header, other), smi, services)).toEqual([])
    expect(checkTraffic(traffic(header, same), smi, services)).toEqual([])
    expect(checkTraffic(traffic(header, get), smi, services)).toMatchObject([
      {
        code: 'AP2102',
        message: 'smi does not say whether b or a of shop/web:80 is tried first, and a request may satisfy both',
      },
    ])
  })

  test('an exact path beats a prefix of the same length in the specification; in Linkerd the first written wins', () => {
    const prefix = to('a', [{ path: { prefixPath: '/foo' } }])
    const exact = to('b', [{ path: { exact: '/foo' } }])
    expect(checkTraffic(traffic(prefix, exact), gatewayApi, services)).toMatchObject([{ code: 'AP2102' }])
    expect(checkTraffic(traffic(prefix, exact), linkerd, services)).toEqual([])
  })

  test('an expression beats a prefix in Linkerd, so it has to be written first', () => {
    const prefix = to('a', [{ path: { prefixPath: '/foo' } }])
    const regex = to('b', [{ path: { regex: '/f.*z' } }])
    expect(checkTraffic(traffic(regex, prefix), linkerd, services)).toEqual([])
    expect(checkTraffic(traffic(prefix, regex), linkerd, services)).toMatchObject([{ code: 'AP2102' }])
  })
})

describe('what a mesh cannot say', () => {
  test.each<[string, HttpMatch, string[]]>([
    ['a path expression', { path: { regex: '/[a-z]' } }, ['gateway-api']],
    ['a path prefix by characters', { path: { prefixString: '/ab' } }, ['gateway-api']],
    ['an absent header', { headers: [{ name: 'x', absent: true }] }, ['gateway-api', 'linkerd', 'smi']],
    ['a query parameter', { queryParams: [{ name: 'q', exact: '1' }] }, ['smi']],
    [
      'two cookies',
      {
        cookies: [
          { name: 'a', exact: '1' },
          { name: 'b', exact: '1' },
        ],
      },
      ['istio', 'gateway-api', 'linkerd', 'smi'],
    ],
    ['a cookie', { cookies: [{ name: 'a', exact: '1' }] }, []],
    ['a method', { methods: ['GET', 'PUT'] }, []],
  ])('%s %j is refused by %j', (_what, match, refusing) => {
    const refused = [istio, gatewayApi, linkerd, smi].filter(
      (adapter) => checkTraffic(traffic(to('a', [match])), adapter, services).length > 0,
    )
    expect(refused.map(({ name }) => name)).toEqual(refusing)
  })

  test('the refusal says what would work', () => {
    expect(checkTraffic(traffic(to('a', [{ path: { prefixString: '/ab' } }])), gatewayApi, services)).toEqual([
      {
        code: 'AP2101',
        message:
          'gateway-api cannot carry a path prefix by characters asked of shop/web: implementations rank an expression for the path as they like, and on Istio one beside a default rule never matches',
        remedy: 'Use prefixPath, which goes by segments, or exact paths.',
        feature: 'pathPrefixString',
      },
    ])
  })

  test('SMI splits all ports alike or not at all', () => {
    const twoPorts: ServiceDirectory = {
      ports: () => [53, 80, 81],
      protocol: (_service, port) => (port === 53 ? 'UDP' : 'TCP'),
    }
    const on = (port: number, name = 'a') => ({
      port,
      rules: [{ ...to(name), name: 'default', backends: [{ service: { ...apex, name }, port, weight: 1 }] }],
    })
    const check = (...ports: ReturnType<typeof on>[]) =>
      checkTraffic({ service: apex, ports }, smi, twoPorts).map(({ code }) => code)
    expect(check(on(80), on(81))).toEqual([])
    expect(check(on(80))).toEqual(['AP2101'])
    expect(check(on(80), on(81, 'b'))).toEqual(['AP2101'])
  })

  test('SMI carries what a port of gRPC says less of: a condition on POST, and a rule that only repeats the last', () => {
    const having = (...ports: number[]): ServiceDirectory => ({
      ports: () => ports,
      application: (_, port) => (port === 90 ? 'grpc' : port === 5432 ? 'tcp' : 'http'),
    })
    const on = (port: number, rules: readonly TrafficRule[]) =>
      rules.map((rule) => ({ ...rule, backends: rule.backends.map((backend) => ({ ...backend, port })) }))
    const check = (requests: readonly TrafficRule[], ...calls: TrafficRule[]) => {
      const grpc = { port: 90, protocol: 'grpc' as const, rules: on(90, calls) }
      const asked = { service: apex, ports: [{ port: 80, rules: on(80, requests) }, grpc] }
      const [refusals, besideTcp] = [having(80, 90), having(80, 90, 5432)].map((services) =>
        checkTraffic(asked, smi, services).map(({ code }) => code),
      )
      // Connections satisfy no conditions on requests, so that what none takes has to stay where it was.
      expect(besideTcp).toEqual(requests.at(-1)?.name === 'web' ? refusals : ['AP2101'])
      return refusals
    }
    const ofMethod = (method: string) => [to('a', [{ methods: [method] }]), to('web')]
    expect(check(ofMethod('POST'), to('a'))).toEqual([])
    expect(check(ofMethod('GET'), to('web'))).toEqual([])
    expect(check(ofMethod('GET'), to('a'))).toEqual(['AP2101'])
    const headers = (exact: string) => ({ headers: [{ name: 'x', exact }] })
    const idle = [to('a', [headers('1')]), to('b', [{ ...headers('2'), methods: ['GET'] }]), to('a')]
    expect(check(idle, to('a'))).toEqual([])
  })

  test('connections are split by every mesh, by server name by all but SMI, whatever the name by SMI and Linkerd', () => {
    const refusing = (protocol: 'tcp' | 'tls', ...names: string[]) => {
      const rule = { ...to('a'), matches: names.map((name) => ({ sniHosts: [name] })) }
      const asked: ServiceTraffic = { service: apex, ports: [{ port: 80, protocol, rules: [rule] }] }
      const meshes = [istio, linkerd, gatewayApi, smi]
      return meshes.filter((mesh) => checkTraffic(asked, mesh, services).length > 0).map(({ name }) => name)
    }
    expect(refusing('tcp')).toEqual([])
    expect(refusing('tls', 'a.example.com')).toEqual(['smi'])
    expect(refusing('tls')).toEqual(['istio', 'gateway-api'])
  })

  test('TrafficSplit v1alpha2 has no matches', () => {
    expect(checkTraffic(traffic(to('a', [{ methods: ['GET'] }])), smiWithoutMatches, services)).toMatchObject([
      { code: 'AP2101' },
    ])
  })

  test('limits count methods as matches of their own, and name the rule', () => {
    const matches = Array.from(
      { length: 33 },
      (_, index): HttpMatch => ({ path: { exact: `/${index}` }, methods: ['GET', 'PUT'] }),
    )
    expect(checkTraffic(traffic(to('a', matches)), gatewayApi, services)).toMatchObject([
      { code: 'AP2116', message: 'a of shop/web:80 asks for 66 matches, and gateway-api allows 64' },
    ])
  })

  test('every table covers every feature, and every caveat and refusal has its words', () => {
    const features: Readonly<Record<Feature, true>> = Object.fromEntries(
      Object.keys(istio.capabilities).map((key) => [key, true]),
    ) as Record<Feature, true>
    for (const { capabilities } of [istio, gatewayApi, linkerd, smi, smiWithoutMatches] satisfies {
      capabilities: Capabilities
    }[]) {
      expect(Object.keys(capabilities).sort()).toEqual(Object.keys(features).sort())
      const words = Object.values(capabilities)
        .filter((support) => support.support !== native().support)
        .flatMap(Object.values)
      expect(words.filter((text) => text === '')).toEqual([])
    }
  })
})

describe('the neutral meaning', () => {
  const request = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }

  test('the first rule that takes a request divides it by weight', () => {
    const rule = {
      name: 'default',
      matches: [],
      backends: [
        { service: { ...apex, name: 'v1' }, port: 80, weight: 90 },
        { service: { ...apex, name: 'v2' }, port: 80, weight: 10 },
      ],
    }
    expect(routeNeutral(request, { service: apex, ports: [{ port: 80, rules: [rule] }] }, services)).toEqual({
      rule: 'default',
      outcomes: [
        { share: 0.9, service: { ...apex, name: 'v1' }, port: 80 },
        { share: 0.1, service: { ...apex, name: 'v2' }, port: 80 },
      ],
    })
  })

  test('a backend that does not exist fails its share, a port without rules is the Service’s own, and no apex is no answer', () => {
    expect(routeNeutral(request, traffic(to('gone', [{ methods: ['GET'] }])), services).outcomes).toEqual([
      { share: 1, status: 503, reason: 'there is no Service shop/gone' },
    ])
    expect(routeNeutral(request, undefined, services)).toEqual({
      rule: null,
      outcomes: [{ share: 1, service: apex, port: 80 }],
    })
    const gone = { ...apex, name: 'gone' }
    expect(routeNeutral({ ...request, service: gone }, undefined, services)).toMatchObject({
      rule: null,
      outcomes: [{ status: 503 }],
    })
  })
})
