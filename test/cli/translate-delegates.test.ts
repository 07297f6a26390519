import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { service, translate, translated } from './support/translate.ts'

const virtualService = (name: string, spec: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
const to = (host: string) => `route: [{ destination: { host: ${host}, port: { number: 80 } } }]`
const root = virtualService(
  'web',
  `
  hosts: [web]
  http:
    - { match: [{ uri: { exact: /api } }], timeout: 3s, delegate: { name: api } }
    - { ${to('web')} }`,
)
const api = virtualService(
  'api',
  `{ http: [{ match: [{ headers: { x-a: { exact: "1" } } }], ${to('a')} }, { ${to('b')} }] }`,
)
const services = documents(service('web'), service('a'), service('b'))

describe('VirtualServices that delegate', () => {
  test('are one route, with the routes of the delegate in their place', async () => {
    const [route] = await translated('gateway-api', documents(root, api, services))
    expect(route.spec.rules).toEqual([
      {
        matches: [{ path: { type: 'Exact', value: '/api' }, headers: [{ name: 'x-a', type: 'Exact', value: '1' }] }],
        backendRefs: [{ name: 'a', port: 80, weight: 100 }],
        timeouts: { request: '3s' },
      },
      {
        matches: [{ path: { type: 'Exact', value: '/api' } }],
        backendRefs: [{ name: 'b', port: 80, weight: 100 }],
        timeouts: { request: '3s' },
      },
      { backendRefs: [{ name: 'web', port: 80, weight: 100 }] },
    ])
  })

  test('whose delegate is not there are refused where they name it', async () => {
    const { code, stdout, stderr } = await translate('gateway-api', documents(root, services))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([
      expect.stringMatching(/^stdin:8:\d+ AP7102 spec\.http\[0\]\.delegate .* VirtualService shop\/web/),
    ])
  })

  test('take what they cannot say to the place where they delegate', async () => {
    const cors = api.replace('http: [{ ', 'http: [{ corsPolicy: { allowOrigins: [{ exact: "http://a" }] }, ')
    const { code, stderr } = await translate('gateway-api', documents(root, cors, services))
    expect(code).toBe(1)
    expect(stderr).toEqual([expect.stringMatching(/^stdin:8:\d+ AP7102 .*corsPolicy.* VirtualService shop\/web/)])
  })

  test('are not asked for a delegate that nobody names', async () => {
    const { code, stderr } = await translate('gateway-api', documents(api, services))
    expect(code).toBe(1)
    expect(stderr).toEqual([
      expect.stringMatching(/^stdin:5:\d+ AP7102 traffic that is not of a Service of VirtualService shop\/api/),
    ])
  })
})
