import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { callAp } from '../support/call-ap.ts'

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
      retries: { attempts: 2, on: ['cancelled', 'connect-failure', 'refused-stream', 'unavailable'] },
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
