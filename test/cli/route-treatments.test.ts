import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, refuse, service, to, virtualService } from './support/route.ts'

describe('what is not modelled is said, not guessed', () => {
  test('a field of the rule that takes the request, with its place; one of another rule is no matter', async () => {
    const objects = virtualService(`
- match: [{ uri: { prefix: /slow } }]
  corsPolicy: { allowOrigins: [{ exact: a }] }
  route: [{ destination: { host: a } }]
- route: [{ destination: { host: b } }]`)
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [to('b')] })
    const { code, stderr } = await refuse('istio', objects, 'GET http://web/slow', '-H', 'origin: http://b')
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

  test('a fault of which nothing says what it is injects none', async () => {
    expect(await decide('istio', api, 'GET http://web/odd')).toMatchObject({ outcomes: [to('a')] })
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
    const idle = annotated('{ timeout.linkerd.io/idle: 3s, timeout.linkerd.io/response: 2s }')
    expect(await decide('linkerd', idle, 'GET http://web/')).toEqual({
      outcomes: [to('a')],
      rule: '0',
      backendTimeout: '2s',
    })
    const { stderr } = await refuse('linkerd', annotated('{ timeout.linkerd.io/other: 3s }'), 'GET http://web/')
    expect(stderr).toContain('whose metadata.annotations.timeout.linkerd.io/other')
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
    const { stderr } = await refuse('linkerd', annotated.replace('/request', '/other'))
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
