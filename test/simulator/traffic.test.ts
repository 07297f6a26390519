import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { SimulatedMetrics } from '../../src/simulator/simulated-metrics.ts'
import type { Answered } from '../../src/simulator/telemetry.ts'
import { apex, deployment, inMesh, outside, service, source, world } from './world.ts'

const context = { clusterDomain: 'cluster.local', apiVersions: {} }
const adapter = istioProvider.create(context)
const gatewayApi = gatewayApiProvider.create(context)

/** The objects that give `canary` percent of web's traffic to web-canary. */
function split(canary: number) {
  const backend = (name: string, weight: number) => ({ service: { namespace: 'shop', name }, port: 80, weight })
  const backends = [backend('web-primary', 100 - canary), backend('web-canary', canary)].filter(
    ({ weight }) => weight > 0,
  )
  return adapter.translate({
    service: apex,
    ports: [{ port: 80, rules: [{ name: 'default', matches: [], backends }] }],
  })
}

const base = [
  service('web', 'web-primary'),
  service('web-primary'),
  service('web-canary'),
  deployment('web-primary'),
  deployment('web-canary'),
]

/** The route as it is once the mesh has taken it up. */
function taken(route: KubeObject): KubeObject {
  const conditions = ['Accepted', 'ResolvedRefs'].map((type) => ({ type, status: 'True', observedGeneration: 1 }))
  const parents = listOf(fieldsOf(route['spec'])['parentRefs']).map((parentRef) => {
    return { parentRef, controllerName: 'example.io/mesh', conditions }
  })
  return { ...route, metadata: { ...route.metadata, generation: 1 }, status: { parents } }
}

