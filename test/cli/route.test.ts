import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'

/** The decision of a mesh over objects, as programs read it. */
async function decide(mesh: string, objects: string, request: string, ...options: string[]): Promise<unknown> {
  const args = ['route', '--mesh', mesh, '-f', '-', '--request', request, '-o', 'json', ...options]
  const { code, stdout, stderr } = await callAp(args, objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

async function refuse(mesh: string, objects: string, request = 'GET http://web/', ...options: string[]) {
  return callAp(['route', '--mesh', mesh, '-f', '-', '--request', request, ...options], objects)
}

const virtualService = (http: string, rest = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]${rest}
  http:${http.replaceAll('\n', '\n  ')}
`
const httpRoute = (
  rules: string,
  parent = '{ group: "", kind: Service, name: web, port: 80 }',
  metadata = '{ name: web }',
) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: ${metadata}
spec:
  parentRefs: [${parent}]
  rules:${rules.replaceAll('\n', '\n  ')}
`
const split = (backends: string, version = 'v1alpha4', rest = '') => `
apiVersion: split.smi-spec.io/${version}
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: ${backends}${rest} }
`
const service = (name: string, spec = '{ selector: { app: web }, ports: [{ port: 80 }] }', namespace = 'default') => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`
const documents = (...all: string[]) => all.join('\n---\n')
const to = (backend: string, share = 1, port = 80) => ({ share, backend: `default/${backend}`, port, subset: null })

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
    ['smi', split('[{ service: a, weight: 7 }, { service: gone, weight: 3 }]'), 503],
  ])('%s answers for the share of a backend that is not among the Services', async (mesh, objects, status) => {
    const given = documents(objects, service('web'), service('a'))
    expect(await decide(mesh, given, 'GET http://web/')).toEqual({
      outcomes: [to('a', 0.7), { share: 0.3, status }],
      rule: mesh === 'smi' ? 'web' : '0',
    })
  })

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

describe('what is not modelled is said, not guessed', () => {
  test('a field of the rule that takes the request, with its place; one of another rule is no matter', async () => {
    const objects = virtualService(`
- match: [{ uri: { prefix: /slow } }]
  corsPolicy: { allowOrigins: [{ exact: a }] }
  route: [{ destination: { host: a } }]
- route: [{ destination: { host: b } }]`)
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [to('b')] })
    const { code, stderr } = await refuse('istio', objects, 'GET http://web/slow')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'stdin:9:5 AP7203 the request is taken by VirtualService default/web, whose spec.http[0].corsPolicy',
    )
  })
})

describe('headers that a backend changes', () => {
  const own = (header: string) => `headers: { response: { add: { X-Version: ${header} } } }`

  test('are said with it where backends differ', async () => {
    const objects = virtualService(`
- headers: { response: { remove: [X-Powered-By] } }
  route:
    - { destination: { host: a }, weight: 90, ${own('a')} }
    - { destination: { host: b }, weight: 10, ${own('b')} }`)
    const changed = (version: string) => ({ set: {}, add: { 'x-version': version }, remove: [] })
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({
      outcomes: [
        { share: 0.9, backend: 'default/a', responseHeaders: changed('a') },
        { share: 0.1, backend: 'default/b', responseHeaders: changed('b') },
      ],
      responseHeaders: { set: {}, add: {}, remove: ['x-powered-by'] },
    })
  })

  test('are said of the whole decision where they are the same', async () => {
    const objects = virtualService(`
- headers: { response: { remove: [X-Powered-By] } }
  route: [{ destination: { host: a }, ${own('a')} }]`)
    expect(await decide('istio', objects, 'GET http://web/')).toEqual({
      outcomes: [{ share: 1, backend: 'default/a', port: 80, subset: null }],
      rule: '0',
      responseHeaders: { set: {}, add: { 'x-version': 'a' }, remove: ['x-powered-by'] },
    })
  })
})

describe('what is done to a request besides', () => {
  const api = virtualService(`
- name: api
  match: [{ uri: { prefix: /api/ } }]
  timeout: 90s
  retries: { attempts: 3, perTryTimeout: 500ms, retryOn: "5xx,reset", retryRemoteLocalities: true }
  fault: { delay: { percentage: { value: 10 }, fixedDelay: 2s }, abort: { percentage: { value: 20 }, httpStatus: 503 } }
  mirror: { host: shadow, subset: v2 }
  mirrorPercentage: { value: 25 }
  headers: { request: { set: { X-A: b }, remove: [X-C] }, response: { add: { X-D: e } } }
  rewrite: { uri: /, authority: other }
  route: [{ destination: { host: a, subset: v1 } }]
- match: [{ uri: { prefix: /old } }]
  redirect: { uri: /new, authority: web.example, redirectCode: 308 }
- match: [{ uri: { prefix: /odd } }]
  fault: { abort: { percentage: { value: 20 } } }
  route: [{ destination: { host: a } }]
- match: [{ uri: { prefix: /said } }]
  timeout: 1s
  directResponse: { status: 418 }
- route: [{ destination: { host: a } }]`)
  const v1 = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: a }
spec: { host: a, subsets: [{ name: v1, labels: { version: v1 } }] }`

  test('is said where it applies', async () => {
    expect(await decide('istio', documents(api, v1), 'GET http://web/api/x')).toEqual({
      outcomes: [
        { share: 0.8, backend: 'default/a', port: 80, subset: 'v1' },
        { share: 0.2, status: 503 },
      ],
      rule: 'api',
      timeout: '1m30s',
      retries: { attempts: 3, perTryTimeout: '500ms', on: ['5xx', 'reset'] },
      delays: [{ percent: 10, duration: '2s' }],
      mirrors: [{ backend: 'default/shadow', port: 80, percent: 25 }],
      requestHeaders: { set: { 'x-a': 'b' }, add: {}, remove: ['x-c'] },
      responseHeaders: { set: {}, add: { 'x-d': 'e' }, remove: [] },
      rewrite: { host: 'other', path: '/x' },
    })
    expect(await decide('istio', api, 'GET http://web/')).toEqual({ outcomes: [to('a')], rule: '4' })
  })

  test('a redirect says where to', async () => {
    expect(await decide('istio', api, 'GET http://web/old?a=b')).toEqual({
      outcomes: [{ share: 1, status: 308 }],
      rule: '1',
      location: 'http://web.example/new?a=b',
    })
  })

  test('an answer of the VirtualService itself is not timed', async () => {
    const decision = await decide('istio', api, 'GET http://web/said')
    expect(decision).toEqual({ outcomes: [{ share: 1, status: 418 }], rule: '3' })
  })

  test('a fault that is not modelled is said, not guessed', async () => {
    const { code, stdout, stderr } = await refuse('istio', api, 'GET http://web/odd')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:21:\d+ AP7203 .*spec\.http\[2\]\.fault\.abort/)
  })

  const treated = httpRoute(`
- timeouts: { request: 10s, backendRequest: 2s }
  filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: shadow, port: 81 }, percent: 5 } }]
  backendRefs: [{ name: a, port: 80 }]`)

  test('the Gateway API bounds each request to a backend as well', async () => {
    expect(await decide('gateway-api', treated, 'GET http://web/')).toEqual({
      outcomes: [to('a')],
      rule: '0',
      timeout: '10s',
      backendTimeout: '2s',
      mirrors: [{ backend: 'default/shadow', port: 81, percent: 5 }],
    })
  })

  test('Linkerd reads its annotations, and those it does not model are said', async () => {
    const annotated = (annotations: string) =>
      httpRoute('\n- backendRefs: [{ name: a, port: 80 }]').replace(
        'metadata: { name: web }',
        `metadata: { name: web, annotations: ${annotations} }`,
      )
    const retries = annotated(
      '{ retry.linkerd.io/http: 5xx, retry.linkerd.io/limit: "2", timeout.linkerd.io/request: 3s }',
    )
    const expected = { outcomes: [to('a')], rule: '0', timeout: '3s', retries: { attempts: 2, on: ['5xx'] } }
    expect(await decide('linkerd', retries, 'GET http://web/')).toEqual(expected)
    expect(await decide('gateway-api', retries, 'GET http://web/')).toEqual({ outcomes: [to('a')], rule: '0' })
    const { stderr } = await refuse('linkerd', annotated('{ timeout.linkerd.io/idle: 3s }'), 'GET http://web/')
    expect(stderr).toContain('whose metadata.annotations.timeout.linkerd.io/idle')
  })

  test('Linkerd follows the annotations of the Service where a route has none, and where there is no route', async () => {
    const annotated = service('web').replace(
      'name: web,',
      'name: web, annotations: { retry.linkerd.io/http: 5xx, timeout.linkerd.io/request: 3s },',
    )
    const plain = httpRoute('\n- backendRefs: [{ name: web, port: 80 }]')
    const asking = plain.replace('{ name: web }', '{ name: web, annotations: { retry.linkerd.io/limit: "2" } }')
    const defaults = { outcomes: [to('web')], timeout: '3s', retries: { attempts: 1, on: ['5xx'] } }
    expect(await decide('linkerd', annotated, 'GET http://web/')).toEqual({ ...defaults, rule: null })
    expect(await decide('linkerd', documents(annotated, plain), 'GET http://web/')).toEqual({ ...defaults, rule: '0' })
    expect(await decide('linkerd', documents(annotated, asking), 'GET http://web/')).toEqual({
      ...defaults,
      rule: '0',
      retries: { attempts: 2, on: ['5xx'] },
    })
    expect(await decide('linkerd', annotated, 'GET http://web/', '--protocol', 'tcp')).toEqual({
      outcomes: [to('web')],
      rule: null,
    })
    const { stderr } = await refuse('linkerd', annotated.replace('/request', '/idle'))
    expect(stderr).toMatch(/^stdin:4:\d+ AP7203 .*Service default\/web, whose metadata.annotations.timeout/)
  })

  test('host names of a route, which Linkerd compares first and others in the mesh do not', async () => {
    const named = (name: string, hosts: string, backend: string, match = '') =>
      httpRoute(`\n- backendRefs: [{ name: ${backend}, port: 80 }]${match}`, undefined, `{ name: ${name} }`).replace(
        '  rules:',
        `  hostnames: ${hosts}\n  rules:`,
      )
    const alone = named('a', '[a.b]', 'a')
    expect(await decide('gateway-api', alone, 'GET http://web/')).toMatchObject({ outcomes: [to('a')] })
    expect(await decide('linkerd', alone, 'GET http://web/')).toMatchObject({ outcomes: [{ share: 1, status: 404 }] })
    const three = documents(
      httpRoute(
        '\n- matches: [{ path: { value: /x } }]\n  backendRefs: [{ name: c, port: 80 }]',
        undefined,
        '{ name: c }',
      ),
      named('b', '["*.default"]', 'b'),
      named('a', '[web.default]', 'a'),
    )
    expect(await decide('linkerd', three, 'GET http://web.default/x')).toMatchObject({ outcomes: [to('a')] })
    expect(await decide('linkerd', three, 'GET http://web/x')).toMatchObject({ outcomes: [to('c')] })
    expect(await decide('linkerd', three, 'GET http://web/')).toMatchObject({ outcomes: [{ status: 404 }] })
  })

  test('a change to responses in Linkerd’s own kind of route, which it takes for one to requests', async () => {
    const filter = '{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x, value: a }] } }'
    const route = httpRoute(`\n- filters: [${filter}]\n  backendRefs: [{ name: a, port: 80 }]`)
    const changes = { set: { x: 'a' }, add: {}, remove: [] }
    const own = route.replace('gateway.networking.k8s.io/v1', 'policy.linkerd.io/v1beta3')
    expect(await decide('linkerd', own, 'GET http://web/')).toMatchObject({ requestHeaders: changes })
    expect(await decide('linkerd', own, 'GET http://web/')).not.toHaveProperty('responseHeaders')
    expect(await decide('linkerd', route, 'GET http://web/')).toMatchObject({ responseHeaders: changes })
  })

  test.each([
    ['/foo', '/xyz', '/foo/bar', '/xyz/bar'],
    ['/foo', '/xyz/', '/foo/bar', '/xyz/bar'],
    ['/foo/', '/xyz', '/foo/bar', '/xyz/bar'],
    ['/foo', '/xyz', '/foo', '/xyz'],
    ['/foo', '/xyz', '/foo/', '/xyz/'],
    ['/foo', '', '/foo/bar', '/bar'],
    ['/foo', '/', '/foo/', '/'],
    ['/foo', '/', '/foo', '/'],
  ])('the prefix %s replaced by "%s" makes of %s %s', async (prefix, replacement, asked, expected) => {
    const path = `path: { type: ReplacePrefixMatch, replacePrefixMatch: "${replacement}" }`
    const rule = (filter: string, rest: string) =>
      httpRoute(`\n- matches: [{ path: { value: ${prefix} } }]\n  filters: [${filter}]${rest}`)
    const rewriting = rule(`{ type: URLRewrite, urlRewrite: { ${path} } }`, '\n  backendRefs: [{ name: a, port: 80 }]')
    const redirecting = rule(`{ type: RequestRedirect, requestRedirect: { ${path} } }`, '')
    expect(await decide('gateway-api', rewriting, `GET http://web${asked}?q=1`)).toEqual({
      outcomes: [to('a')],
      rule: '0',
      rewrite: { path: expected },
    })
    expect(await decide('gateway-api', redirecting, `GET http://web${asked}?q=1`)).toMatchObject({
      location: `http://web${expected}?q=1`,
    })
  })

  test('an HTTPRoute without rules has one without backends, as its definition says', async () => {
    const route = httpRoute('').replace('  rules:', '')
    expect(await decide('gateway-api', route, 'GET http://web/')).toEqual({
      outcomes: [{ share: 1, status: 500 }],
      rule: '0',
    })
    expect(await decide('linkerd', route, 'GET http://web/')).toEqual({ outcomes: [to('web')], rule: '0' })
  })
})

