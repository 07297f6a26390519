import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../support/call-ap.ts'
import { documents } from './support/documents.ts'

/** The decision of a mesh about a call of gRPC. */
async function call(mesh: string, objects: string, path: string, ...options: string[]): Promise<unknown> {
  const request = ['--request', `POST http://cart${path}`, '--protocol', 'grpc', ...options]
  const { code, stdout, stderr } = await callAp(['route', '--mesh', mesh, '-f', '-', '-o', 'json', ...request], objects)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

async function translate(mesh: string, objects: string): Promise<unknown[]> {
  const { code, stdout, stderr } = await callAp(['translate', '--to', mesh, '-f', '-'], objects)
  expect({ code, errors: stderr.split('\n').filter((line) => / AP(21(?!45)|71(?!04))/.test(line)) }).toEqual({
    code: 0,
    errors: [],
  })
  return parseAllDocuments(stdout).map((document) => document.toJS())
}

const virtualService = (http: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart }
spec:
  hosts: [cart]
  http:${http.replaceAll('\n', '\n  ')}
`
const to = (backend: string, share = 1) => ({ share, backend: `default/${backend}`, port: 80, subset: null })

describe('a VirtualService and calls of gRPC', () => {
  const rules = virtualService(`
- match: [{ uri: { exact: /shop.Cart/Add }, headers: { x-beta: { exact: 'yes' } } }]
  route: [{ destination: { host: cart-v2 } }]
- match: [{ uri: { prefix: /shop.Cart/ } }]
  fault: { abort: { percentage: { value: 20 }, grpcStatus: RESOURCE_EXHAUSTED } }
  retries: { attempts: 2 }
  route: [{ destination: { host: cart-v1 } }]
- match: [{ uri: { prefix: /shop.Stock/ } }]
  fault: { abort: { percentage: { value: 50 }, httpStatus: 503 } }
  route: [{ destination: { host: stock } }]`)

  test('the method of the request is POST, whatever was typed', async () => {
    const add = ['/shop.Cart/Add', '-H', 'x-beta: yes'] as const
    expect(await call('istio', rules, ...add)).toEqual({ outcomes: [to('cart-v2')], rule: '0' })
  })

  test('a fault answers with its code, and retries without conditions are those of Istio', async () => {
    expect(await call('istio', rules, '/shop.Cart/Clear')).toEqual({
      outcomes: [to('cart-v1', 0.8), { share: 0.2, status: 8 }],
      rule: '1',
      retries: { attempts: 2, on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'] },
    })
  })

  test('an HTTP status is the code that gRPC maps it to', async () => {
    expect(await call('istio', rules, '/shop.Stock/Count')).toMatchObject({
      outcomes: [to('stock', 0.5), { share: 0.5, status: 14 }],
    })
  })

  test('what no rule takes is UNIMPLEMENTED', async () => {
    expect(await call('istio', rules, '/shop.Other/Do')).toEqual({ outcomes: [{ share: 1, status: 12 }], rule: null })
  })

  test('a fault with a code no gRPC has is refused, as the webhook does', async () => {
    const bad = virtualService('\n- fault: { abort: { grpcStatus: GONE } }\n  route: [{ destination: { host: a } }]')
    const { code, stdout, stderr } = await callAp(['translate', '--to', 'istio', '-f', '-'], bad)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^stdin:8:\d+ AP\d+ .*"GONE" is none of OK, CANCELLED/)
  })

  test('a fault with a code becomes a backend of that name where a mesh has no faults', async () => {
    const [route] = await translate(
      'linkerd',
      virtualService(`
- match: [{ port: 80 }]
  fault: { abort: { percentage: { value: 20 }, grpcStatus: UNAVAILABLE } }
  route: [{ destination: { host: cart-v1 } }]`),
    )
    expect(route).toMatchObject({
      spec: {
        rules: [
          {
            backendRefs: [
              { name: 'cart-v1', weight: 4 },
              { name: 'fault-grpc-14', weight: 1 },
            ],
          },
        ],
      },
    })
  })
})

const service = `
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ name: grpc, port: 80 }] }
`
const grpcRoute = (rules: string, metadata = '{ name: cart }') => `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: ${metadata}
spec:
  parentRefs: [{ group: "", kind: Service, name: cart, port: 80 }]
  rules:${rules.replaceAll('\n', '\n  ')}
