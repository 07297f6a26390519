import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, refuse, service, split, to, virtualService } from './support/route.ts'

describe('what takes a request', () => {
  const twoRules = (match: string) =>
    virtualService(`
- name: special
  match: [${match}]
  route: [{ destination: { host: a } }]
- name: rest
  route: [{ destination: { host: b } }]`)

  test.each<[string, string, string, string[], string]>([
    ['a prefix goes by characters', '{ uri: { prefix: /foo } }', 'GET http://web/foobar', [], 'special'],
    ['an expression takes the whole path', '{ uri: { regex: /fo } }', 'GET http://web/foo', [], 'rest'],
    ['the query is no part of the path', '{ uri: { exact: /foo } }', 'GET http://web/foo?a=1', [], 'special'],
    ['. and .. are resolved before matching', '{ uri: { exact: /foo } }', 'GET http://web/a/../%66oo', [], 'special'],
    ['// and %2F are kept', '{ uri: { exact: /a/b } }', 'GET http://web/a%2Fb', [], 'rest'],
    ['methods are compared as written', '{ method: { exact: GET } }', 'get http://web/', [], 'rest'],
    [
      'of a repeated parameter the first counts',
      '{ queryParams: { q: { exact: "1" } } }',
      'GET http://web/?q=1&q=2',
      [],
      'special',
    ],
    ['parameters are not decoded', '{ queryParams: { q: { exact: "a b" } } }', 'GET http://web/?q=a%20b', [], 'rest'],
    ['a header that is sent empty is there', '{ headers: { x: {} } }', 'GET http://web/', ['-H', 'x:'], 'special'],
    [
      'a header that is sent twice is joined with a comma',
      '{ headers: { x: { exact: "1,2" } } }',
      'GET http://web/',
      ['-H', 'X: 1', '-H', 'x:2'],
      'special',
    ],
    [
      'a missing header counts as empty where it must not be there',
      '{ withoutHeaders: { x: { exact: "" } } }',
      'GET http://web/',
      [],
      'rest',
    ],
    ['without .* never holds', '{ withoutHeaders: { x: { regex: ".*" } } }', 'GET http://web/', [], 'rest'],
    ['an authority is compared with its port', '{ authority: { exact: web } }', 'GET http://web:80/', [], 'rest'],
    [
      'the second cookie is found',
      String.raw`{ headers: { cookie: { regex: "^(.*?;\\s*)?beta=1(;.*)?$" } } }`,
      'GET http://web/',
      ['-H', 'cookie: a=b; beta=1'],
      'special',
    ],
    [
      'the namespace of the client',
      '{ sourceNamespace: pay }',
      'GET http://web.default/',
      ['--from-namespace', 'pay'],
      'special',
    ],
    ['another namespace', '{ sourceNamespace: pay }', 'GET http://web/', [], 'rest'],
  ])('Istio: %s', async (_rule, match, request, options, rule) => {
    expect(await decide('istio', twoRules(match), request, ...options)).toMatchObject({ rule })
  })

  test('Istio tries rules in their order; the Gateway API the most specific first', async () => {
    const istio = virtualService(`
- match: [{ uri: { prefix: / } }]
  route: [{ destination: { host: a } }]
- match: [{ uri: { exact: /x } }]
  route: [{ destination: { host: b } }]`)
    expect(await decide('istio', istio, 'GET http://web/x')).toMatchObject({ rule: '0', outcomes: [to('a')] })
    const gateway = httpRoute(`
- matches: [{ path: { value: / } }]
  backendRefs: [{ name: a, port: 80 }]
- matches: [{ path: { type: Exact, value: /x } }]
  backendRefs: [{ name: b, port: 80 }]`)
    expect(await decide('gateway-api', gateway, 'GET http://web/x')).toMatchObject({ rule: '1', outcomes: [to('b')] })
  })

  test.each(['gateway-api', 'linkerd'])('a slash at the end of a prefix makes it no longer on %s', async (mesh) => {
    const objects = httpRoute(`
- matches: [{ path: { value: /a } }]
  backendRefs: [{ name: a, port: 80 }]
- matches: [{ path: { value: /a/ } }]
  backendRefs: [{ name: b, port: 80 }]`)
    expect(await decide(mesh, objects, 'GET http://web/a/b')).toMatchObject({ outcomes: [to('a')] })
  })

  test('a method outranks a header by the Gateway API, and on Linkerd it does not', async () => {
    const objects = httpRoute(`
- name: method
  matches: [{ method: GET }]
  backendRefs: [{ name: a, port: 80 }]
- name: header
  matches: [{ headers: [{ name: x, value: "1" }] }]
  backendRefs: [{ name: b, port: 80 }]`)
    expect(await decide('gateway-api', objects, 'GET http://web/', '-H', 'x: 1')).toMatchObject({ rule: 'method' })
    expect(await decide('linkerd', objects, 'GET http://web/', '-H', 'x: 1')).toMatchObject({ rule: 'header' })
  })

  test('foo|foobar misses foobar on Linkerd, whose expressions are leftmost first', async () => {
    const objects = httpRoute(`
- matches: [{ headers: [{ name: x, type: RegularExpression, value: foo|foobar }] }]
  backendRefs: [{ name: a, port: 80 }]`)
    expect(await decide('linkerd', objects, 'GET http://web/', '-H', 'x: foobar')).toMatchObject({
      outcomes: [{ status: 404 }],
      rule: null,
    })
    expect(await decide('gateway-api', objects, 'GET http://web/', '-H', 'x: foobar')).toMatchObject({
      outcomes: [to('a')],
    })
  })

  test('SMI anchors a path at its start only, and what no split takes goes to the service', async () => {
    const objects = documents(
      split('[{ service: a, weight: 1 }]', 'v1alpha4', ', matches: [{ kind: HTTPRouteGroup, name: api }]'),
      `
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: api }
spec: { matches: [{ name: api, pathRegex: /api, methods: [GET] }] }`,
    )
    expect(await decide('smi', objects, 'GET http://web/api/users')).toMatchObject({ outcomes: [to('a')], rule: 'web' })
    expect(await decide('smi', objects, 'POST http://web/api')).toEqual({ outcomes: [to('web')], rule: null })
  })

  test('a ServiceProfile takes the place of the HTTPRoutes of its Service', async () => {
    const objects = documents(
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]'),
      `
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: web.default.svc.cluster.local }
spec:
  dstOverrides:
    - { authority: b.default.svc.cluster.local, weight: 900m }
    - { authority: "c.default.svc.cluster.local:8080", weight: 100m }`,
    )
    expect(await decide('linkerd', objects, 'GET http://web/')).toEqual({
      outcomes: [to('b', 0.9), to('c', 0.1, 8080)],
      rule: 'web.default.svc.cluster.local',
    })
  })

  test('HTTPRoutes of the Service take the place of its VirtualService on Istio', async () => {
    const objects = documents(
      virtualService('\n- route: [{ destination: { host: a } }]'),
      httpRoute('\n- backendRefs: [{ name: b, port: 80 }]'),
    )
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [to('b')] })
  })

  test('a route of the client’s namespace replaces that of the Service', async () => {
    const parent = '{ group: "", kind: Service, name: web, namespace: default, port: 80 }'
    const objects = documents(
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]'),
      httpRoute(
        '\n- backendRefs: [{ name: b, namespace: default, port: 80 }]',
        parent,
        '{ name: web, namespace: pay }',
      ),
    )
    const request = 'GET http://web.default/'
    expect(await decide('gateway-api', objects, request)).toMatchObject({ outcomes: [to('a')] })
    expect(await decide('gateway-api', objects, request, '--from-namespace', 'pay')).toMatchObject({
      outcomes: [to('b')],
    })
  })

  test('a VirtualService that is exported to its own namespace only has no say elsewhere', async () => {
    const objects = virtualService('\n- route: [{ destination: { host: a } }]', '\n  exportTo: [.]')
    expect(await decide('istio', objects, 'GET http://web.default/', '--from-namespace', 'pay')).toEqual({
      outcomes: [to('web')],
      rule: null,
    })
  })
})

