import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { canary, group, service, split, translated, web, weights } from './support/translate.ts'

describe('from SMI', () => {
  test('a plain split becomes one HTTPRoute with the port of the Service', async () => {
    expect(await translated('gateway-api', documents(canary, web))).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'web-80', namespace: 'shop' },
        spec: {
          parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
          rules: [
            {
              backendRefs: [
                { name: 'web-v1', port: 80, weight: 90 },
                { name: 'web-v2', port: 80, weight: 10 },
              ],
            },
          ],
        },
      },
    ])
  })

  test.each<[string, string, string, (string | number)[][]]>([
    [
      'v1alpha1: thousandths',
      'v1alpha1',
      '[{ service: a, weight: 900m }, { service: b, weight: 100m }]',
      [
        ['a', 900],
        ['b', 100],
      ],
    ],
    [
      'v1alpha1: 1 and 500m are two to one',
      'v1alpha1',
      '[{ service: a, weight: 1 }, { service: b, weight: 500m }]',
      [
        ['a', 1000],
        ['b', 500],
      ],
    ],
    [
      'v1alpha1: 0.5 and 1',
      'v1alpha1',
      '[{ service: a, weight: "0.5" }, { service: b, weight: "1" }]',
      [
        ['a', 500],
        ['b', 1000],
      ],
    ],
    [
      'v1alpha1: whole numbers stay',
      'v1alpha1',
      '[{ service: a, weight: 2 }, { service: b, weight: "3" }]',
      [
        ['a', 2],
        ['b', 3],
      ],
    ],
    [
      'v1alpha2: three equal ones and a zero',
      'v1alpha2',
      '[{ service: a, weight: 1 }, { service: b, weight: 1 }, { service: c, weight: 1 }, { service: d, weight: 0 }]',
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
        ['d', 0],
      ],
    ],
    [
      'v1alpha3: a sum beyond 100',
      'v1alpha3',
      '[{ service: a, weight: 101 }, { service: b, weight: 99 }, { service: c, weight: 0 }]',
      [
        ['a', 101],
        ['b', 99],
        ['c', 0],
      ],
    ],
    [
      'v1alpha4: 1 and 500 are not 0 and 100',
      'v1alpha4',
      '[{ service: a, weight: 1 }, { service: b, weight: 500 }]',
      [
        ['a', 1],
        ['b', 500],
      ],
    ],
  ])('%s', async (_rule, version, backends, expected) => {
    const object = split(`{ service: web, backends: ${backends} }`, `split.smi-spec.io/${version}`)
    expect(weights(await translated('gateway-api', documents(object, web)))).toEqual([expected])
  })

  test('what no split takes goes to the service itself, by a last rule', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const objects = documents(matched, group('[{ name: a, headers: [{ x-beta: "yes" }] }]'), web)
    expect(weights(await translated('gateway-api', objects))).toEqual([[['web-v2', 1]], [['web', 100]]])
  })

  test.each(['[{ x-beta: "yes" }, { x-b: ".+" }]', '{ x-beta: "yes", x-b: ".+" }'])(
    'headers may be written as %s',
    async (headers) => {
      const matched = split(
        '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
      )
      const [route] = await translated('istio', documents(matched, group(`[{ name: a, headers: ${headers} }]`), web))
      expect(route.spec.http[0].match).toEqual([
        { headers: { 'x-b': { regex: '.+' }, 'x-beta': { exact: 'yes' } }, port: 80 },
      ])
    },
  )

  test('a path is anchored at its start only, and conditions of a match are all needed', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const [route] = await translated(
      'istio',
      documents(
        matched,
        group('[{ name: a, pathRegex: /api, methods: [GET] }, { name: b, pathRegex: /api2$, methods: ["*"] }]'),
        web,
      ),
    )
    expect(route.spec.http[0].match).toEqual([
      { uri: { prefix: '/api' }, method: { exact: 'GET' }, port: 80 },
      { uri: { exact: '/api2' }, port: 80 },
    ])
  })

  test('a route group of v1alpha1 has its matches beside its metadata', async () => {
    const matched = split(
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: beta }], backends: [{ service: web-v2, weight: 1 }] }',
    )
    const old =
      '{ apiVersion: specs.smi-spec.io/v1alpha1, kind: HTTPRouteGroup, metadata: { name: beta, namespace: shop }, matches: [{ name: a, pathRegex: /a$ }] }'
    const [route] = await translated('gateway-api', documents(matched, old, web))
    expect(route.spec.rules[0].matches).toEqual([{ path: { type: 'Exact', value: '/a' } }])
  })

  test('every TCP port of the Service is split, and no other', async () => {
    const ports = '[{ name: http, port: 80 }, { name: admin, port: 8080 }, { name: dns, port: 53, protocol: UDP }]'
    const objects = await translated('linkerd', documents(canary, service('web', ports)))
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['web-80', 'web-8080'])
  })

  test('the service may be named in full and be its own backend', async () => {
    const object = split(
      '{ service: web.shop.svc.cluster.local, backends: [{ service: web, weight: 3 }, { service: web-v2, weight: 1 }] }',
    )
    expect(weights(await translated('gateway-api', documents(object, web)))).toEqual([
      [
        ['web', 3],
        ['web-v2', 1],
      ],
    ])
  })

  test('to a newer version of itself no Services are needed, as it has no ports', async () => {
    const old = split(
      '{ service: web, backends: [{ service: a, weight: 500m }, { service: b, weight: 1500m }] }',
      'split.smi-spec.io/v1alpha1',
    )
    expect(await translated('smi', old)).toEqual([
      {
        apiVersion: 'split.smi-spec.io/v1alpha4',
        kind: 'TrafficSplit',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          service: 'web',
          backends: [
            { service: 'a', weight: 500 },
            { service: 'b', weight: 1500 },
          ],
        },
      },
    ])
  })
})
