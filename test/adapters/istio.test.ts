import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { istioProvider } from '../../adapters/istio/index.ts'
import { canonicalPath } from '../../adapters/istio/path.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { istio } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const v1 = { namespace: 'shop', name: 'web-v1' }
const v2 = { namespace: 'shop', name: 'web-v2' }
const services: ServiceDirectory = {
  ports: ({ namespace, name }) =>
    namespace === 'shop' && ['web', 'web-v1', 'web-v2'].includes(name) ? [80, 9797] : undefined,
}

describe('a canary step', () => {
  const traffic: ServiceTraffic = {
    service: apex,
    ports: [
      {
        port: 80,
        rules: [
          {
            name: 'default',
            matches: [],
            backends: [
              { service: v1, port: 80, weight: 90 },
              { service: v2, port: 80, weight: 10 },
            ],
          },
        ],
      },
    ],
  }

  test('is one VirtualService with the weights as asked', () => {
    expect(istio.translate(traffic)).toEqual([
      parse(`
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: web, namespace: shop }
        spec:
          hosts: [web.shop.svc.cluster.local]
          http:
            - name: default
              match: [{ port: 80 }]
              route:
                - { destination: { host: web-v1.shop.svc.cluster.local, port: { number: 80 } }, weight: 90 }
                - { destination: { host: web-v2.shop.svc.cluster.local, port: { number: 80 } }, weight: 10 }
      `),
    ])
  })

  test('leaves the other ports of the apex to the Service', () => {
    const decision = istio.route(get({ port: 9797 }), istio.translate(traffic), services)
    expect(decision).toEqual({ rule: null, outcomes: [{ share: 1, service: apex, port: 9797 }] })
  })
})

test('matches of every kind', () => {
  const [object] = istio.translate({
    service: apex,
    ports: [
      {
        port: 80,
        rules: [
          {
            name: 'beta',
            matches: [
              { path: { prefixPath: '/shop' }, methods: ['GET', 'POST'] },
              {
                headers: [
                  { name: 'X-Beta', present: true },
                  { name: 'x-bot', absent: true },
                ],
                cookies: [{ name: 'user', regex: 'a.*' }],
                queryParams: [
                  { name: 'v', exact: '2' },
                  { name: 'debug', present: true },
                ],
              },
            ],
            backends: [{ service: v2, port: 80, weight: 1 }],
          },
        ],
      },
    ],
  })
  expect(object?.spec).toMatchObject({
    http: [
      {
        name: 'beta',
        match: parse(`
          - { uri: { exact: /shop }, method: { exact: GET }, port: 80 }
          - { uri: { prefix: /shop/ }, method: { exact: GET }, port: 80 }
          - { uri: { exact: /shop }, method: { exact: POST }, port: 80 }
          - { uri: { prefix: /shop/ }, method: { exact: POST }, port: 80 }
          - headers:
              x-beta: {}
              cookie: { regex: '^(.*?;\\s*)?user=(?:a[^;]*)(;.*)?$' }
            withoutHeaders: { x-bot: {} }
            queryParams: { v: { exact: '2' }, debug: {} }
            port: 80
        `),
      },
    ],
  })
})