`
const split = `
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: cart }
spec:
  service: cart
  matches: [{ kind: HTTPRouteGroup, name: adds }]
  backends: [{ service: cart-v2, weight: 1 }]
---
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: adds }
spec: { matches: [{ name: add, methods: [POST], pathRegex: '/shop\\.Cart/Add$' }] }
`

describe('a GRPCRoute', () => {
  const rules = grpcRoute(`
- matches: [{ headers: [{ name: x-beta, value: 'yes' }, { name: x-eu, value: 'yes' }] }]
  backendRefs: [{ name: headers, port: 80 }]
- matches: [{ method: { service: shop.Cart } }]
  backendRefs: [{ name: cart-v1, port: 80, weight: 3 }, { name: gone, port: 80 }]
- matches: [{ method: { service: shop.Cart, method: Add } }]
  backendRefs: [{ name: cart-v2, port: 80 }]`)
  const services = documents(...['cart', 'cart-v1', 'cart-v2', 'headers'].map((name) => service.replace('cart', name)))

  test.each(['gateway-api', 'linkerd', 'istio'])('on %s the longer names win, before any headers', async (mesh) => {
    const headers = ['-H', 'x-beta: yes', '-H', 'x-eu: yes']
    expect(await call(mesh, rules, '/shop.Cart/Add', ...headers)).toEqual({ outcomes: [to('cart-v2')], rule: '2' })
    expect(await call(mesh, rules, '/shop.Stock/Add', ...headers)).toEqual({ outcomes: [to('headers')], rule: '0' })
    expect(await call(mesh, rules, '/shop.Stock/Add')).toEqual({ outcomes: [{ share: 1, status: 12 }], rule: null })
  })

  test.each([
    // What Istio does, where the specification wants 14.
    ['gateway-api', 2],
    ['istio', 2],
    ['linkerd', 14],
  ])('on %s a backend that is missing has the code %i', async (mesh, status) => {
    expect(await call(mesh, documents(rules, services), '/shop.Cart/Clear')).toEqual({
      outcomes: [to('cart-v1', 0.75), { share: 0.25, status }],
      rule: '1',
    })
  })

  test('takes the place of an HTTPRoute of the same port', async () => {
    const http = grpcRoute('\n- backendRefs: [{ name: other, port: 80 }]', '{ name: a }').replace('GRPC', 'HTTP')
    expect(await call('linkerd', documents(http, rules), '/shop.Cart/Add')).toMatchObject({
      outcomes: [to('cart-v2')],
    })
    const { code, stderr } = await callAp(['translate', '--to', 'istio', '-f', '-'], documents(http, rules))
    expect(code).toBe(1)
    expect(stderr).toMatch(/HTTPRoute default\/a/)
  })

  test('Linkerd times its calls and tries them again by annotations', async () => {
    const annotations =
      '{ name: cart, annotations: { retry.linkerd.io/grpc: unavailable, retry.linkerd.io/limit: "3", timeout.linkerd.io/request: 2s } }'
    const annotated = grpcRoute('\n- backendRefs: [{ name: cart-v1, port: 80 }]', annotations)
    expect(await call('linkerd', annotated, '/shop.Cart/Add')).toEqual({
      outcomes: [to('cart-v1')],
      rule: '0',
      timeout: '2s',
      retries: { attempts: 3, on: ['unavailable'] },
    })
  })

  test.each<[string, string, string]>([
    [
      'timeouts, which it lacks',
      '\n- timeouts: { request: 1s }\n  backendRefs: [{ name: a, port: 80 }]',
      'spec.rules[0].timeouts',
    ],
    ['a redirect', '\n- filters: [{ type: RequestRedirect, requestRedirect: {} }]', 'spec.rules[0].filters[0].type'],
    ['a method of no name', '\n- matches: [{ method: { type: Exact } }]', 'spec.rules[0].matches[0].method'],
    [
      'a path as a service',
      '\n- matches: [{ method: { service: /shop.Cart } }]',
      'spec.rules[0].matches[0].method.service',
    ],
    [
      'an expression that is none',
      '\n- matches: [{ method: { type: RegularExpression, method: "(" } }]',
      'spec.rules[0].matches[0].method.method',
    ],
  ])('is refused with %s', async (_what, wrong, place) => {
    const args = ['route', '--mesh', 'gateway-api', '-f', '-', '--request', 'POST http://cart/a.B/C']
    const { code, stdout, stderr } = await callAp(args, grpcRoute(wrong))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(place)
  })
})

describe('translating gRPC', () => {
  const rule = (spec: unknown) => (spec as { spec: { rules?: unknown[]; http?: unknown[] } }).spec

  test('a VirtualService of a port that speaks gRPC becomes a GRPCRoute, and that a VirtualService again', async () => {
    const rules = virtualService(`