describe('objects that a cluster would refuse', () => {
  test.each<[string, string, string, string]>([
    [
      'a redirect that Envoy has no word for',
      'istio',
      virtualService('\n- redirect: { uri: /a, redirectCode: 305 }'),
      'spec.http[0].redirect.redirectCode: 305 is none of 301, 302, 303, 307, 308',
    ],
    [
      'a redirect that the Gateway API does not have',
      'gateway-api',
      httpRoute('\n- filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 304 } }]'),
      'requestRedirect.statusCode: 304 is none of 301, 302, 303, 307, 308',
    ],
    [
      'a negative weight',
      'istio',
      virtualService('\n- route: [{ destination: { host: a }, weight: -1 }]'),
      'stdin:8:49 AP7003 VirtualService default/web: spec.http[0].route[0].weight: -1 is less than 0',
    ],
    [
      'no weight at all',
      'istio',
      virtualService('\n- route: [{ destination: { host: a }, weight: 0 }, { destination: { host: b } }]'),
      'spec.http[0].route: total destination weight = 0',
    ],
    [
      'more weight than Envoy takes',
      'istio',
      virtualService(
        '\n- route: [{ destination: { host: a }, weight: 2147483647 }, { destination: { host: b }, weight: 2147483647 }, { destination: { host: c }, weight: 2 }]',
      ),
      'is more than Envoy takes',
    ],
    [
      'an unknown field',
      'istio',
      virtualService('\n- rout: []\n  route: [{ destination: { host: a } }]'),
      '8:5 AP7003 VirtualService default/web: spec.http[0].rout: there is no such field (did you mean "route"?)',
    ],
    [
      'an expression that is none',
      'istio',
      virtualService('\n- match: [{ uri: { regex: "(" } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].uri.regex: "(" is not usable',
    ],
    [
      'look-ahead',
      'istio',
      virtualService('\n- match: [{ uri: { regex: "/(?=a)" } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].uri.regex',
    ],
    [
      'the expression * for a header',
      'istio',
      virtualService('\n- match: [{ headers: { x: { regex: "*" } } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].headers.x.regex',
    ],
    [
      'two conditions in one string match',
      'istio',
      virtualService('\n- match: [{ uri: { exact: /a, prefix: /b } }]\n  route: [{ destination: { host: a } }]'),
      'it excludes exact, which is there too',
    ],
    [
      'a route without an answer',
      'istio',
      virtualService('\n- match: [{ uri: { exact: /a } }]'),
      'one of route, redirect, directResponse and delegate is required',
    ],
    [
      'a part for others to delegate to, which says more than routes',
      'istio',
      virtualService('\n- route: [{ destination: { host: a } }]').replace(
        'hosts: [web]',
        'hosts: []\n  gateways: [mesh]',
      ),
      'spec.gateways: without hosts it must be left out',
    ],
    [
      'a status that Envoy refuses',
      'istio',
      virtualService('\n- directResponse: { status: 600 }'),
      'spec.http[0].directResponse.status: 600 is more than 599',
    ],
    [
      'retries of which there are none',
      'istio',
      virtualService('\n- route: [{ destination: { host: a } }]\n  retries: { attempts: 0, retryOn: 5xx }'),
      'spec.http[0].retries.retryOn: with 0 attempts it must be left out',
    ],
    [
      'a weight beyond a million',
      'gateway-api',
      httpRoute('\n- backendRefs: [{ name: a, port: 80, weight: 1000001 }]'),
      '1000001 is more than 1000000',
    ],
    [
      'a Service without a port',
      'linkerd',
      httpRoute('\n- backendRefs: [{ name: a }]'),
      'spec.rules[0].backendRefs[0]: Must have port for Service reference',
    ],
    [
      'a relative path',
      'gateway-api',
      httpRoute('\n- matches: [{ path: { value: foo } }]'),
      "value must be an absolute path and start with '/' when type is PathPrefix",
    ],
    ['// in a path', 'gateway-api', httpRoute('\n- matches: [{ path: { value: //a } }]'), "must not contain '//'"],
    [
      'one header twice',
      'gateway-api',
      httpRoute('\n- matches: [{ headers: [{ name: x, value: a }, { name: x, value: b }] }]'),
      'spec.rules[0].matches[0].headers[1].name: x is there already',
    ],
    ['a method that is none', 'gateway-api', httpRoute('\n- matches: [{ method: FETCH }]'), '"FETCH" is none of GET'],
    [
      'a filter without its field',
      'gateway-api',
      httpRoute('\n- filters: [{ type: URLRewrite }]\n  backendRefs: [{ name: a, port: 80 }]'),
      'urlRewrite must be specified for URLRewrite',
    ],
    [
      'a fraction as weight',
      'smi',
      split('[{ service: a, weight: 0.5 }]'),
      'spec.backends[0].weight: 0.5 is not a whole number',
    ],
    [
      'a quantity since v1alpha3',
      'smi',
      split('[{ service: a, weight: 500m }]', 'v1alpha3'),
      '"500m" is not a whole number',
    ],
    ['a negative quantity', 'smi', split('[{ service: a, weight: "-1" }]', 'v1alpha1'), '"-1" is no weight'],
    [
      'matches before v1alpha3',
      'smi',
      split('[{ service: a, weight: 1 }]', 'v1alpha2', ', matches: []'),
      'spec.matches: there is no such field',
    ],
    [
      'two headers in one map',
      'smi',
      '{ apiVersion: specs.smi-spec.io/v1alpha4, kind: HTTPRouteGroup, metadata: { name: a }, spec: { matches: [{ name: a, headers: [{ x: a, y: b }] }] } }',
      'spec.matches[0].headers[0]: it names 2 headers and has to name one',
    ],
    [
      'a name that is none',
      'smi',
      split('[{ service: a, weight: 1 }]').replace('name: web', 'name: Web_1'),
      'metadata.name: "Web_1" is no name of a TrafficSplit',
    ],
    [
      'a Service without ports',
      'istio',
      service('web', '{ selector: { a: b } }'),
      'Service default/web: spec: ports is missing',
    ],
    [
      'ports without names',
      'istio',
      service('web', '{ ports: [{ port: 80 }, { port: 81 }] }'),
      'name is missing; of several ports each has one',
    ],
    ['no kind', 'istio', 'apiVersion: v1', 'stdin:1:1 AP7001 this is no object of the Kubernetes API: it has no kind'],
    [
      'one object twice',
      'istio',
      documents(service('web'), service('web')),
      'AP7002 Service default/web is already given in stdin:2',
    ],
    ['no YAML', 'istio', 'a: [', 'stdin:1:5 AP1001 this is not YAML'],
  ])('%s', async (_what, mesh, objects, message) => {
    const { code, stdout, stderr } = await refuse(mesh, objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^stdin:\d+:\d+ AP\d{4} .*\.\n/)
  })

  test('withoutHeaders may have the expression *, and durations may be long', async () => {
    const objects = virtualService(
      '\n- match: [{ withoutHeaders: { x: { regex: "*" } } }]\n  route: [{ destination: { host: a } }]',
    )
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [to('a')] })
  })
})

describe('ap route', () => {
  test.each<[string, string[], string]>([
    [
      'no mesh',
      ['-f', '-', '--request', 'GET http://web/'],
      'name a mesh with --mesh: istio, linkerd, smi, gateway-api',
    ],
    [
      'an unknown mesh',
      ['--mesh', 'istoi', '-f', '-', '--request', 'GET http://web/'],
      '--mesh istoi is not a mesh (did you mean "istio"?)',
    ],
    ['no file', ['--mesh', 'istio', '--request', 'GET http://web/'], 'name a file with -f'],
    [
      'no request',
      ['--mesh', 'istio', '-f', '-'],
      "say which request with --request; write it as 'GET http://web.shop:8080/path?query'",
    ],
    ['a request without a method', ['--mesh', 'istio', '-f', '-', '--request', 'http://web/'], 'is no request'],
    ['another scheme', ['--mesh', 'istio', '-f', '-', '--request', 'GET ftp://web/'], 'is no request'],
    ['a port that is none', ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web:70000/'], '70000 is no port'],
    [
      'a header without a colon',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-H', 'x'],
      'is no header',
    ],
    [
      'the host as a header',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-H', 'Host: x'],
      'the host is the one of the URL',
    ],
    [
      'a protocol that is none',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '--protocol', 'udp'],
      '--protocol udp is not a protocol; there are http, grpc, tcp',
    ],
    [
      'a format that is none',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-o', 'yaml'],
      '-o yaml is not a format',
    ],
    ['an unknown option', ['--mehs', 'istio'], "unknown option '--mehs'\n(Did you mean --mesh?)"],
    ['standard input twice', ['--mesh', 'istio', '-f', '-', '-f', '-', '--request', 'GET http://web/'], 'only once'],
  ])('%s is a wrong call and exits with 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await callAp(['route', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('explains itself to people', async () => {
    const objects = documents(
      virtualService(
        '\n- name: canary\n  route: [{ destination: { host: a }, weight: 7 }, { destination: { host: gone }, weight: 3 }]',
      ),
      service('web'),
      service('a'),
    )
    const { stdout } = await refuse('istio', objects, 'GET http://web/x')
    expect(stdout).toBe(
      `GET /x to default/web:80 from default on istio
rule canary
     70 %  default/a:80
     30 %  status 503    there is no Service default/gone
`,
    )
  })

  test('as a user runs it: a file, examples in --help, no colours without a terminal', async () => {
    const help = await runAp(['route', '--help'])
    expect(help.stdout).toContain('Examples:\n  ap route --mesh istio')
    const missing = await runAp(['route', '--mesh', 'istio', '-f', 'no-such.yaml', '--request', 'GET http://web/'])
    expect(missing).toEqual({
      code: 1,
      stdout: '',
      stderr: 'AP1008 no-such.yaml cannot be read: there is no such file. Check the path and its permissions.\n',
    })
  })
})