describe('routing by VirtualServices that others wrote', () => {
  test('a weight means nothing to a destination that is alone, not even zero', () => {
    expect(outcomes({ http: [{ route: [{ destination: destination('web-v1'), weight: 0 }] }] })).toEqual([
      { share: 1, service: v1, port: 80 },
    ])
  })

  test('a weight left out among several is zero', () => {
    const route = [{ destination: destination('web-v1') }, { destination: destination('web-v2'), weight: 1 }]
    expect(outcomes({ http: [{ route }] })).toEqual([{ share: 1, service: v2, port: 80 }])
  })

  test('no route for the port: the Service answers; no route for the request: 404', () => {
    const route = [{ destination: destination('web-v1') }]
    expect(outcomes({ http: [{ match: [{ port: 81 }], route }] })).toEqual([{ share: 1, service: apex, port: 80 }])
    expect(outcomes({ http: [{ match: [{ uri: { exact: '/x' } }], route }] })).toMatchObject([
      { share: 1, status: 404 },
    ])
  })

  test('a port left out is the port of the listener', () => {
    const http = [{ route: [{ destination: { host: 'web-v1' } }] }]
    expect(outcomes({ http }, { port: 9797 })).toEqual([{ share: 1, service: v1, port: 9797 }])
  })

  test('a name with one dot is no Service, and its share fails', () => {
    expect(
      outcomes({ http: [{ route: [{ destination: { host: 'web-v1.shop', port: { number: 80 } } }] }] }),
    ).toMatchObject([{ share: 1, status: 503 }])
  })

  test.each<[string, object, Partial<MeshRequest>, boolean]>([
    ['a prefix goes by characters', { uri: { prefix: '/foo' } }, { path: '/foobar' }, true],
    ['an expression takes the whole path', { uri: { regex: '/fo' } }, { path: '/foo' }, false],
    ['a path is resolved first', { uri: { exact: '/foo' } }, { path: '/a/../%66oo' }, true],
    ['the empty match is presence', { headers: { x: {} } }, { headers: { x: '' } }, true],
    ['presence needs the header', { headers: { x: {} } }, {}, false],
    ['without a header that is not there', { withoutHeaders: { x: {} } }, {}, true],
    [
      'the expression * without a header is presence',
      { withoutHeaders: { x: { regex: '*' } } },
      { headers: { x: 'a' } },
      false,
    ],
    [
      '.* without a header never holds, as a missing one counts as empty',
      { withoutHeaders: { x: { regex: '.*' } } },
      {},
      false,
    ],
    ['a missing header is not without the empty value', { withoutHeaders: { x: { exact: '' } } }, {}, false],
    ['a query parameter that is there', { queryParams: { q: {} } }, { query: { q: '' } }, true],
    [
      'all conditions of a match',
      { headers: { x: { exact: '1' } }, method: { exact: 'PUT' } },
      { headers: { x: '1' } },
      false,
    ],
    ['letters of any case when asked', { uri: { prefix: '/FOO' }, ignoreUriCase: true }, { path: '/foo' }, true],
    ['another gateway only', { gateways: ['ingress'] }, {}, false],
    ['another namespace only', { sourceNamespace: 'pay' }, {}, false],
  ])('%s', (_rule, match, request, taken) => {
    const http = [
      { match: [match], route: [{ destination: destination('web-v2') }] },
      { route: [{ destination: destination('web-v1') }] },
    ]
    expect(outcomes({ http }, request)).toEqual([{ share: 1, service: taken ? v2 : v1, port: 80 }])
  })

  test('of two for one host the older wins entirely', () => {
    const object = (name: string, created: string, to: string) =>
      virtualService({ http: [{ route: [{ destination: destination(to) }] }] }, { name, creationTimestamp: created })
    const objects = [object('a', '2026-02-01T00:00:00Z', 'web-v1'), object('b', '2026-01-01T00:00:00Z', 'web-v2')]
    expect(istio.route(get({}), objects, services).outcomes).toEqual([{ share: 1, service: v2, port: 80 }])
    expect(istio.observe(objects, apex, services).problems).toMatchObject([
      {
        code: 'AP2122',
        message: 'VirtualService shop/a speaks of shop/web as well, and VirtualService shop/b has precedence',
      },
    ])
  })

  test('of two for one host the younger is followed where the older has nothing to say: another port, another client', () => {
    const about = (name: string, match: object, to: string) =>
      virtualService({ http: [{ match: [match], route: [{ destination: destination(to) }] }] }, { name })
    const rest = about('b', {}, 'web-v2')
    for (const match of [{ port: 9797 }, { sourceNamespace: 'pay' }]) {
      const objects = [about('a', match, 'web-v1'), rest]
      expect(istio.route(get({}), objects, services).outcomes).toEqual([{ share: 1, service: v2, port: 80 }])
    }
    const perPort = [about('a', { port: 9797 }, 'web-v1'), about('b', { port: 80 }, 'web-v2')]
    const { traffic, problems } = istio.observe(perPort, apex, services)
    expect(traffic?.ports.map(({ port, rules }) => [port, rules[0]?.backends[0]?.service.name])).toEqual([
      [80, 'web-v2'],
      [9797, 'web-v1'],
    ])
    expect(problems).toEqual([])
  })

  test('a full name beats a wildcard, even on a port that it says nothing about', () => {
    const wildcard = virtualService(
      { hosts: ['*.shop.svc.cluster.local'], http: [{ route: [{ destination: destination('web-v1') }] }] },
      { name: 'a' },
    )
    const exact = virtualService({
      http: [{ match: [{ port: 9797 }], route: [{ destination: destination('web-v2') }] }],
    })
    expect(istio.route(get({}), [wildcard, exact], services).outcomes).toEqual([{ share: 1, service: apex, port: 80 }])
  })

  test('a full name beats a wildcard, and a VirtualService of a gateway is none of a sidecar’s', () => {
    const wildcard = virtualService(
      { hosts: ['*.shop.svc.cluster.local'], http: [{ route: [{ destination: destination('web-v1') }] }] },
      { name: 'a' },
    )
    const exact = virtualService({ http: [{ route: [{ destination: destination('web-v2') }] }] }, { name: 'z' })
    const ingress = virtualService({ gateways: ['ingress'], http: [] }, { name: '0' })
    expect(istio.route(get({}), [ingress, wildcard, exact], services).outcomes).toEqual([
      { share: 1, service: v2, port: 80 },
    ])
    expect(istio.route(get({}), [ingress, wildcard], services).outcomes).toEqual([{ share: 1, service: v1, port: 80 }])
  })
})

