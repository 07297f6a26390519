import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import type { AffinityKey, ServicePolicies } from '../../src/mesh/service-policies.ts'
import type { ServiceRef, ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import { withVersionCookie } from '../../src/mesh/version-cookie.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { trialHeaders } from '../support/dataplane/behavior.ts'
import type { Answer } from '../support/dataplane/client.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { expectShares, placeOf } from '../support/dataplane/shares.ts'
import { sendMany } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const [port = 0] = await freePorts(1)
const namespace = 'kept'
const named = (name: string) => ({ namespace, name })
const v1 = named('kept-v1')
const v2 = named('kept-v2')

describeDataPlane('what a Service asks of a real proxy as a whole', (mesh) => {
  beforeAll(async () => {
    for (const service of [v1, v2]) await mesh.addService(service, [port])
  })
  describe('a version cookie', () => versionCookies(mesh))
  describe('pods', () => pods(mesh))
})

function versionCookies(mesh: DataPlane): void {
  for (const adapter of [istio, gatewayApi])
    test(`keeps clients of ${adapter.name} on their version until it has no weight`, async () => {
      await versionCookie(mesh, adapter)
      proves(adapter.name, 'proxy', ['backendResponseHeaders', 'cookieMatch'])
    })
}

async function versionCookie(mesh: DataPlane, adapter: MeshAdapter): Promise<void> {
  const service = named(`kept-${adapter.name}`)
  const traffic = (first: number, second: number): ServiceTraffic => {
    const backends = [
      { service: v1, port, weight: first },
      { service: v2, port, weight: second },
    ]
    const plain: TrafficRule = { name: 'default', matches: [], backends }
    return { service, ports: [{ port, rules: withVersionCookie(plain, { name: 'v', ttl: 60_000 }, (name) => name) }] }
  }
  const request = (cookie?: string) => ({ ...plainRequest, service, port, headers: { ...(cookie && { cookie }) } })
  const cookiesOf = ({ headers }: Answer) => headers['set-cookie']
  await mesh.addService(service, [port])
  await mesh.reachable()
  await mesh.follow(adapter, traffic(70, 30))

  const answers = await sendMany(mesh, request(), 400)
  for (const answer of answers) {
    const version = answer.echo?.service.split('/')[1]
    expect(cookiesOf(answer)).toEqual([`v=${version}; Path=/; Max-Age=60; HttpOnly`])
  }
  await expectShares({ 'kept/kept-v1': 70, 'kept/kept-v2': 30 }, async () => answers)

  for (const version of ['kept-v1', 'kept-v2']) {
    const kept = await sendMany(mesh, request(`a=b; v=${version}`), 100)
    expect(new Set(kept.map(placeOf))).toEqual(new Set([`kept/${version}`]))
    expect(new Set(kept.map(cookiesOf))).toEqual(new Set([undefined]))
  }
  await mesh.follow(adapter, traffic(1, 99))
  expect(new Set((await sendMany(mesh, request('v=kept-v1'), 100)).map(placeOf))).toEqual(new Set(['kept/kept-v1']))

  await mesh.follow(adapter, traffic(100, 0))
  const returned = await sendMany(mesh, request('v=kept-v2'), 100)
  expect(new Set(returned.map(placeOf))).toEqual(new Set(['kept/kept-v1']))
}

function pods(mesh: DataPlane): void {
  let count = 0
  /** A Service of its own whose requests go to so many pods, with these policies for them. */
  const apexWith = async (policies: ServicePolicies, size = 2) => {
    count += 1
    const service = named(`pods-${count}`)
    const backend = named(`pods-${count}-v1`)
    await mesh.addService(service, [port])
    await mesh.addService(backend, [port], { pods: size })
    await mesh.reachable()
    const rules = [{ name: 'default', matches: [], backends: [{ service: backend, port, weight: 1 }] }]
    const state = async () => JSON.stringify(await mesh.cluster(backend, port))
    const before = await state()
    await mesh.apply(istio, istio.translate({ service, ports: [{ port, rules }], policies }))
    // The marker tells of routes, and istiod may have learned of another kind after them.
    if (Object.keys(policies).length > 0)
      await waitFor('the proxy has the policies', async () => (await state()) !== before)
    await mesh.settled(istio)
    return { service, backend }
  }
  const podsOf = async (service: ServiceRef, headers: Record<string, string>, query: Record<string, string> = {}) => {
    const answers = await sendMany(mesh, { ...plainRequest, service, port, headers, query }, 20)
    return new Set(answers.map(({ echo }) => echo?.address))
  }
  const keys = Array.from({ length: 20 }, (_, index) => `client-${index}`)
  const prove = (...features: Feature[]) => proves('istio', 'proxy', features)

  test('take turns, where nothing says that clients stay', async () => {
    const { service } = await apexWith({})
    for (const key of keys) expect((await podsOf(service, { 'x-client': key })).size).toBe(2)
  })

  const affinities: [
    Feature,
    AffinityKey,
    (key: string) => Parameters<typeof podsOf> extends [unknown, ...infer Rest] ? Rest : never,
  ][] = [
    ['affinityByHeader', { header: 'x-client' }, (key) => [{ 'x-client': key }]],
    ['affinityByCookie', { cookie: { name: 'client', ttl: 60_000 } }, (key) => [{ cookie: `a=b; client=${key}` }]],
    ['affinityByQuery', { queryParameter: 'client' }, (key) => [{}, { client: key }]],
  ]
  test.each(affinities)('keep their clients: %s', async (feature, affinity, asked) => {
    const { service } = await apexWith({ affinity })
    const places = new Set<string | undefined>()
    for (const key of keys) {
      const pods = await podsOf(service, ...asked(key))
      expect(pods.size).toBe(1)
      for (const pod of pods) places.add(pod)
    }
    expect(places.size).toBe(2)
    prove(feature)
  })

  test('keep all that comes from one address', async () => {
    const { service } = await apexWith({ affinity: 'sourceIp' })
    const places = new Set<string | undefined>()
    for (const key of keys) for (const pod of await podsOf(service, { 'x-client': key })) places.add(pod)
    expect(places.size).toBe(1)
    prove('affinityBySource')
  })

  test('keep clients by a cookie that the proxy sets, also without an age', async () => {
    for (const ttl of [undefined, 60_000]) {
      const { service } = await apexWith({ affinity: { cookie: { name: 'client', ...(ttl && { ttl }) } } })
      const first = await mesh.send({ ...plainRequest, service, port })
      const [cookie = ''] = [first.headers['set-cookie']].flat().map(String)
      expect(cookie).toMatch(ttl === undefined ? /^client="?[^;"]+"?;(?!.*Max-Age)/ : /^client="?[^;"]+"?; Max-Age=60/)
      const pods = await podsOf(service, { cookie: cookie.split(';')[0] ?? '' })
      expect(pods).toEqual(new Set([first.echo?.address]))
    }
    prove('affinityByCookie')
  })

  /** What one pod, told to fail, and the other answered to requests one after the other. */
  const failing = async (service: ServiceRef, many: number) => {
    const at = mesh.facts.backendAddresses[1] ?? ''
    const headers = trialHeaders({ status: 503, at })
    const statuses: number[] = []
    for (let sent = 0; sent < many; sent += 1)
      statuses.push((await mesh.send({ ...plainRequest, service, port, headers })).status)
    return statuses.filter((status) => status !== 200).length
  }

  const ejections = (service: ServiceRef) =>
    mesh.counter('outlier_detection.ejections_enforced_consecutive_5xx', service, port)

  test('are left out after so many errors in a row', async () => {
    const bounds = { interval: 200, ejectionTime: 60_000, maxEjectionPercent: 50 }
    const { service, backend } = await apexWith({ breaker: { consecutiveErrors: 3, ...bounds } })
    // Envoy decides it in another thread, so that a few requests may slip through; without a breaker it were a hundred.
    const errors = await failing(service, 200)
    expect(errors).toBeGreaterThanOrEqual(3)
    expect(errors).toBeLessThan(40)
    expect(await ejections(backend)).toBe(1)
    expect((await podsOf(service, {})).size).toBe(1)
    prove('outlierEjection')
  })

  test('come back when their time is over', async () => {
    const bounds = { interval: 200, ejectionTime: 500, maxEjectionPercent: 50 }
    const { service, backend } = await apexWith({ breaker: { consecutiveErrors: 1, ...bounds } })
    await failing(service, 10)
    await waitFor('the pod is left out', async () => (await ejections(backend)) > 0)
    await waitFor('the pod is back', async () => (await podsOf(service, {})).size === 2)
    prove('ejectionBounds')
  })

  test('are left out however few there are, unless the breaker bounds it', async () => {
    const bounded = await apexWith({ breaker: { consecutiveErrors: 4, maxEjectionPercent: 10 } })
    expect(await failing(bounded.service, 60)).toBeGreaterThan(20)
    const unbounded = await apexWith({ breaker: { consecutiveErrors: 4 } })
    expect(await failing(unbounded.service, 60)).toBeLessThan(20)
  })

  test('get no more requests at once than a breaker lets through', async () => {
    const { service } = await apexWith({ breaker: { maxConnections: 1, maxPendingRequests: 1 } }, 1)
    // A request that waits for the first connection counts as one that waits for any.
    await mesh.send({ ...plainRequest, service, port })
    const headers = trialHeaders({ delay: 600 })
    const answers = await Promise.all(
      keys.slice(0, 6).map(() => mesh.send({ ...plainRequest, service, port, headers })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503, 503, 503])
    prove('connectionLimits')
  })
}
