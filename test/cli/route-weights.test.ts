import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, service, split, to, virtualService } from './support/route.ts'

describe('weights, zero and what is missing (table 2.1 of the meshes)', () => {
  test.each<[string, string, string, unknown[]]>([
    [
      'Istio: weights are relative',
      'istio',
      virtualService(`
- route:
  - { destination: { host: a }, weight: 3 }
  - { destination: { host: b }, weight: 1 }`),
      [to('a', 0.75), to('b', 0.25)],
    ],
    [
      'Istio: one of several with weight 0 gets nothing',
      'istio',
      virtualService(`
- route:
  - { destination: { host: a }, weight: 0 }
  - { destination: { host: b }, weight: 7 }`),
      [to('b')],
    ],
    [
      'Istio: a weight left out among several is 0',
      'istio',
      virtualService(`
- route:
  - { destination: { host: a } }
  - { destination: { host: b }, weight: 1 }`),
      [to('b')],
    ],
    [
      'Istio: a destination alone gets everything, even with weight 0',
      'istio',
      virtualService(`
- route: [{ destination: { host: a }, weight: 0 }]`),
      [to('a')],
    ],
    [
      'Gateway API: a weight left out is 1',
      'gateway-api',
      httpRoute(`
- backendRefs: [{ name: a, port: 80 }, { name: b, port: 80, weight: 3 }]`),
      [to('a', 0.25), to('b', 0.75)],
    ],
    [
      'Gateway API: a single backend with weight 0 answers 500',
      'gateway-api',
      httpRoute(`
- backendRefs: [{ name: a, port: 80, weight: 0 }]`),
      [{ share: 1, status: 500 }],
    ],
    [
      'Linkerd: a single backend with weight 0 gets everything',
      'linkerd',
      httpRoute(`
- backendRefs: [{ name: a, port: 80, weight: 0 }]`),
      [to('a')],
    ],
    [
      'Linkerd: no backends means the Service itself',
      'linkerd',
      httpRoute(`
- matches: [{ path: { value: / } }]`),
      [to('web')],
    ],
    [
      'Gateway API: no backends answers 500',
      'gateway-api',
      httpRoute(`
- matches: [{ path: { value: / } }]`),
      [{ share: 1, status: 500 }],
    ],
    [
      'SMI: all weights 0 leaves the requests to the service',
      'smi',
      split('[{ service: a, weight: 0 }, { service: b, weight: 0 }]'),
      [to('web')],
    ],
    [
      'SMI v1alpha1: 1 to 500m is two to one',
      'smi',
      split('[{ service: a, weight: 1 }, { service: b, weight: 500m }]', 'v1alpha1'),
      [to('a', 2 / 3), to('b', 1 / 3)],
    ],
    [
      'SMI v1alpha1: 0.5 to 500m is one to one',
      'smi',
      split('[{ service: a, weight: "0.5" }, { service: b, weight: 500m }]', 'v1alpha1'),
      [to('a', 0.5), to('b', 0.5)],
    ],
    [
      'SMI: three equal weights and a zero are thirds, and the zero gets nothing',
      'smi',
      split(
        '[{ service: a, weight: 1 }, { service: b, weight: 1 }, { service: c, weight: 1 }, { service: d, weight: 0 }]',
      ),
      [to('a', 1 / 3), to('b', 1 / 3), to('c', 1 / 3)],
    ],
    [
      'SMI: 101 to 99 is no 51 to 50',
      'smi',
      split('[{ service: a, weight: 101 }, { service: b, weight: 99 }]'),
      [to('a', 0.505), to('b', 0.495)],
    ],
  ])('%s', async (_rule, mesh, objects, outcomes) => {
    expect(await decide(mesh, objects, 'GET http://web/')).toMatchObject({ outcomes })
  })

  test.each([
    [
      'istio',
      virtualService(
        '\n- route: [{ destination: { host: a }, weight: 7 }, { destination: { host: gone }, weight: 3 }]',
      ),
      503,
    ],
    [
      'gateway-api',
      httpRoute('\n- backendRefs: [{ name: a, port: 80, weight: 7 }, { name: gone, port: 80, weight: 3 }]'),
      500,
    ],
    [
      'linkerd',
      httpRoute('\n- backendRefs: [{ name: a, port: 80, weight: 7 }, { name: gone, port: 80, weight: 3 }]'),
      500,
    ],
  ])('%s answers for the share of a backend that is not among the Services', async (mesh, objects, status) => {
    const given = documents(objects, service('web'), service('a'))
    expect(await decide(mesh, given, 'GET http://web/')).toEqual({
      outcomes: [to('a', 0.7), { share: 0.3, status }],
      rule: '0',
    })
  })

  test.each([
    ['the others get its share', 'a', '{ ports: [{ port: 80 }] }', ['a', 'b'], [to('a', 0.25), to('b', 0.75)]],
    ['so is one without the port', 'gone', '{ ports: [{ port: 81 }] }', ['a', 'b'], [to('a', 0.25), to('b', 0.75)]],
    ['the service itself where none is left', 'web', '{ ports: [{ port: 80 }] }', [], [to('web', 1)]],
  ])(
    'SMI does not include a backend that is not among the Services: %s',
    async (_rule, extra, ports, others, outcomes) => {
      const objects = split('[{ service: a, weight: 1 }, { service: b, weight: 3 }, { service: gone, weight: 6 }]')
      const given = [...new Set(['web', ...others])].filter((name) => name !== extra).map((name) => service(name))
      expect(await decide('smi', documents(objects, ...given, service(extra, ports)), 'GET http://web/')).toEqual({
        outcomes,
        rule: 'web',
      })
    },
  )

  test('an omitted port is the port of the request, and 503 where the Service lacks it', async () => {
    const objects = documents(
      virtualService('\n- route: [{ destination: { host: a } }]'),
      service('web', '{ ports: [{ port: 8080 }] }'),
      service('a'),
    )
    expect(await decide('istio', objects, 'GET http://web:8080/')).toMatchObject({
      outcomes: [{ share: 1, status: 503 }],
    })
  })

  test('a half-qualified destination is no Service', async () => {
    const objects = virtualService('\n- route: [{ destination: { host: web-v2.shop } }]')
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [{ share: 1, status: 503 }] })
  })
})

describe('subsets', () => {
  const objects = virtualService(`
- route:
  - { destination: { host: web, subset: v1, port: { number: 80 } }, weight: 7 }
  - { destination: { host: web, subset: v2, port: { number: 80 } }, weight: 3 }`)
  const rule = (subsets: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec: { host: web, subsets: ${subsets} }`

  test('are named in the outcome', async () => {
    const given = documents(
      objects,
      rule('[{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]'),
    )
    expect(await decide('istio', given, 'GET http://web/')).toEqual({
      outcomes: [
        { share: 0.7, backend: 'default/web', port: 80, subset: 'v1' },
        { share: 0.3, backend: 'default/web', port: 80, subset: 'v2' },
      ],
      rule: '0',
    })
  })

  test('that no DestinationRule defines have no cluster', async () => {
    expect(
      await decide('istio', documents(objects, rule('[{ name: v1, labels: { version: v1 } }]')), 'GET http://web/'),
    ).toMatchObject({
      outcomes: [
        { share: 0.7, subset: 'v1' },
        { share: 0.3, status: 503 },
      ],
    })
  })
})
