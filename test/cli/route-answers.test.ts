import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, refuse, service, to, virtualService } from './support/route.ts'
import { translate } from './support/translate.ts'

const toA = 'route: [{ destination: { host: a } }]'
const backendA = 'backendRefs: [{ name: a, port: 80 }]'
const crossing = ['-H', 'origin: http://other']

describe('where a redirect leads', () => {
  const redirects: [string, string][] = [
    ['istio', virtualService('\n- redirect: { authority: x.com }')],
    [
      'gateway-api',
      httpRoute('\n- filters: [{ type: RequestRedirect, requestRedirect: { hostname: x.com, statusCode: 301 } }]'),
    ],
  ]

  test.each(redirects)('on %s it keeps the query as it was sent', async (mesh, objects) => {
    expect(await decide(mesh, objects, 'GET http://web/a?q=1&flag&q=2')).toEqual({
      outcomes: [{ share: 1, status: 301 }],
      rule: '0',
      location: 'http://x.com/a?q=1&flag&q=2',
    })
  })

  test('a path with a query of its own takes the place of both', async () => {
    const objects = virtualService('\n- redirect: { uri: "/b?x=1" }')
    expect(await decide('istio', objects, 'GET http://web/a?q=1')).toMatchObject({ location: 'http://web/b?x=1' })
  })
})

describe('headers of a redirect that are changed', () => {
  const objects: [string, string, string][] = [
    [
      'istio',
      virtualService('\n- redirect: { uri: /b }\n  headers: { response: { set: { X-A: b } } }'),
      'headers.response of a redirect',
    ],
    [
      'gateway-api',
      httpRoute(`
- filters:
    - { type: RequestRedirect, requestRedirect: { hostname: x.com } }
    - { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: X-A, value: b }] } }`),
      'changed headers of a redirect',
    ],
  ]

  test.each(objects)('are those of the answer on %s', async (mesh, given) => {
    expect(await decide(mesh, given, 'GET http://web/')).toMatchObject({
      location: expect.any(String),
      responseHeaders: { set: { 'x-a': 'b' }, add: {}, remove: [] },
    })
  })

  test.each(objects)('of %s are not left out of a translation silently', async (_mesh, given, what) => {
    const { code, stderr } = await translate('linkerd', documents(given, service('web')))
    expect({ code, isSaid: stderr.some((line) => line.includes(what)) }).toEqual({ code: 1, isSaid: true })
  })
})

test('a route whose name is empty goes by its place', async () => {
  const objects = virtualService(`\n- { name: "", ${toA} }`)
  expect(await decide('istio', objects, 'GET http://web/')).toEqual({ outcomes: [to('a')], rule: '0' })
})

describe('what retries are for', () => {
  test('is listed as it is written, each once', async () => {
    const objects = virtualService(`\n- retries: { attempts: 3, retryOn: "reset,503,connect-failure,503" }\n  ${toA}`)
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({
      retries: { attempts: 3, on: ['reset', '503', 'connect-failure'] },
    })
  })

  test('is in the order of pilot where it is not written', async () => {
    const objects = virtualService(`\n- retries: { attempts: 3 }\n  ${toA}`)
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({
      retries: { attempts: 3, on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'] },
    })
  })
})

describe('a policy for other origins', () => {
  const objects: [string, string][] = [
    ['istio', virtualService(`\n- corsPolicy: { allowOrigins: [{ exact: a }] }\n  ${toA}`)],
    ['gateway-api', httpRoute(`\n- filters: [{ type: CORS, cors: { allowOrigins: ["http://a"] } }]\n  ${backendA}`)],
  ]

  test.each(objects)('is no matter on %s to a request that names no origin', async (mesh, given) => {
    expect(await decide(mesh, given, 'GET http://web/')).toEqual({ outcomes: [to('a')], rule: '0' })
  })

  test.each(objects)('is not guessed on %s for one that does', async (mesh, given) => {
    const { code, stdout, stderr } = await refuse(mesh, given, 'GET http://web/', ...crossing)
    expect({ code, stdout, isSaid: stderr.includes('AP7203') }).toEqual({ code: 1, stdout: '', isSaid: true })
  })
})

describe('matches of a VirtualService', () => {
  const rules = (match: string) => virtualService(`\n- name: taken\n  match: [${match}]\n  ${toA}\n- ${toA}`)

  test.each<[string, string, string, string]>([
    ['the port 0 is none', '{ port: 0 }', 'GET http://web:8080/', 'taken'],
    ['the method is a header', '{ headers: { ":method": { exact: POST } } }', 'POST http://web/', 'taken'],
    ['so is the path, with its query', '{ headers: { ":path": { exact: "/a?b" } } }', 'GET http://web/a?b', 'taken'],
    ['and the host', '{ headers: { ":authority": { prefix: web } } }', 'GET http://web:81/', 'taken'],
    ['which may be none', '{ withoutHeaders: { ":method": { exact: POST } } }', 'POST http://web/', '1'],
  ])('%s', async (_what, match, request, rule) => {
    expect(await decide('istio', rules(match), request)).toMatchObject({ rule })
  })

  test.each([':method', '@request.auth.claims.sub'])('the name %s is no header to other meshes', async (name) => {
    const { code, stderr } = await translate(
      'gateway-api',
      documents(rules(`{ headers: { "${name}": { exact: POST } } }`), service('web')),
    )
    expect(code).toBe(1)
    expect(stderr[0]).toMatch(/^stdin:9:\d+ AP7102 .*a header that is none.* gateway-api/)
  })
})

describe('versions that no cluster serves', () => {
  test.each<[string, string, string]>([
    ['a VirtualService', 'networking.istio.io/v2', virtualService(`\n- ${toA}`)],
    ['an HTTPRoute', 'gateway.networking.k8s.io/v1alpha2', httpRoute(`\n- ${backendA}`)],
  ])('of %s are refused at their place', async (_what, version, objects) => {
    const { code, stdout, stderr } = await refuse('istio', objects.replace(/apiVersion: .*/, `apiVersion: ${version}`))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:2:13 AP7003 .*apiVersion: there is no version v/)
  })
})

describe('an HTTPRoute that a sidecar of Istio follows', () => {
  test.each<[string, string, object]>([
    ['a bound for each attempt bounds the request', 'timeouts: { request: 5s, backendRequest: 1s }', { timeout: '1s' }],
    [
      'that of attempts where there are some',
      'timeouts: { request: 5s, backendRequest: 1s }\n  retry: { codes: [503] }',
      { timeout: '5s', retries: { attempts: 2, perTryTimeout: '1s', on: ['503'] } },
    ],
  ])('%s', async (_what, fields, expected) => {
    expect(await decide('istio', httpRoute(`\n- ${fields}\n  ${backendA}`), 'GET http://web/')).toEqual({
      outcomes: [to('a')],
      rule: '0',
      ...expected,
    })
  })

  test('means what the specification says on the Gateway API', async () => {
    const objects = httpRoute(`\n- timeouts: { request: 5s, backendRequest: 1s }\n  ${backendA}`)
    expect(await decide('gateway-api', objects, 'GET http://web/')).toMatchObject({
      timeout: '5s',
      backendTimeout: '1s',
    })
  })
})

describe('a fault of which nothing says what it is', () => {
  test.each(['abort: { percentage: { value: 10 } }', 'delay: { percentage: { value: 10 } }'])(
    'is none to a request: %s',
    async (fault) => {
      const objects = virtualService(`\n- fault: { ${fault} }\n  ${toA}`)
      expect(await decide('istio', objects, 'GET http://web/')).toEqual({ outcomes: [to('a')], rule: '0' })
    },
  )
})
