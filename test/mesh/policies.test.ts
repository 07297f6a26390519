import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { meshRequest } from '../../src/adapter-kit/request-arbitraries.ts'
import { anyMatchHolds } from '../../src/mesh/http-match.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { mergeTraffic, type TrafficRequest } from '../../src/mesh/merge.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'

const services: ServiceDirectory = {
  ports: ({ namespace, name }) => {
    if (namespace !== 'shop' || name === 'gone') return undefined
    return name === 'db' ? [5432] : [80, 5432, 9090]
  },
  application: ({ name }, port) => (port === 5432 || name === 'db' ? 'tcp' : 'http'),
}
const backends = [
  { service: 'web-v1', weight: 90 },
  { service: 'web-v2', weight: 10 },
]
const beta: HttpMatch[] = [{ headers: [{ name: 'x-beta', exact: 'yes' }] }]

function from(source: string, outputs: unknown): TrafficRequest {
  // As a worker in plain JavaScript may return anything.
  return { source, namespace: 'shop', outputs: outputs as NeutralOutputs }
}

function rulesOf(port: number, ...requests: TrafficRequest[]) {
  const { traffic, diagnostics } = mergeTraffic(requests, services)
  expect(diagnostics).toEqual([])
  return traffic[0]?.ports.find((one) => one.port === port)?.rules
}

describe('policies and splits of one service', () => {
  const canary = from('CanaryDeployment shop/web', {
    trafficsplits: [{ name: 'web', service: 'web', ports: [80], backends }],
  })
  const chaos = from('ChaosExperiment shop/web', {
    faultinjections: [
      { name: 'chaos', service: 'web', ports: [80], matches: beta, abort: { status: 503, percent: 20 } },
    ],
  })

  test('a chaos experiment and a canary compose, faulted requests first, and come apart again', () => {
    const divided = [
      { service: { namespace: 'shop', name: 'web-v1' }, port: 80, weight: 90 },
      { service: { namespace: 'shop', name: 'web-v2' }, port: 80, weight: 10 },
    ]
    const plain = { name: 'default', matches: [], backends: divided }
    const fault = { abort: { status: 503, percent: 20 } }
    expect(rulesOf(80, chaos, canary)).toEqual([{ name: 'chaos', matches: beta, backends: divided, fault }, plain])
    expect(rulesOf(80, canary)).toEqual([plain])
    const itself = [{ service: { namespace: 'shop', name: 'web' }, port: 80, weight: 100 }]
    expect(rulesOf(80, chaos)).toEqual([
      { name: 'chaos', matches: beta, backends: itself, fault },
      { name: 'default', matches: [], backends: itself },
    ])
  })

  test('a policy without ports is about all that speak HTTP, and a split without about all of TCP', () => {
    const retry = { name: 'r', service: 'web', timeout: 1500, retries: { attempts: 2, conditions: ['5xx', 429] } }
    const split = { name: 'web', service: 'web', backends }
    const { traffic } = mergeTraffic([from('A shop/a', { trafficsplits: [split], retrypolicies: [retry] })], services)
    expect(traffic[0]?.ports.map(({ port, rules }) => [port, rules[0]?.timeout, rules[0]?.retries])).toEqual([
      [80, 1500, { attempts: 2, conditions: ['5xx', '429'] }],
      [5432, undefined, undefined],
      [9090, 1500, { attempts: 2, conditions: ['5xx', '429'] }],
    ])
  })

  test('a copy goes to the port of the request unless another is named', () => {
    const mirror = { name: 'm', service: 'web', to: 'shadow' }
    const to = (port: number) => [{ service: { namespace: 'shop', name: 'shadow' }, port, percent: 100 }]
    expect(rulesOf(9090, from('A shop/a', { trafficmirrors: [mirror] }))?.[0]?.mirrors).toEqual(to(9090))
    const named = { ...mirror, port: 8080, percent: 100 }
    expect(rulesOf(9090, from('A shop/a', { trafficmirrors: [named] }))?.[0]?.mirrors).toEqual(to(8080))
  })

  test('a redirect leaves nothing for the others to do', () => {
    const outputs = {
      trafficsplits: [{ name: 'web', service: 'web', ports: [80], backends }],
      faultinjections: [{ name: 'f', service: 'web', ports: [80], abort: { status: 500, percent: 1 } }],
      headerpolicies: [
        {
          name: 'old',
          service: 'web',
          ports: [80],
          matches: [{ path: { exact: '/old' } }],
          redirect: { path: '/new' },
        },
      ],
    }
    expect(rulesOf(80, from('A shop/a', outputs))).toMatchObject([
      { name: 'old', backends: [], redirect: { path: '/new', status: 302 } },
      { name: 'default', fault: { abort: { status: 500, percent: 1 } } },
    ])
    expect(rulesOf(80, from('A shop/a', outputs))?.[0]).not.toHaveProperty('fault')
  })

  test('matches of a split and of a policy that exclude each other never meet; those that agree make no second rule', () => {
    const split = (value: string) => ({
      trafficsplits: [
        {
          name: 'ab',
          service: 'web',
          ports: [80],
          matches: [{ headers: [{ name: 'x-beta', exact: value }] }],
          backends,
        },
      ],
    })
    const names = (value: string) => rulesOf(80, from('Z shop/z', split(value)), chaos)?.map(({ name }) => name)
    expect(names('no')).toEqual(['ab', 'chaos', 'default'])
    expect(names('yes')).toEqual(['ab', 'chaos', 'default'])
    expect(rulesOf(80, from('Z shop/z', split('yes')), chaos)?.map(({ fault }) => fault?.abort?.percent)).toEqual([
      20,
      20,
      undefined,
    ])
  })

  test('two policies of one kind for all requests are refused and both named, and the running state is to stay', () => {
    const policy = { faultinjections: [{ name: 'f', service: 'web', ports: [80], abort: { status: 500, percent: 1 } }] }
    const { traffic, refused, diagnostics } = mergeTraffic(
      [from('A shop/a', policy), from('B shop/b', policy)],
      services,
    )
    expect(traffic).toEqual([])
    expect(refused).toEqual([{ namespace: 'shop', name: 'web' }])
    expect(diagnostics).toMatchObject([
      {
        code: 'AP2141',
        message: 'A shop/a: FaultInjection f and B shop/b: FaultInjection f are both about all requests to shop/web:80',
        sources: ['A shop/a', 'B shop/b'],
      },
    ])
  })
})