- match: [{ uri: { exact: /shop.Cart/Add } }]
  route: [{ destination: { host: cart-v2 } }]
- match: [{ uri: { prefix: /shop.Cart/ } }]
  route: [{ destination: { host: cart-v1 } }]
- route: [{ destination: { host: cart } }]`)
    const [route] = await translate('gateway-api', documents(rules, service))
    expect(route).toMatchObject({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GRPCRoute' })
    expect(rule(route).rules).toMatchObject([
      { matches: [{ method: { type: 'Exact', service: 'shop.Cart', method: 'Add' } }] },
      { matches: [{ method: { type: 'Exact', service: 'shop.Cart' } }] },
      { backendRefs: [{ name: 'cart', port: 80 }] },
    ])
    const [back] = await translate('istio', documents(JSON.stringify(route), service))
    expect(rule(back).http).toMatchObject([
      { match: [{ uri: { exact: '/shop.Cart/Add' } }] },
      { match: [{ uri: { exact: '/shop.Cart' } }, { uri: { prefix: '/shop.Cart/' } }] },
      {},
    ])
  })

  test('a TrafficSplit with matches for calls becomes a GRPCRoute', async () => {
    const [route] = await translate('linkerd', documents(split, service))
    expect(rule(route).rules).toMatchObject([
      { matches: [{ method: { service: 'shop.Cart', method: 'Add' } }], backendRefs: [{ name: 'cart-v2' }] },
      { backendRefs: [{ name: 'cart' }] },
    ])
  })

  test('a GRPCRoute becomes a TrafficSplit with a route group', async () => {
    const objects = await translate(
      'smi',
      documents(
        grpcRoute(`
- matches: [{ method: { service: shop.Cart, method: Add } }]
  backendRefs: [{ name: cart-v2, port: 80 }]
- backendRefs: [{ name: cart, port: 80 }]`),
        service,
      ),
    )
    expect(objects).toMatchObject([
      { kind: 'HTTPRouteGroup', spec: { matches: [{ pathRegex: '/shop\\.Cart/Add$' }] } },
      { kind: 'TrafficSplit', spec: { service: 'cart', backends: [{ service: 'cart-v2' }] } },
    ])
  })

  test('what a GRPCRoute cannot say is refused, with what works', async () => {
    const rules = virtualService('\n- timeout: 2s\n  route: [{ destination: { host: cart-v1 } }]')
    const { code, stdout, stderr } = await callAp(
      ['translate', '--to', 'gateway-api', '-f', '-'],
      documents(rules, service),
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('AP2101 gateway-api cannot carry a timeout of gRPC calls asked of default/cart')
  })
})
