import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { kumaProvider } from '../../adapters/kuma/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServicePolicies } from '../../src/mesh/service-policies.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'

const kuma = kumaProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const apex = { namespace: 'shop', name: 'web' }
const services: ServiceDirectory = { ports: () => [80] }
const policies: ServicePolicies = {
  affinity: { cookie: { name: 'sid', ttl: 3_600_000, path: '/' } },
  breaker: { consecutiveErrors: 7, interval: 10_000, ejectionTime: 30_000, maxConnections: 100, maxRequests: 50 },
}

function traffic(asked: ServicePolicies): ServiceTraffic {
  const backends = [
    { service: apex, port: 80, weight: 90 },
    { service: { ...apex, name: 'web-canary' }, port: 80, weight: 10 },
  ]
  return { service: apex, ports: [{ port: 80, rules: [{ name: 'default', matches: [], backends }] }], policies: asked }
}

function policy(kind: string, conf: string, { namespace = 'shop', target = 'name: web' } = {}): KubeObject {
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind,
    metadata: { name: 'own', namespace, labels: { 'kuma.io/mesh': 'default' } },
    spec: parse(`to: [{ targetRef: { kind: MeshService, namespace: shop, ${target} }, default: ${conf} }]`),
  }
}

describe('on Kuma, what holds for a Service as a whole', () => {
  test('is a policy of each kind for each Service that gets requests, before the route', () => {
    const objects = kuma.translate(traffic(policies))
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'MeshCircuitBreaker web.web',
      'MeshCircuitBreaker web.web-canary',
      'MeshLoadBalancingStrategy web.web',
      'MeshLoadBalancingStrategy web.web-canary',
      'MeshHTTPRoute web-80',
    ])
    expect(objects[1]?.spec).toEqual(
      parse(`
        to:
          - targetRef: { kind: MeshService, name: web-canary, namespace: shop }
            default:
              connectionLimits: { maxConnections: 100, maxRequests: 50 }
              outlierDetection:
                disabled: false
                splitExternalAndLocalErrors: false
                interval: 10s
                baseEjectionTime: 30s
                detectors: { totalFailures: { consecutive: 7 } }
      `),
    )
    expect(objects[2]?.spec).toMatchObject(
      parse(`
        to:
          - default:
              hashPolicies: [{ type: Cookie, cookie: { name: sid, ttl: 1h, path: / } }]
              loadBalancer: { type: RingHash }
      `),
    )
  })

  test('needs no split, and Services that stand in for a fault have no part in it', () => {
    const alone = kuma.translate({ service: apex, ports: [], policies })
    expect(alone.map(({ metadata }) => metadata.name)).toEqual(['web.web', 'web.web'])
    expect(kuma.observe(alone, apex, services)).toEqual({
      traffic: { service: apex, ports: [], policies },
      problems: [],
    })
    const { ports, ...rest } = traffic(policies)
    const fault = { abort: { status: 503, percent: 10 } }
    const faulty = {
      ...rest,
      ports: ports.map((port) => ({ ...port, rules: port.rules.map((r) => ({ ...r, fault })) })),
    }
    const names = kuma.translate(faulty).map(({ metadata }) => metadata.name)
    expect(names).toEqual(['web.web', 'web.web-canary', 'web.web', 'web.web-canary', 'web-80'])
  })

  test('is refused where a mesh-wide meaning is beyond it, before anything is written', () => {
    const found = checkTraffic(traffic({ breaker: { maxRequestsPerConnection: 10 } }), kuma, services)
    expect(found).toMatchObject([{ message: expect.stringContaining('closed after so many requests') }])
  })

  test('may have its hash within the balancer, as older objects have it', () => {
    for (const [type, field] of [
      ['RingHash', 'ringHash'],
      ['Maglev', 'maglev'],
    ]) {
      const hash = 'hashPolicies: [{ type: Header, header: { name: x-user } }]'
      const own = policy('MeshLoadBalancingStrategy', `{ loadBalancer: { type: ${type}, ${field}: { ${hash} } } }`)
      expect(kuma.observe([own], apex, services)).toEqual({
        traffic: { service: apex, ports: [], policies: { affinity: { header: 'x-user' } } },
        problems: [],
      })
    }
  })

  test.each<[string, string, string, string[]]>([
    ['a breaker that is off', 'MeshCircuitBreaker', '{ outlierDetection: { disabled: true } }', ['disabled']],
    [
      'an interval without a detector',
      'MeshCircuitBreaker',
      '{ outlierDetection: { interval: 1s, detectors: { gatewayFailures: { consecutive: 3 } } } }',
      ['gatewayFailures', 'interval'],
    ],
    ['a limit for retries', 'MeshCircuitBreaker', '{ connectionLimits: { maxRetries: 3 } }', ['maxRetries']],
    ['another balancer', 'MeshLoadBalancingStrategy', '{ loadBalancer: { type: RoundRobin } }', ['loadBalancer']],
    [
      'two policies for one hash',
      'MeshLoadBalancingStrategy',
      '{ hashPolicies: [{ type: Header, header: { name: a } }, { type: Header, header: { name: b } }], loadBalancer: { type: Maglev } }',
      ['hashPolicies'],
    ],
    [
      'a cookie that the application sets',
      'MeshLoadBalancingStrategy',
      '{ hashPolicies: [{ type: Cookie, cookie: { name: a } }], loadBalancer: { type: RingHash } }',
      ['hashPolicies'],
    ],
  ])('has no words for %s', (_what, kind, conf, beyond) => {
    const own = policy(kind, conf)
    expect(kuma.reading.validate(own)).toEqual([])
    const { traffic: read, problems } = kuma.observe([own], apex, services)
    expect(read).toBeUndefined()
    expect(problems.map(({ place }) => place?.path.at(-1))).toEqual(beyond)
  })

  test('is not said of the apex by a policy for one port, nor by one for some of the Services', () => {
    const limits = '{ connectionLimits: { maxRequests: 3 } }'
    const port = policy('MeshCircuitBreaker', limits, { target: 'name: web, sectionName: "80"' })
    expect(kuma.observe([port], apex, services)).toMatchObject({
      traffic: undefined,
      problems: [{ code: 'AP2121', place: { path: ['spec', 'to', 0, 'targetRef', 'sectionName'] } }],
    })
    const partial = kuma.translate(traffic(policies)).filter(({ metadata }) => metadata.name !== 'web.web-canary')
    const observed = kuma.observe(partial, apex, services)
    expect(observed.traffic?.policies).toBeUndefined()
    expect(observed.problems.map(({ place }) => place?.object.kind)).toEqual([
      'MeshCircuitBreaker',
      'MeshLoadBalancingStrategy',
    ])
  })

  const limits = '{ connectionLimits: { maxRequests: 3 } }'
  test.each<[string, KubeObject, boolean]>([
    ['another breaker for the Service', policy('MeshCircuitBreaker', limits), true],
    ['one for its callers elsewhere', policy('MeshCircuitBreaker', limits, { namespace: 'pay' }), true],
    ['one for a port', policy('MeshCircuitBreaker', limits, { target: 'name: web, sectionName: http' }), true],
    ['one for another Service', policy('MeshCircuitBreaker', limits, { target: 'name: api' }), false],
    ['a policy of another kind', policy('MeshTimeout', '{ idleTimeout: 1s }'), false],
    ['the same again', kuma.translate(traffic({ breaker: { maxRequests: 10 } }))[0] ?? policy('', ''), false],
  ])('stands in the way of %s or does not', (_what, other, isConflict) => {
    const found = kuma.conflicts?.find(kuma.translate(traffic({ breaker: { maxRequests: 10 } })), [other]) ?? []
    expect(found.map(({ code }) => code)).toEqual(isConflict ? ['AP2240'] : [])
  })
})