describe('each mistake has its own diagnostic', () => {
  const common = { name: 'p', service: 'web', ports: [80] }
  const one = (kind: string, changes: object) => ({ [kind]: [{ ...common, ...changes }] })
  const retry = (retries: object) => one('retrypolicies', { retries })
  const fault = (abort: object) => one('faultinjections', { abort })
  const headers = (changes: object) => one('headerpolicies', changes)
  const split = (matches: HttpMatch[]) => [{ name: 's', service: 'web', ports: [80], matches, backends }]

  test.each<[string, string, object]>([
    ['a service that is not there', 'AP2105', one('retrypolicies', { service: 'gone', timeout: 1 })],
    ['a port that does not speak HTTP', 'AP2144', one('retrypolicies', { ports: [5432], timeout: 1 })],
    [
      'no port that speaks HTTP',
      'AP2144',
      { faultinjections: [{ name: 'f', service: 'db', abort: { status: 500, percent: 1 } }] },
    ],
    ['no service', 'AP2104', { faultinjections: [{ name: 'f' }] }],
    ['policies that are no list', 'AP2104', { trafficmirrors: {} }],
    [
      'one name twice',
      'AP2111',
      { trafficmirrors: ['a', 'b'].map((to, index) => ({ ...common, to, ports: [[80, 9090][index]] })) },
    ],
    ['an unknown field', 'AP2104', one('retrypolicies', { timeout: 1, tiemout: 1 })],
    [
      'an unknown route group',
      'AP2112',
      one('retrypolicies', { timeout: 1, matches: [{ kind: 'HTTPRouteGroup', name: 'g' }] }),
    ],
    ['nothing asked for', 'AP2104', one('retrypolicies', {})],
    ['a timeout as text', 'AP2140', one('retrypolicies', { timeout: '1s' })],
    ['a timeout of parts of milliseconds', 'AP2140', one('retrypolicies', { timeout: 0.5 })],
    [
      'a time for a try above that for all',
      'AP2140',
      one('retrypolicies', { timeout: 5, retries: { attempts: 1, conditions: ['5xx'], perTryTimeout: 6 } }),
    ],
    ['negative attempts', 'AP2140', retry({ attempts: -1, conditions: ['5xx'] })],
    ['attempts for no reason', 'AP2104', retry({ attempts: 1 })],
    ['no attempts and a reason', 'AP2104', retry({ attempts: 0, conditions: ['5xx'] })],
    ['a condition that nobody knows', 'AP2140', retry({ attempts: 1, conditions: ['sometimes'] })],
    ['no fault at all', 'AP2104', one('faultinjections', {})],
    ['a status that Envoy refuses', 'AP2140', fault({ status: 600, percent: 1 })],
    ['more than all requests', 'AP2140', fault({ status: 500, percent: 101 })],
    ['a share too fine to say', 'AP2140', fault({ status: 500, percent: 0.00001 })],
    ['a share that is missing', 'AP2140', fault({ status: 500 })],
    ['a delay without a duration', 'AP2140', one('faultinjections', { delay: { percent: 1 } })],
    ['a copy to no name', 'AP2117', one('trafficmirrors', { to: 'a.b' })],
    ['a policy that changes nothing', 'AP2104', headers({})],
    ['changes that are none', 'AP2104', headers({ request: {} })],
    ['one header set and removed', 'AP2146', headers({ request: { set: { 'X-A': 'a' }, remove: ['x-a'] } })],
    ['the host as a header', 'AP2146', headers({ request: { set: { Host: 'a' } } })],
    ['a header that proxies keep', 'AP2146', headers({ response: { remove: ['Transfer-Encoding'] } })],
    ['a command of Envoy', 'AP2146', headers({ request: { add: { 'x-a': '%PROTOCOL%' } } })],
    ['a path that is none', 'AP2146', headers({ rewrite: { path: 'new' } })],
    ['a host with a port', 'AP2146', headers({ rewrite: { host: 'a:80' } })],
    ['a redirect to where one is', 'AP2104', headers({ redirect: { status: 301 } })],
    ['a redirect with a status that is none', 'AP2140', headers({ redirect: { path: '/', status: 200 } })],
    ['a redirect and a rewrite', 'AP2104', headers({ redirect: { path: '/' }, rewrite: { path: '/' } })],
    [
      'a split to a fault backend',
      'AP2147',
      { trafficsplits: [{ name: 's', service: 'web', backends: [{ service: 'fault-503', weight: 1 }] }] },
    ],
    [
      'two expressions for one path',
      'AP2142',
      {
        trafficsplits: split([{ path: { regex: '/a.+' } }]),
        ...one('retrypolicies', { timeout: 1, matches: [{ path: { regex: '/.b' } }] }),
      },
    ],
    [
      'more combinations than anybody can follow',
      'AP2143',
      {
        trafficsplits: split(Array.from({ length: 60 }, (_, index) => ({ path: { exact: `/${index}` } }))),
        ...one('retrypolicies', {
          timeout: 1,
          matches: Array.from({ length: 60 }, (_, index) => ({ headers: [{ name: 'x', exact: `${index}` }] })),
        }),
      },
    ],
  ])('%s: %s', (_mistake, code, outputs) => {
    const { diagnostics, traffic } = mergeTraffic([from('A shop/a', outputs)], services)
    expect(diagnostics.map((problem) => problem.code)).toEqual([code])
    expect(traffic).toEqual([])
  })
})