describe('observing', () => {
  test('what the neutral model has no words for is reported', () => {
    const http = [
      { match: [{ authority: { exact: 'x' } }], route: [{ destination: destination('web-v2') }] },
      {
        route: [{ destination: { ...destination('web-v1'), subset: 'v1' } }],
        fault: { abort: { percentage: { value: 5 } } },
        corsPolicy: {},
      },
    ]
    const { traffic, problems } = istio.observe([virtualService({ http })], apex, { ports: () => [80] })
    expect(problems.map(({ code, message }) => `${code} ${message.split(' has ')[1]?.split(', which')[0]}`)).toEqual([
      'AP2121 match.authority',
      'AP2121 http.corsPolicy',
      'AP2121 http.fault.abort without httpStatus or grpcStatus',
    ])
    expect(traffic?.ports[0]?.rules).toEqual([
      { name: 'default', matches: [], backends: [{ service: v1, port: 80, weight: 1, subset: 'v1' }] },
    ])
  })

  test('rules without a port are about every port of the apex', () => {
    const { traffic } = istio.observe(
      [virtualService({ http: [{ route: [{ destination: { host: 'web-v1' } }] }] })],
      apex,
      services,
    )
    expect(traffic?.ports.map(({ port, rules }) => [port, rules[0]?.backends[0]?.port])).toEqual([
      [80, 80],
      [9797, 9797],
    ])
  })

  test('no default rule is reported', () => {
    const http = [{ match: [{ uri: { exact: '/a' } }], route: [{ destination: destination('web-v1') }] }]
    expect(istio.observe([virtualService({ http })], apex, { ports: () => [80] }).problems).toMatchObject([
      { code: 'AP2123' },
    ])
  })

  test('objects that are not of this shape do no harm', () => {
    const broken = virtualService({ hosts: 'web', http: [{ match: 7, route: { a: 1 } }, null] })
    expect(istio.observe([broken, { ...broken, spec: null }], apex, services)).toEqual({
      traffic: undefined,
      problems: [],
    })
  })
})

test.each([
  ['/a/../b', '/b'],
  ['/a/./b', '/a/b'],
  ['/a/..', '/'],
  ['/a//b', '/a//b'],
  ['/%61%2Fb', '/a%2Fb'],
  ['/../a', '/a'],
])('Envoy compares the path %s as %s', (path, canonical) => {
  expect(canonicalPath(path)).toBe(canonical)
})

test('an unknown API version is refused and the known ones named', () => {
  const create = () =>
    istioProvider.create({ clusterDomain: 'cluster.local', apiVersions: { 'networking.istio.io': 'v2' } })
  expect(create).toThrow('AP2120 istio is asked to write networking.istio.io/v2, and knows v1, v1beta1, v1alpha3.')
})

function get(changes: Partial<MeshRequest>): MeshRequest {
  return { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {}, ...changes }
}

function destination(name: string): object {
  return { host: `${name}.shop.svc.cluster.local`, port: { number: 80 } }
}

function virtualService(spec: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { hosts: ['web.shop.svc.cluster.local'], ...spec },
  }
}

function outcomes(spec: object, request: Partial<MeshRequest> = {}) {
  return istio.route(get(request), [virtualService(spec)], services).outcomes
}
