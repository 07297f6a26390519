import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { split, translate, translated, web } from './support/translate.ts'

describe('neutral outputs as documents', () => {
  const neutral = (spec: string) => split(spec, 'mesh-autopilot.dev/v1')

  test('have ports and matches of their own', async () => {
    const object = neutral(
      '{ service: web, ports: [80], matches: [{ path: { prefixPath: /a } }], backends: [{ service: a, port: 8080, weight: 1 }] }',
    )
    const [route] = await translated('gateway-api', object)
    expect(route.spec.rules[0]).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/a' } }],
      backendRefs: [{ name: 'a', port: 8080, weight: 1 }],
    })
  })

  test.each([
    [
      '{ service: web, backends: [{ service: a, weight: -1 }] }',
      'stdin:5:56 AP2109 TrafficSplit web gives a the weight -1',
    ],
    ['{ service: web, backends: [] }', 'AP2107 TrafficSplit web has no backends'],
    [
      '{ service: web, backends: [{ service: a, weight: 1 }], bakends: [] }',
      'AP2104 TrafficSplit web is malformed: it has the unknown field bakends',
    ],
    [
      '{ service: web, matches: [{ kind: HTTPRouteGroup, name: none }], backends: [{ service: a, weight: 1 }] }',
      'AP2112',
    ],
  ])('%s is refused', async (spec, message) => {
    const { code, stderr } = await translate('istio', documents(neutral(spec), web))
    expect(code).toBe(1)
    expect(stderr[0]).toContain(message)
  })
})

describe('neutral policies as documents', () => {
  const policy = (kind: string, spec: string) => `
apiVersion: mesh-autopilot.dev/v1
kind: ${kind}
metadata: { name: web, namespace: shop }
spec: ${spec}`
  const neutral = policy(
    'TrafficSplit',
    '{ service: web, backends: [{ service: web-v1, weight: 9 }, { service: web-v2, weight: 1 }] }',
  )

  test('are merged with the splits of their service', async () => {
    const retries = policy(
      'RetryPolicy',
      '{ service: web, timeout: 5000, retries: { attempts: 2, conditions: [5xx] } }',
    )
    const [virtual] = await translated('istio', documents(web, neutral, retries))
    expect(virtual.spec.http).toMatchObject([{ timeout: '5s', retries: { attempts: 2, retryOn: '5xx' } }])
    expect(virtual.spec.http[0].route).toHaveLength(2)
  })

  test('hold for a service without a split', async () => {
    const mirror = policy('TrafficMirror', '{ service: web, to: web-v2, percent: 20 }')
    const [route] = await translated('gateway-api', documents(web, mirror))
    expect(route.spec.rules[0].filters[0].requestMirror).toMatchObject({ backendRef: { name: 'web-v2' }, percent: 20 })
  })

  test('a value that a policy may not have is told at its place', async () => {
    const fault = policy('FaultInjection', '{ service: web, abort: { status: 503, percent: 101 } }')
    const { code, stderr } = await translate('istio', documents(web, fault))
    expect(code).toBe(1)
    expect(stderr[0]).toMatch(/^stdin:11:\d+ AP2140 FaultInjection web: abort.percent is 101/)
  })
})