describe('merging', () => {
  const names = fc.constantFrom('x-a', 'x-b')
  const match: fc.Arbitrary<HttpMatch> = fc.oneof(
    fc.constantFrom('/a', '/a/b', '/').map((prefixPath) => ({ path: { prefixPath } })),
    fc.constantFrom('/a', '/c').map((exact) => ({ path: { exact } })),
    fc.tuple(names, fc.constantFrom('yes', 'no')).map(([name, exact]) => ({ headers: [{ name, exact }] })),
    names.map((name) => ({ headers: [{ name, present: true as const }] })),
    names.map((name) => ({ headers: [{ name, absent: true as const }] })),
    fc.constantFrom(['GET'], ['PUT', 'GET']).map((methods) => ({ methods })),
  )
  const matches = fc.array(match, { minLength: 1, maxLength: 2 })
  const lists = fc.tuple(...[0, 1, 2].map(() => fc.array(matches, { maxLength: 2 })))

  /** The first list that takes the request, by number; what follows them all when none does. */
  const first = (all: readonly HttpMatch[][], request: Parameters<typeof anyMatchHolds>[1]) => {
    const index = all.findIndex((one) => anyMatchHolds(one, request))
    return index === -1 ? all.length : index
  }

  property.prop([lists, fc.array(meshRequest(), { minLength: 20, maxLength: 20 })], { numRuns: 300 })(
    'gives each request the first split and the first policy of each kind that take it',
    ([splits = [], retries = [], faults = []], requests) => {
      const common = (kind: string, index: number, own: HttpMatch[]) => ({
        name: `${kind}${index}`,
        service: 'web',
        ports: [80],
        matches: own,
      })
      const outputs = {
        trafficsplits: splits.map((own, index) => ({
          ...common('s', index, own),
          backends: [{ service: `web-v${index}`, weight: 1 }],
        })),
        retrypolicies: [
          ...retries.map((own, index) => ({ ...common('r', index, own), timeout: 1 + index })),
          { name: 'r', service: 'web', ports: [80], timeout: 1 + retries.length },
        ],
        faultinjections: faults.map((own, index) => ({
          ...common('f', index, own),
          delay: { percent: 100, duration: 1 + index },
        })),
      }
      const { traffic, diagnostics } = mergeTraffic([from('A shop/a', outputs)], services)
      expect(diagnostics).toEqual([])
      for (const request of requests.map((one) => ({ ...one, port: 80 }))) {
        const decision = routeNeutral(request, traffic[0], services)
        const split = first(splits, request)
        const fault = first(faults, request)
        const name = split === splits.length ? 'web' : `web-v${split}`
        expect({ ...decision, rule: null }).toEqual({
          rule: null,
          outcomes: [{ share: 1, service: { namespace: 'shop', name }, port: 80 }],
          timeout: 1 + first(retries, request),
          ...(fault < faults.length && { delays: [{ percent: 100, duration: 1 + fault }] }),
        })
      }
    },
  )
})
