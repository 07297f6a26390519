import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServicePolicies } from '../../src/mesh/service-policies.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio, linkerd, smi } from './adapters.ts'

const apex = { namespace: 'shop', name: 'web' }
const canary = { namespace: 'shop', name: 'web-canary' }
const services: ServiceDirectory = { ports: () => [80] }

const policies: ServicePolicies = {
  affinity: { cookie: { name: 'sid', ttl: 3_600_000, path: '/' } },
  breaker: {
    consecutiveErrors: 7,
    interval: 10_000,
    ejectionTime: 30_000,
    maxEjectionPercent: 50,
    maxConnections: 100,
    maxPendingRequests: 10,
    maxRequestsPerConnection: 20,
  },
}

function traffic(asked: ServicePolicies): ServiceTraffic {
  const backends = [
    { service: apex, port: 80, weight: 90 },
    { service: canary, port: 80, weight: 10 },
  ]
  return { service: apex, ports: [{ port: 80, rules: [{ name: 'default', matches: [], backends }] }], policies: asked }
}

function rule(name: string, spec: string, namespace = 'shop'): KubeObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace },
    spec: parse(spec),
  }
}

describe('on Istio', () => {
  test('policies are a DestinationRule for each Service that gets requests, before the VirtualService', () => {
    const objects = istio.translate(traffic(policies))
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'DestinationRule web.web',
      'DestinationRule web.web-canary',
      'VirtualService web',
    ])
    expect(objects[1]?.spec).toEqual(
      parse(`
        host: web-canary.shop.svc.cluster.local
        trafficPolicy:
          loadBalancer: { consistentHash: { httpCookie: { name: sid, path: /, ttl: 1h } } }
          outlierDetection: { consecutive5xxErrors: 7, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 50 }
          connectionPool:
            tcp: { maxConnections: 100 }
            http: { http1MaxPendingRequests: 10, maxRequestsPerConnection: 20 }
      `),
    )
  })

  test('a breaker without a bound gets one of all pods: by itself Envoy leaves out a tenth, which of a few is none', () => {
    const [first] = istio.translate(traffic({ breaker: { consecutiveErrors: 3 } }))
    expect(first?.spec).toMatchObject({
      trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: 100 } },
    })
  })

  test('a cookie without an age gets one of 0: without any Envoy would not set it', () => {
    const [first] = istio.translate(traffic({ affinity: { cookie: { name: 'sid' } } }))
    expect(first?.spec).toMatchObject({
      trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: 'sid', ttl: '0s' } } } },
    })
  })

  test('policies need no split', () => {
    const objects = istio.translate({ service: apex, ports: [], policies })
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['DestinationRule web.web'])
    expect(istio.observe(objects, apex, services)).toEqual({
      traffic: { service: apex, ports: [], policies },
      problems: [],
    })
  })

  test.each<[string, string, string[]]>([
    ['how it speaks to pods', '{ host: web, trafficPolicy: { tls: { mode: DISABLE } } }', ['trafficPolicy.tls']],
    [
      'another balancer',
      '{ host: web, trafficPolicy: { loadBalancer: { simple: RANDOM } } }',
      ['trafficPolicy.loadBalancer.simple'],
    ],
    [
      'a cookie that the application sets',
      '{ host: web, trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: a } } } } }',
      ['trafficPolicy.loadBalancer.consistentHash.httpCookie'],
    ],
    [
      'a breaker that is off',
      '{ host: web, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 0 } } }',
      ['trafficPolicy.outlierDetection.consecutive5xxErrors'],
    ],
  ])('%s is beyond the neutral model', (_what, spec, beyond) => {
    const { traffic: read, problems } = istio.observe([rule('own', spec)], apex, services)
    expect(read).toBeUndefined()
    expect(problems.map(({ place }) => place?.path.slice(1).join('.'))).toEqual(beyond)
  })

  test('a policy that only some of the Services have is not one of the apex, and is said', () => {
    const objects = istio.translate(traffic(policies)).filter(({ metadata }) => metadata.name !== 'web.web')
    const { traffic: read, problems } = istio.observe(objects, apex, services)
    expect(read?.policies).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'AP2121', place: { path: ['spec', 'trafficPolicy'] } }])
  })

  test.each<[string, KubeObject, boolean]>([
    ['a policy for the host', rule('a', '{ host: web-canary, trafficPolicy: { tls: { mode: DISABLE } } }'), true],
    ['a policy for all hosts', rule('a', '{ host: "*.local", trafficPolicy: {} }', 'istio-system'), true],
    ['a rule beside the clients', rule('a', '{ host: web.shop.svc.cluster.local, subsets: [] }', 'pay'), true],
    ['a rule for some clients', rule('a', '{ host: web, workloadSelector: { matchLabels: { a: b } } }'), true],
    [
      'a subset with a breaker of its own',
      rule('a', '{ host: web, subsets: [{ name: v1, trafficPolicy: { outlierDetection: {} } }] }'),
      true,
    ],
    ['subsets alone', rule('a', '{ host: web, subsets: [{ name: v1, labels: { version: v1 } }] }'), false],
    ['another host', rule('a', '{ host: api, trafficPolicy: { tls: { mode: DISABLE } } }'), false],
    ['the same policy', { ...(istio.translate(traffic(policies))[0] ?? rule('a', '{}')) }, false],
  ])('%s in the cluster is a conflict or is not', (_what, other, isConflict) => {
    const found = istio.conflicts?.find(istio.translate(traffic(policies)), [other]) ?? []
    expect(found.map(({ code }) => code).includes('AP2192')).toBe(isConflict)
  })

  test('policies have no say in where requests go', () => {
    const request = { service: apex, port: 80, method: 'GET', path: '/', headers: {}, query: {} }
    const routed = (asked: ServicePolicies) => istio.route(request, istio.translate(traffic(asked)), services)
    expect(routed(policies)).toEqual(routed({}))
  })
})

