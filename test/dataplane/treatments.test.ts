import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { ServiceRef, ServiceTraffic } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import { gatewayApi, gatewayApiExperimental, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type Behavior, trialHeader, trialHeaders } from '../support/dataplane/behavior.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { exactPlace } from '../support/dataplane/places.ts'
import { expectShare, expectShares, placeOf, sampleSize } from '../support/dataplane/shares.ts'
import { RequestStream, sendMany } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { clockSlack } from '../support/dataplane/treatment-evidence.ts'
import { proves } from '../support/proof.ts'

const [port = 0] = await freePorts(1)
const namespace = 'treated'
const named = (name: string) => ({ namespace, name })
const v1 = named('treat-v1')
const shadow = named('treat-shadow')
const dead = named('treat-dead')

describeDataPlane('a treatment on a real proxy', (mesh) => {
  beforeAll(async () => {
    for (const service of [v1, shadow, named('fault-503')]) await mesh.addService(service, [port])
    await mesh.addService(dead, [port], { listening: false })
  })
  const forms = { istio, 'gateway-api': gatewayApi, 'gateway-api-experimental': gatewayApiExperimental }
  for (const [form, adapter] of Object.entries(forms)) describe(form, () => treatments(mesh, adapter, form))
})

function treatments(mesh: DataPlane, adapter: MeshAdapter, form: string): void {
  let count = 0

  const traffic = (service: ServiceRef, treatment: Treatment, to = v1): ServiceTraffic => {
    const backends = treatment.redirect === undefined ? [{ service: to, port, weight: 1 }] : []
    return { service, ports: [{ port, rules: [{ name: 'default', matches: [], backends, ...treatment }] }] }
  }
  /** A Service of its own whose requests are treated so. */
  const apexWith = async (treatment: Treatment, to = v1) => {
    count += 1
    const service = named(`treat-${form}-${count}`)
    await mesh.addService(service, [port])
    await mesh.reachable()
    await mesh.follow(adapter, traffic(service, treatment, to))
    return service
  }
  const request = (service: ServiceRef, behavior: Behavior = {}): MeshRequest => ({
    ...plainRequest,
    service,
    port,
    headers: trialHeaders(behavior),
  })
  /** Sends it; gives its answer and how often each Service got it. */
  const trial = async (service: ServiceRef, behavior: Behavior = {}) => {
    const sent = request(service, behavior)
    const answer = await mesh.send(sent)
    return { answer, attempts: mesh.received(sent.headers[trialHeader] ?? '').length }
  }
  /** A test of something, where this mesh has it by its table. */
  const when = (feature: Feature) => (name: string, body: () => Promise<void>) => {
    if (!has(feature)) return
    test(name, async () => {
      await body()
      proves(adapter.name, 'proxy', [feature])
    })
  }
  function has(feature: Feature): boolean {
    return adapter.capabilities[feature].support !== 'unsupported'
  }

  when('faultAbort')('an abort answers its share of the requests, until it is taken away', async () => {
    const service = await apexWith({ fault: { abort: { status: 503, percent: 20 } } })
    await expectShares({ 'treated/treat-v1': 80, 'status 503': 20 }, () =>
      sendMany(mesh, { ...plainRequest, service, port }, sampleSize),
    )
    await mesh.follow(adapter, traffic(service, {}))
    await expectShares({ 'treated/treat-v1': 1 }, () => sendMany(mesh, { ...plainRequest, service, port }, 200))
  })

  when('faultDelay')('a delay holds its share of the requests for its time, and no other', async () => {
    const service = await apexWith({ fault: { delay: { duration: 300, percent: 30 } } })
    await expectShare(30, async () => {
      const before = await mesh.delaysInjected(port)
      const answers = await sendMany(mesh, { ...plainRequest, service, port }, 400)
      // The proxy's own count tells what it held from what a slow machine did; of each the answer took the whole time.
      const held = (await mesh.delaysInjected(port)) - before
      expect(answers.filter(({ elapsed }) => elapsed > 300 - clockSlack).length).toBeGreaterThanOrEqual(held)
      return { hits: held, of: answers.length }
    })
  })

  when('timeout')('a timeout answers 504 once its time is over, and lets what is quicker through', async () => {
    const service = await apexWith({ timeout: 300 })
    const { answer } = await trial(service, { delay: 3_000 })
    expect(exactPlace(answer)).toBe('status 504')
    expect(answer.elapsed).toBeGreaterThan(300 - clockSlack)
    expect(answer.elapsed).toBeLessThan(2_000)
    expect(exactPlace((await trial(service)).answer)).toBe(`treated/treat-v1:${port}`)
  })

  when('faultDelay')('a timeout does not count the time of a delay', async () => {
    const service = await apexWith({ timeout: 200, fault: { delay: { duration: 500, percent: 100 } } })
    const { answer } = await trial(service)
    expect(exactPlace(answer)).toBe(`treated/treat-v1:${port}`)
    expect(answer.elapsed).toBeGreaterThan(500 - clockSlack)
  })

  const retried: readonly [string, Retries, Behavior, { status: number; attempts: number }][] = [
    ['all attempts fail', retries(3, '503'), { status: 503 }, { status: 503, attempts: 4 }],
    ['the third succeeds', retries(3, '503'), { status: 503, failures: 2 }, { status: 200, attempts: 3 }],
    ['there is one more attempt', retries(1, '5xx'), { status: 500 }, { status: 500, attempts: 2 }],
    ['5xx is any of them', retries(2, '5xx'), { status: 501, failures: 1 }, { status: 200, attempts: 2 }],
    ['gateway-error is 502', retries(2, 'gateway-error'), { status: 502, failures: 1 }, { status: 200, attempts: 2 }],
    [
      'gateway-error is not 500',
      retries(2, 'gateway-error'),
      { status: 500, failures: 1 },
      { status: 500, attempts: 1 },
    ],
    ['a status is none but itself', retries(2, '503'), { status: 502, failures: 1 }, { status: 502, attempts: 1 }],
    ['429 is one of them', retries(2, '429'), { status: 429, failures: 1 }, { status: 200, attempts: 2 }],
    ['a broken connection is a reset', retries(2, 'reset'), { close: true, failures: 1 }, { status: 200, attempts: 2 }],
    ['a broken connection is a 5xx', retries(2, '5xx'), { close: true, failures: 1 }, { status: 200, attempts: 2 }],
    ['a broken connection is no 503', retries(2, '503'), { close: true, failures: 1 }, { status: 503, attempts: 1 }],
    [
      'an attempt that takes too long is a gateway-error',
      { ...retries(2, 'gateway-error'), perTryTimeout: 300 },
      { delay: 5_000, failures: 1 },
      { status: 200, attempts: 2 },
    ],
    [
      'every attempt takes too long',
      { ...retries(1, 'gateway-error'), perTryTimeout: 200 },
      { delay: 5_000 },
      { status: 504, attempts: 2 },
    ],
    [
      'an attempt that takes too long has no status, 504 neither',
      { ...retries(2, '504'), perTryTimeout: 300 },
      { delay: 5_000, failures: 1 },
      { status: 504, attempts: 1 },
    ],
    ['they are turned off', { attempts: 0, conditions: [] }, { status: 503 }, { status: 503, attempts: 1 }],
  ]
  const anyPort = { ports: () => [port] }
  const carried = retried.filter(
    ([, policy]) => checkTraffic(traffic(named('any'), { retries: policy }), adapter, anyPort).length === 0,
  )
  for (const [what, policy, behavior, outcome] of carried) {
    when(policy.attempts === 0 ? 'retriesOff' : 'retries')(`of retries, ${what}`, async () => {
      const { answer, attempts } = await trial(await apexWith({ retries: policy }), behavior)
      expect({ status: answer.status, attempts }).toEqual(outcome)
    })
  }

  /** How often a request is tried again whose backend takes no connections. */
  const tried = async (policy: Treatment) => {
    const service = await apexWith(policy, dead)
    const before = await mesh.counter('upstream_rq_retry', dead, port)
    expect((await trial(service)).answer.status).toBe(503)
    return (await mesh.counter('upstream_rq_retry', dead, port)) - before
  }

  when('retryOnConnection')('a connection that does not come about is tried again as often as asked', async () => {
    expect(await tried({ retries: retries(4, 'connect-failure') })).toBe(4)
    expect(await tried({ retries: { attempts: 0, conditions: [] } })).toBe(0)
    // What nobody asked for.
    expect(await tried({})).toBe(2)
  })

  if (form === 'gateway-api-experimental') {
    test('a connection that does not come about is tried again by any retry, and twice without', async () => {
      expect(await tried({ retries: retries(4, '500') })).toBe(4)
      expect(await tried({})).toBe(2)
    })
  }

  when('timeout')('a timeout bounds all attempts together', async () => {
    const treatment: Treatment = {
      timeout: 500,
      ...(has('retryOnClass') && { retries: { ...retries(5, '5xx'), perTryTimeout: 200 } }),
    }
    const { answer, attempts } = await trial(await apexWith(treatment), { delay: 5_000 })
    expect(answer.status).toBe(504)
    expect(answer.elapsed).toBeGreaterThan(500 - clockSlack)
    expect(answer.elapsed).toBeLessThan(2_000)
    expect(attempts).toBe(has('retryOnClass') ? 3 : 1)
  })

  when('mirror')('a copy of every request reaches the mirror, whose answer is thrown away', async () => {
    const service = await apexWith({ mirrors: [{ service: shadow, port, percent: 100 }] })
    const sent = request(service)
    const answer = await mesh.send(sent)
    expect(exactPlace(answer)).toBe(`treated/treat-v1:${port}`)
    const places = () => mesh.received(sent.headers[trialHeader] ?? '').map((echo) => echo.service)
    await waitFor('the copy is there', async () => places().length === 2)
    expect(places().sort()).toEqual(['treated/treat-shadow', 'treated/treat-v1'])
  })

  when('mirrorShare')('a share of the requests is copied', async () => {
    const service = await apexWith({ mirrors: [{ service: shadow, port, percent: 25 }] })
    await expectShare(25, async () => {
      const one = request(service)
      const answers = await sendMany(mesh, one, 1_000)
      expect(new Set(answers.map(placeOf))).toEqual(new Set(['treated/treat-v1']))
      const copies = mesh
        .received(one.headers[trialHeader] ?? '')
        .filter((echo) => echo.service === 'treated/treat-shadow')
      return { hits: copies.length, of: mesh.received(one.headers[trialHeader] ?? '').length - copies.length }
    })
  })

  when('mirror')('copies for a Service that is not there, or that fails, do no harm', async () => {
    const mirrors = [named('treat-gone'), dead].map((service) => ({ service, port, percent: 100 }))
    const service = await apexWith({ mirrors })
    await expectShares({ 'treated/treat-v1': 1 }, () => sendMany(mesh, { ...plainRequest, service, port }, 200))
  })

  when('requestHeaders')('headers are set, added and removed on the way there and back', async () => {
    const changes = { set: { 'x-set': 'mesh' }, add: { 'x-add': 'mesh' }, remove: ['x-gone'] }
    const service = await apexWith({ requestHeaders: changes, responseHeaders: changes })
    const headers = { 'x-set': 'client', 'x-add': 'client', 'x-gone': 'client', 'x-kept': 'client' }
    const { echo, headers: answered } = await mesh.send({ ...plainRequest, service, port, headers })
    expect(echo?.headers).toMatchObject({ 'x-set': 'mesh', 'x-add': 'client, mesh', 'x-kept': 'client' })
    expect(echo?.headers).not.toHaveProperty('x-gone')
    expect(answered).toMatchObject({ 'x-set': 'mesh', 'x-add': 'backend, mesh', 'x-kept': 'backend' })
    expect(answered).not.toHaveProperty('x-gone')
  })

  when('rewrite')('the backend gets another host and path, and the query as it was', async () => {
    const service = await apexWith({ rewrite: { host: 'old.example.com', path: '/v1/$1' } })
    const { echo } = await mesh.send({ ...plainRequest, service, port, path: '/a/b', query: { q: '1' } })
    expect(echo?.url).toBe('/v1/$1?q=1')
    expect(echo?.headers['host']).toBe('old.example.com')
  })

  when('redirect')('a redirect answers with the place that our rules tell', async () => {
    const redirects: NonNullable<Treatment['redirect']>[] = [
      { host: 'new.example.com', status: 301 },
      { scheme: 'https', host: 'new.example.com', status: 302 },
      { host: 'new.example.com', port: 8443, status: 301 },
      { scheme: 'https', port: 8443, status: 302 },
      { path: '/moved', status: 301 },
    ]
    for (const redirect of redirects) {
      const service = await apexWith({ redirect })
      const host = `${service.name}.${namespace}.svc.cluster.local:${port}`
      const asked = { ...plainRequest, service, port, path: '/a', query: { q: '1' }, headers: { host } }
      const { status, headers } = await mesh.send(asked)
      const decision = adapter.route(asked, adapter.translate(traffic(service, { redirect })), mesh.services)
      expect({ status, location: headers['location'] }).toEqual({
        status: redirect.status,
        location: decision.location,
      })
    }
  })

  test('coming, changing and going while requests flow, treatments lose none of them', async ({ onTestFinished }) => {
    const service = await apexWith({})
    const stream = RequestStream.start(mesh, { ...plainRequest, service, port })
    onTestFinished(() => stream.stop())
    const steps: Treatment[] = [
      { timeout: 5_000 },
      { requestHeaders: { set: { 'x-set': 'mesh' } }, mirrors: [{ service: shadow, port, percent: 100 }] },
      { rewrite: { path: '/v1' } },
      {},
    ]
    for (const treatment of steps) {
      await mesh.follow(adapter, traffic(service, treatment))
      await stream.next(300)
    }
    await stream.stop()
    expect(stream.failures).toEqual([])
    expect(new Set(stream.answers.map(placeOf))).toEqual(new Set(['treated/treat-v1']))
  })
}

function retries(attempts: number, ...conditions: string[]): Retries {
  return { attempts, conditions }
}