function requestsOf(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { to, status } of answers) {
    const name = `${to?.name ?? 'nobody'} ${status}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('requests', () => {
  test.prop([fc.integer({ min: 1, max: 99 })], { numRuns: 20 })(
    'are divided as the mesh says, within chance',
    (weight) => {
      const { write, traffic } = world(adapter)
      write(...base, ...split(weight))
      const answers: Answered[] = []
      traffic.onAnswer((answered) => answers.push(answered))
      traffic.advance(100_000)
      expect(answers).toHaveLength(10_000)
      const share = (requestsOf(answers)['web-canary 200'] ?? 0) / 100
      // Four standard deviations of a binomial distribution.
      expect(Math.abs(share - weight)).toBeLessThan(4 * Math.sqrt((weight * (100 - weight)) / 10_000))
    },
  )

  test('that a fault backend takes are answered with its status', () => {
    const { write, traffic } = world(gatewayApi)
    const fault = { abort: { status: 429, percent: 25 } }
    const backends = [{ service: apex, port: 80, weight: 1 }]
    const rules = [{ name: 'default', matches: [], backends, fault }]
    const routes = gatewayApi.translate({ service: apex, ports: [{ port: 80, rules }] })
    write(service('web'), deployment('web'), service('fault-429'), deployment('fault-429'), ...routes.map(taken))
    const answers: Answered[] = []
    traffic.onAnswer((answered) => answers.push(answered))
    traffic.advance(10_000)
    const counted = requestsOf(answers)
    expect(Object.keys(counted).sort()).toEqual(['fault-429 429', 'web 200'])
    expect(Math.abs((counted['fault-429 429'] ?? 0) / 10 - 25)).toBeLessThan(6)
  })

  test('of clients without a proxy go where the Service itself points, whatever the mesh says', () => {
    const { write, traffic } = world(adapter, { clients: [outside] })
    write(...base, ...split(50))
    const answers: Answered[] = []
    traffic.onAnswer((answered) => answers.push(answered))
    traffic.advance(1000)
    expect(requestsOf(answers)).toEqual({ 'web-primary 200': 100 })
  })

  test('for a backend without available replicas are answered with 503, which only their caller sees', () => {
    const { write, traffic, telemetry } = world(adapter)
    write(...base, ...split(50), deployment('web-canary', { available: 0 }))
    traffic.advance(10_000)
    const canary = { namespace: 'shop', name: 'web-canary' }
    expect(telemetry.measure({ workload: canary }, 10_000, 60_000).requests).toBe(0)
    const edge = telemetry.measure({ edge: { from: source, to: canary } }, 10_000, 60_000)
    expect(edge.requests).toBeGreaterThan(400)
    expect(edge.failures).toBe(edge.requests)
  })

  test('are shared by two Deployments behind one Service by their replicas', () => {
    const { write, traffic } = world(adapter, { clients: [outside] })
    write(
      service('web', 'web'),
      deployment('a', { app: 'web', available: 3 }),
      deployment('b', { app: 'web', available: 1 }),
    )
    const answers: Answered[] = []
    traffic.onAnswer((answered) => answers.push(answered))
    traffic.advance(100_000)
    expect(Math.abs((requestsOf(answers)['a 200'] ?? 0) - 7500)).toBeLessThan(200)
  })

  test('get the old version until every replica of a rollout is a new one', () => {
    const broken = { errorRate: 1, latency: { median: 5, p99: 9 } }
    const { write, traffic } = world(adapter, { clients: [outside], versions: { 'web:2': broken } })
    write(service('web', 'web'), deployment('web', { image: 'web:1' }))
    const answers: Answered[] = []
    traffic.onAnswer((answered) => answers.push(answered))
    write(deployment('web', { image: 'web:2', updated: 1 }))
    traffic.advance(1000)
    expect(requestsOf(answers)).toEqual({ 'web 200': 100 })
    write(deployment('web', { image: 'web:2', updated: 2 }))
    traffic.advance(2000)
    expect(requestsOf(answers)).toEqual({ 'web 200': 100, 'web 500': 100 })
  })

  test('of a Service that is not there are answered with an error by nobody in particular', () => {
    const { traffic } = world(adapter, { clients: [outside] })
    const answers: Answered[] = []
    traffic.onAnswer((answered) => answers.push(answered))
    traffic.advance(1000)
    expect(requestsOf(answers)).toEqual({ 'nobody 503': 100 })
  })

  test('come at the same rate whatever the length of the steps in which time passes', () => {
    const counts = [1, 7, 33, 250, 1000].map((step) => {
      const { write, traffic } = world(adapter)
      write(...base)
      let count = 0
      traffic.onAnswer(() => count++)
      for (let time = step; time <= 10_000; time += step) traffic.advance(time)
      traffic.advance(10_000)
      return count
    })
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThanOrEqual(1)
  })
})

describe('the metrics source', () => {
  const measured = () => {
    const versions = { 'web-canary:1': { errorRate: 0.1, latency: { median: 100, p99: 800 } } }
    const simulated = world(adapter, { versions })
    simulated.write(...base, ...split(50))
    simulated.traffic.advance(60_000)
    simulated.clock.advanceTo(60_000)
    return { ...simulated, metrics: new SimulatedMetrics(simulated.telemetry, simulated.clock) }
  }
  const target = { workload: { namespace: 'shop', name: 'web-canary' } }

  test('tells how much failed, how much there was and how long it took', async () => {
    const { metrics } = measured()
    const rate = await metrics.measure({ metric: 'successRate', target, window: 60_000 })
    const requests = await metrics.measure({ metric: 'requestRate', target, window: 60_000 })
    const latency = await metrics.measure({ metric: 'latency', target, window: 60_000, quantile: 0.99 })
    expect(rate).toMatchObject({ state: 'ok', value: expect.closeTo(0.9, 1) })
    expect(requests).toMatchObject({ state: 'ok', text: expect.stringMatching(/requests\/s$/) })
    expect(requests.state === 'ok' && Math.abs(requests.value - 50)).toBeLessThan(3)
    expect(latency.state === 'ok' && Math.abs(latency.value - 800)).toBeLessThan(250)
  })

  test('says that there is no data when nobody called, which is no failure', async () => {
    const { metrics, clock, traffic } = measured()
    traffic.rate = 0
    clock.advanceTo(180_000)
    traffic.advance(180_000)
    const answer = await metrics.measure({ metric: 'successRate', target, window: 60_000 })
    expect(answer).toEqual({ state: 'no-data', text: 'no traffic in the last 1m' })
  })

  test('cannot answer queries in PromQL, and says so', async () => {
    const { metrics } = measured()
    const answer = await metrics.measure({ metric: 'custom', name: 'queue-depth', promql: 'sum(queue)' })
    expect(answer).toEqual({ state: 'error', text: 'the query queue-depth is not simulated' })
  })
})

describe('the invariants', () => {
  test('hold for weights on what is available', () => {
    const { write, invariants } = world(adapter, { clients: [inMesh, outside] })
    write(...base, ...split(0), ...split(10), ...split(50), ...split(0))
    expect(invariants.violations).toEqual([])
  })

  test('do not hold when a backend with weight is not available, and name the write that did it', () => {
    const { write, invariants } = world(adapter)
    write(...base, ...split(10), deployment('web-canary', { available: 0 }))
    expect(invariants.violations).toEqual([
      {
        time: 0,
        write: 'Deployment shop/web-canary changed',
        problem: 'weight for proxied on web-canary, which is not available',
      },
    ])
  })

  test('do not hold when the apex has nothing to go to, with a proxy or without', () => {
    const { write, delete: remove, invariants } = world(adapter)
    write(...base)
    remove(deployment('web-primary'))
    expect(invariants.violations.map(({ problem }) => problem)).toEqual([
      'no available backend for proxied',
      'no available backend for clients without a proxy',
    ])
  })

  test('are not asked for before anything was ever available', () => {
    const { write, invariants } = world(adapter)
    write(service('web'), deployment('web', { available: 0 }))
    expect(invariants.violations).toEqual([])
  })
})