describe('hosts', () => {
  test.each([
    'web',
    'web.default',
    'web.default.svc',
    'web.default.svc.cluster.local',
    'WEB.default.svc.cluster.local.',
  ])('%s is the Service web of the client’s namespace', async (host) => {
    expect(await decide('istio', service('web'), `GET http://${host}/`)).toEqual({ outcomes: [to('web')], rule: null })
  })

  test('a plain name is one of the client’s namespace', async () => {
    const found = await decide('istio', service('web', undefined, 'pay'), 'GET http://web/', '--from-namespace', 'pay')
    expect(found).toMatchObject({ outcomes: [{ backend: 'pay/web' }] })
  })

  test('any name exists where no Service is given', async () => {
    expect(await decide('smi', split('[{ service: a, weight: 1 }]'), 'GET http://other:81/x')).toEqual({
      outcomes: [to('other', 1, 81)],
      rule: null,
    })
  })

  test.each(['nobody', 'web.pay', 'www.example.com'])(
    '%s is an error where Services are given and it is none',
    async (host) => {
      const { code, stdout, stderr } = await refuse('istio', service('web'), `GET http://${host}/`)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(
        `AP7201 no rule names the host ${host}, and it is none of the Services given: Service default/web.`,
      )
    },
  )
})

describe('gRPC', () => {
  const objects = httpRoute(`
- matches: [{ path: { type: Exact, value: /shop.Cart/Add }, method: POST }]
  backendRefs: [{ name: a, port: 80, weight: 1 }, { name: gone, port: 80, weight: 1 }]`)

  test('is a POST of the path, and failures are gRPC codes', async () => {
    const given = documents(objects, service('web'), service('a'))
    expect(await decide('gateway-api', given, 'GET http://web/shop.Cart/Add', '--protocol', 'grpc')).toEqual({
      outcomes: [to('a', 0.5), { share: 0.5, status: 2 }],
      rule: '0',
    })
  })

  test('is answered 12 where nothing matches', async () => {
    expect(await decide('linkerd', objects, 'POST http://web/shop.Cart/Clear', '--protocol', 'grpc')).toEqual({
      outcomes: [{ share: 1, status: 12 }],
      rule: null,
    })
  })
})
