import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, linkerd } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const v1 = { namespace: 'shop', name: 'web-v1' }
const v2 = { namespace: 'shop', name: 'web-v2' }
const services: ServiceDirectory = {
  ports: ({ name }) => (['web', 'web-v1', 'web-v2'].includes(name) ? [80] : undefined),
}

const abTest: ServiceTraffic = {
  service: apex,
  ports: [
    {
      port: 80,
      rules: [
        {
          name: 'beta',
          matches: [
            { headers: [{ name: 'x-beta', exact: 'yes' }] },
            { methods: ['GET', 'HEAD'], path: { prefixPath: '/shop' }, cookies: [{ name: 'beta', exact: '1' }] },
          ],
          backends: [{ service: v2, port: 80, weight: 1 }],
        },
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

test('a canary step beside an A/B test is one HTTPRoute per port', () => {
  const objects = [
    parse(`
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: { name: web-80, namespace: shop }
      spec:
        parentRefs: [{ group: '', kind: Service, name: web, port: 80 }]
        rules:
          - matches:
              - headers: [{ name: x-beta, type: Exact, value: 'yes' }]
              - path: { type: PathPrefix, value: /shop }
                method: GET
                headers: [{ name: cookie, type: RegularExpression, value: '^(?:(.*?;\\s*)?beta=1(;.*)?)$' }]
              - path: { type: PathPrefix, value: /shop }
                method: HEAD
                headers: [{ name: cookie, type: RegularExpression, value: '^(?:(.*?;\\s*)?beta=1(;.*)?)$' }]
            backendRefs: [{ name: web-v2, port: 80, weight: 1 }]
          - backendRefs:
              - { name: web-v1, port: 80, weight: 90 }
              - { name: web-v2, port: 80, weight: 10 }
    `),
  ]
  expect(gatewayApi.translate(abTest)).toEqual(objects)
  expect(linkerd.translate(abTest)).toEqual(objects)
})

test('Linkerd gets expressions for the path, anchored at both ends', () => {
  const [object] = linkerd.translate({
    service: apex,
    ports: [
      {
        port: 80,
        rules: [
          {
            name: 'r',
            matches: [{ path: { regex: '/foo|/foobar' } }, { path: { prefixString: '/a.b' } }],
            backends: [{ service: v2, port: 80, weight: 1 }],
          },
        ],
      },
    ],
  })
  expect(object?.spec).toMatchObject({
    rules: [
      {
        matches: [
          { path: { type: 'RegularExpression', value: '^(?:/foo|/foobar)$' } },
          { path: { type: 'RegularExpression', value: '^(?:/a\\.b.*)$' } },
        ],
      },
    ],
  })
})

describe('routing by HTTPRoutes that others wrote', () => {
  test.each<[string, object[], unknown, unknown]>([
    ['a single backend of weight 0', [backend('web-v1', 0)], 500, [{ share: 1, service: v1, port: 80 }]],
    ['several backends of weight 0', [backend('web-v1', 0), backend('web-v2', 0)], 500, 500],
    ['no backends', [], 500, [{ share: 1, service: apex, port: 80 }]],
    ['a backend that is missing', [backend('gone', 1)], 500, 500],
    ['a backend without a port', [{ name: 'web-v1' }], 500, 500],
    [
      'a weight left out',
      [{ name: 'web-v1', port: 80 }, backend('web-v2', 0)],
      [{ share: 1, service: v1, port: 80 }],
      [{ share: 1, service: v1, port: 80 }],
    ],
  ])('%s: the specification and Linkerd', (_what, backendRefs, specified, linkerds) => {
    const expectation = (expected: unknown) =>
      typeof expected === 'number' ? [{ share: 1, status: expected }] : expected
    const objects = [httpRoute({ rules: [{ backendRefs }] })]
    expect(gatewayApi.route(get({}), objects, services).outcomes).toMatchObject(expectation(specified) as object[])
    expect(linkerd.route(get({}), objects, services).outcomes).toMatchObject(expectation(linkerds) as object[])
  })

  test.each<[string, object, object, 'first' | 'second', 'first' | 'second']>([
    ['method and header', { method: 'GET' }, { headers: [{ name: 'x', value: '1' }] }, 'first', 'second'],
    [
      'prefix and exact path of one length',
      { path: { type: 'PathPrefix', value: '/foo' } },
      { path: { type: 'Exact', value: '/foo' } },
      'second',
      'first',
    ],
    [
      'prefix and expression',
      { path: { type: 'PathPrefix', value: '/' } },
      { path: { type: 'RegularExpression', value: '/f.*' } },
      'first',
      'second',
    ],
    ['shorter and longer prefix', { path: { value: '/' } }, { path: { value: '/foo' } }, 'second', 'second'],
    [
      'one header and two',
      { headers: [{ name: 'x', value: '1' }] },
      {
        headers: [
          { name: 'x', value: '1' },
          { name: 'y', value: '2' },
        ],
      },
      'second',
      'second',
    ],
    ['equals', { headers: [{ name: 'x', value: '1' }] }, { headers: [{ name: 'y', value: '2' }] }, 'first', 'first'],
  ])('of %s the specification and Linkerd follow their own', (_what, first, second, specified, linkerds) => {
    const rules = [
      { matches: [first], backendRefs: [backend('web-v1', 1)] },
      { matches: [second], backendRefs: [backend('web-v2', 1)] },
    ]
    const request = get({
      path: '/foo',
      headers: { x: '1', y: '2' },
    })
    const target = (adapter: MeshAdapter) => adapter.route(request, [httpRoute({ rules })], services).outcomes
    expect(target(gatewayApi)).toEqual([{ share: 1, service: specified === 'first' ? v1 : v2, port: 80 }])
    expect(target(linkerd)).toEqual([{ share: 1, service: linkerds === 'first' ? v1 : v2, port: 80 }])
  })

  test('Linkerd’s leftmost-first match misses what Envoy’s takes', () => {
    const rules = [
      {
        matches: [{ headers: [{ name: 'x', type: 'RegularExpression', value: 'foo|foobar' }] }],
        backendRefs: [backend('web-v2', 1)],
      },
    ]
    const request = get({ headers: { x: 'foobar' } })
    expect(gatewayApi.route(request, [httpRoute({ rules })], services).outcomes).toEqual([
      { share: 1, service: v2, port: 80 },
    ])
    expect(linkerd.route(request, [httpRoute({ rules })], services).outcomes).toMatchObject([{ status: 404 }])
  })

  test('a path is resolved before it is compared, as proxies of Envoy do; Linkerd’s compares it as it is', () => {
    const exact = { path: { type: 'Exact', value: '/foo' } }
    const rules = [{ matches: [exact], backendRefs: [backend('web-v2', 1)] }]
    for (const path of ['/%66oo', '/a/../foo']) {
      const target = (adapter: MeshAdapter) => adapter.route(get({ path }), [httpRoute({ rules })], services).outcomes
      expect(target(gatewayApi)).toEqual([{ share: 1, service: v2, port: 80 }])
      expect(target(linkerd)).toMatchObject([{ status: 404 }])
    }
  })

  test('Linkerd drops a route with a mirror entirely', () => {
    const objects = [
      httpRoute({ rules: [{ filters: [{ type: 'RequestMirror' }], backendRefs: [backend('web-v2', 1)] }] }),
    ]
    expect(linkerd.route(get({}), objects, services)).toEqual({
      rule: null,
      outcomes: [{ share: 1, service: apex, port: 80 }],
    })
    expect(linkerd.observe(objects, apex, services)).toMatchObject({
      traffic: undefined,
      problems: [{ code: 'AP2121' }],
    })
    expect(gatewayApi.route(get({}), objects, services).outcomes).toEqual([{ share: 1, service: v2, port: 80 }])
  })

  test('a route of another namespace, another port or another kind of parent is none of the Service’s', () => {
    const rules = [{ backendRefs: [backend('web-v2', 1)] }]
    const objects = [
      httpRoute(
        { rules, parentRefs: [{ group: '', kind: 'Service', name: 'web', namespace: 'shop' }] },
        { namespace: 'pay' },
      ),
      httpRoute({ rules, parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 81 }] }),
      httpRoute({ rules, parentRefs: [{ name: 'web' }] }),
    ]
    expect(gatewayApi.route(get({}), objects, services).rule).toBeNull()
  })

  test('equal matches of two routes: the older route is followed', () => {
    const route = (name: string, creationTimestamp: string, to: string) =>
      httpRoute({ rules: [{ backendRefs: [backend(to, 1)] }] }, { name, creationTimestamp })
    const objects = [route('a', '2026-02-01T00:00:00Z', 'web-v1'), route('b', '2026-01-01T00:00:00Z', 'web-v2')]
    expect(gatewayApi.route(get({}), objects, services).outcomes).toEqual([{ share: 1, service: v2, port: 80 }])
  })
})

test('what others wrote out of order is observed in the order the mesh follows', () => {
  const rules = [
    { backendRefs: [backend('web-v1', 1)] },
    { matches: [{ path: { type: 'Exact', value: '/a' } }], backendRefs: [backend('web-v2', 1)] },
  ]
  expect(gatewayApi.observe([httpRoute({ rules })], apex, services).traffic?.ports[0]?.rules).toEqual([
    { name: 'rule-1', matches: [{ path: { exact: '/a' } }], backends: [{ service: v2, port: 80, weight: 1 }] },
    { name: 'default', matches: [], backends: [{ service: v1, port: 80, weight: 1 }] },
  ])
})

describe('whether a route is taken up', () => {
  const condition = (type: string, status: string, observedGeneration?: number, reason = type) => ({
    type,
    status,
    reason,
    observedGeneration,
  })
  const taken = (generation: number | undefined) => [
    condition('Accepted', 'True', generation),
    condition('ResolvedRefs', 'True', generation),
  ]

  test.each<[string, object[], string, string]>([
    ['nobody has spoken', [], 'pending', 'pending'],
    ['all is well', [entry(taken(3))], 'accepted', 'accepted'],
    ['an older generation was accepted', [entry(taken(2))], 'pending', 'pending'],
    ['no generation is named, as Linkerd does', [entry(taken(undefined))], 'pending', 'accepted'],
    ['generation 0 is named, as Linkerd does', [entry(taken(0))], 'pending', 'accepted'],
    [
      'one of two controllers refuses',
      [entry(taken(3)), entry([condition('Accepted', 'False', 3, 'NoMatchingParent')], 'other')],
      'rejected',
      'rejected',
    ],
    [
      'a backend is not there yet',
      [entry([taken(3)[0] ?? {}, condition('ResolvedRefs', 'False', 3, 'BackendNotFound')])],
      'pending',
      'pending',
    ],
    [
      'references are refused',
      [entry([taken(3)[0] ?? {}, condition('ResolvedRefs', 'False', 3, 'InvalidKind')])],
      'rejected',
      'rejected',
    ],
    ['half has been said', [entry([taken(3)[0] ?? {}])], 'pending', 'pending'],
    [
      'another parent was spoken about',
      [{ ...entry(taken(3)), parentRef: { group: '', kind: 'Service', name: 'api', port: 80 } }],
      'pending',
      'pending',
    ],
  ])('%s', (_what, parents, specified, linkerds) => {
    const object = { ...httpRoute({ rules: [] }, { generation: 3 }), status: { parents } }
    expect(gatewayApi.accepted(object).state).toBe(specified)
    expect(linkerd.accepted(object).state).toBe(linkerds)
  })

  test('the reason names the controller and what it said', () => {
    const refused = { ...condition('Accepted', 'False', 1, 'NoMatchingParent'), message: 'no such port' }
    const object = { ...httpRoute({ rules: [] }, { generation: 1 }), status: { parents: [entry([refused])] } }
    expect(gatewayApi.accepted(object)).toEqual({
      state: 'rejected',
      reason: 'mesh.example/controller: Accepted: NoMatchingParent: no such port',
    })
  })

  function entry(conditions: object[], controller = 'controller') {
    return {
      parentRef: { group: '', kind: 'Service', name: 'web', port: 80 },
      controllerName: `mesh.example/${controller}`,
      conditions,
    }
  }
})

function get(changes: Partial<MeshRequest>): MeshRequest {
  return { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {}, ...changes }
}

function backend(name: string, weight: number): object {
  return { name, port: 80, weight }
}

function httpRoute(spec: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web-80', namespace: 'shop', ...metadata },
    spec: { parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }], ...spec },
  }
}