describe('on Linkerd', () => {
  const prefix = 'balancer.linkerd.io/failure-accrual'
  const service = (annotations: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', annotations },
  })

  test('a breaker is annotations of the Service that clients call, and of no other', () => {
    const objects = linkerd.translate(traffic({ breaker: { consecutiveErrors: 5, ejectionTime: 30_000 } }))
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['HTTPRoute web-80', 'Service web'])
    expect(objects[1]).toEqual(
      service({
        [prefix]: 'consecutive',
        [`${prefix}-consecutive-max-failures`]: '5',
        [`${prefix}-consecutive-min-penalty`]: '30000ms',
      }),
    )
  })

  test('a longer time than the usual longest raises that too, as Linkerd would take neither otherwise', () => {
    const [object] = linkerd.translate({
      service: apex,
      ports: [],
      policies: { breaker: { consecutiveErrors: 5, ejectionTime: 90_000 } },
    })
    expect(object?.metadata.annotations).toMatchObject({
      [`${prefix}-consecutive-min-penalty`]: '90000ms',
      [`${prefix}-consecutive-max-penalty`]: '90000ms',
    })
  })

  test.each<[string, Record<string, string>, object | undefined, number]>([
    ['the mode alone is seven failures', { [prefix]: 'consecutive' }, { consecutiveErrors: 7 }, 0],
    ['a mode without neutral words is none', { [prefix]: 'unified' }, undefined, 1],
    ['parts without a mode are none', { [`${prefix}-consecutive-max-failures`]: '2' }, undefined, 1],
    [
      'a number that is none voids all',
      { [prefix]: 'consecutive', [`${prefix}-consecutive-max-failures`]: 'x' },
      undefined,
      1,
    ],
    [
      'a penalty above the longest voids all',
      { [prefix]: 'consecutive', [`${prefix}-consecutive-min-penalty`]: '2m' },
      undefined,
      1,
    ],
    [
      'another longest penalty is told of',
      { [prefix]: 'consecutive', [`${prefix}-consecutive-max-penalty`]: '2m' },
      { consecutiveErrors: 7 },
      1,
    ],
  ])('%s', (_what, annotations, breaker, problems) => {
    const observed = linkerd.observe([service(annotations)], apex, services)
    expect(observed.traffic?.policies?.breaker).toEqual(breaker)
    expect(observed.problems.map(({ code }) => code)).toEqual(Array.from({ length: problems }, () => 'AP2121'))
  })

  test('beside a ServiceProfile it is not read, and that is told', () => {
    const profile: KubeObject = {
      apiVersion: 'linkerd.io/v1alpha2',
      kind: 'ServiceProfile',
      metadata: { name: 'web.shop.svc.cluster.local', namespace: 'shop' },
      spec: {},
    }
    const { traffic: found, problems } = linkerd.observe(
      [profile, service({ [prefix]: 'consecutive' })],
      apex,
      services,
    )
    expect(found?.policies).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'AP2122' }])
  })
})

test.each([
  ['gateway-api', gatewayApi],
  ['linkerd', linkerd],
  ['smi', smi],
])('%s refuses what holds for pods, and says what to do instead', (_name, adapter) => {
  const problems = checkTraffic(traffic({ ...policies, rateLimit: { requestsPerSecond: 10 } }), adapter, services)
  expect(problems.length).toBeGreaterThanOrEqual(4)
  for (const problem of problems)
    expect(problem).toMatchObject({ code: 'AP2101', remedy: expect.stringMatching(/\.$/) })
})
