import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { ServiceRef, ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type Behavior, trialHeader, trialHeaders } from '../support/dataplane/behavior.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { decidedPlaces, exactPlace } from '../support/dataplane/places.ts'
import { expectShares, sampleSize } from '../support/dataplane/shares.ts'
import { sendMany } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { clockSlack } from '../support/dataplane/treatment-evidence.ts'
import { proves } from '../support/proof.ts'

const [port = 0] = await freePorts(1)
const namespace = 'called'
const named = (name: string) => ({ namespace, name })
const v1 = named('call-v1')
const v2 = named('call-v2')
const v3 = named('call-v3')
const gone = named('call-gone')
const idle = named('call-idle')
const dead = named('call-dead')
const speaks = { calls: [port] }

describeDataPlane('gRPC through a real proxy', (mesh) => {
  beforeAll(async () => {
    for (const service of [v1, v2, v3, named('fault-grpc-14')]) await mesh.addService(service, [port], speaks)
    await mesh.addService(idle, [port], { ...speaks, endpoints: false })
    await mesh.addService(dead, [port], { ...speaks, listening: false })
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => calls(mesh, adapter))
})

function calls(mesh: DataPlane, adapter: MeshAdapter): void {
  let count = 0
  /** Istio answers by the kind of the route. */
  const missingCode = adapter === istio ? 'code 14' : 'code 2'
  const has = (feature: Feature) => adapter.capabilities[feature].support !== 'unsupported'
  const to = (service: ServiceRef, weight = 1) => ({ service, port, weight })
  const rule = (name: string, matches: readonly HttpMatch[], service: ServiceRef): TrafficRule => {
    return { name, matches, backends: [to(service)] }
  }
  const traffic = (service: ServiceRef, ...rules: TrafficRule[]): ServiceTraffic => {
    return { service, ports: [{ port, protocol: 'grpc', rules }] }
  }
  /** A Service of its own with these rules. */
  const apexWith = async (...rules: TrafficRule[]) => {
    count += 1
    const service = named(`call-${adapter.name}-${count}`)
    await mesh.addService(service, [port], speaks)
    await mesh.reachable()
    await mesh.follow(adapter, traffic(service, ...rules))
    return service
  }
  const request = (service: ServiceRef, path = '/shop.Cart/Add', behavior: Behavior = {}): MeshRequest => {
    return { ...plainRequest, method: 'POST', service, port, path, headers: trialHeaders(behavior) }
  }
  const plain = (treatment: Treatment = {}): TrafficRule => ({ ...rule('default', [], v1), ...treatment })
  /** Sends it; gives its code and how often the backend got it. */
  const trial = async (service: ServiceRef, behavior: Behavior) => {
    const sent = request(service, undefined, behavior)
    const { grpcStatus, elapsed } = await mesh.send(sent)
    return { code: grpcStatus, attempts: mesh.received(sent.headers[trialHeader] ?? '').length, elapsed }
  }
  /** A test of something, where this mesh has it by its table. */
  const when = (feature: Feature, ...others: Feature[]) => {
    return (name: string, body: () => Promise<void>) => {
      if (!has(feature)) return
      test(name, async () => {
        await body()
        proves(adapter.name, 'proxy', [feature, ...others])
      })
    }
  }

  when('grpcMatch')('is told apart by service and method', async () => {
    const service = await apexWith(
      rule('add', [{ path: { exact: '/shop.Cart/Add' } }], v1),
      rule('cart', [{ path: { prefixPath: '/shop.Cart' } }], v2),
      rule('default', [], v3),
    )
    const other = `called/call-v3:${port}`
    for (const [path, place] of [
      ['/shop.Cart/Add', `called/call-v1:${port}`],
      ['/shop.Cart/AddAll', `called/call-v2:${port}`],
      ['/shop.Cart/Get', `called/call-v2:${port}`],
      ['/shop.Carts/Add', other],
      ['/shop.cart/Add', other],
      ['/Cart/Add', other],
    ] as const) {
      expect([path, exactPlace(await mesh.send(request(service, path)))]).toEqual([path, place])
    }
  })

  when('grpcMethodOnly', 'grpcPath')('is told apart by a method of any service, and by a part of a name', async () => {
    const service = await apexWith(
      rule('add', [{ path: { regex: '/[^/]+/Add' } }], v1),
      rule('some', [{ path: { prefixString: '/shop.' } }], v2),
      rule('default', [], idle),
    )
    expect(exactPlace(await mesh.send(request(service, '/any.Thing/Add')))).toBe(`called/call-v1:${port}`)
    expect(exactPlace(await mesh.send(request(service, '/shop.Cart/Get')))).toBe(`called/call-v2:${port}`)
    expect(exactPlace(await mesh.send(request(service, '/any.Thing/Get')))).toBe('code 14')
  })

  when('weightedSplit')('is divided by weight', async () => {
    const split = (first: number, second: number) => ({ ...plain(), backends: [to(v1, first), to(v2, second)] })
    const service = await apexWith(split(80, 20))
    await expectShares({ 'called/call-v1': 80, 'called/call-v2': 20 }, () =>
      sendMany(mesh, request(service), sampleSize),
    )
    await mesh.follow(adapter, traffic(service, split(30, 70)))
    await expectShares({ 'called/call-v1': 30, 'called/call-v2': 70 }, () =>
      sendMany(mesh, request(service), sampleSize),
    )
  })

  const unanswered: readonly [string, string, TrafficRule][] = [
    ['there is no such Service', missingCode, rule('default', [], gone)],
    ['the Service has no such port', missingCode, { ...plain(), backends: [{ ...to(v1), port: port + 1 }] }],
    ['no rule takes the call', 'code 12', rule('get', [{ path: { exact: '/shop.Cart/Get' } }], v1)],
  ]
  for (const [what, code, only] of unanswered) {
    test(`has the code that our rules tell where ${what}`, async () => {
      const service = await apexWith(only)
      const sent = request(service)
      const answer = await mesh.send(sent)
      const decision = adapter.route(sent, adapter.translate(traffic(service, only)), mesh.services)
      expect(exactPlace(answer)).toBe(code)
      expect(decidedPlaces(decision, answer)).toEqual([code])
    })
  }

  test('is UNAVAILABLE where the pods of a Service are not there, or refuse connections', async () => {
    for (const service of [idle, dead])
      expect(exactPlace(await mesh.send(request(await apexWith(rule('default', [], service)))))).toBe('code 14')
  })

  when('faultGrpcAbort')('is aborted with a code in its share', async () => {
    const service = await apexWith(plain({ fault: { abort: { grpcStatus: 14, percent: 20 } } }))
    await expectShares({ 'called/call-v1': 80, 'code 14': 20 }, () => sendMany(mesh, request(service), sampleSize))
  })

  const retried: readonly [string, Retries, Behavior, { code: number; attempts: number }][] = [
    ['unavailable is 14', retries(2, 'unavailable'), { grpcStatus: 14, failures: 2 }, { code: 0, attempts: 3 }],
    ['all attempts fail', retries(2, 'unavailable'), { grpcStatus: 14 }, { code: 14, attempts: 3 }],
    ['unavailable is not 13', retries(2, 'unavailable'), { grpcStatus: 13, failures: 1 }, { code: 13, attempts: 1 }],
    [
      'the codes that have names',
      retries(9, 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted'),
      { grpcStatus: 8, failures: 1 },
      { code: 0, attempts: 2 },
    ],
  ]
  for (const [what, policy, behavior, outcome] of retried) {
    when('grpcRetries')(`is tried again: ${what}`, async () => {
      expect(await trial(await apexWith(plain({ retries: policy })), behavior)).toMatchObject(outcome)
    })
  }

  when('grpcRetryOnHttp')('is tried again for an HTTP status, which is none of a call', async () => {
    const service = await apexWith(plain({ retries: retries(2, '503') }))
    expect(await trial(service, { status: 503, failures: 1 })).toMatchObject({ code: 0, attempts: 2 })
    expect(await trial(service, { grpcStatus: 14, failures: 1 })).toMatchObject({ code: 14, attempts: 1 })
  })

  when('grpcTimeout')('is UNAVAILABLE once its time is over', async () => {
    const { code, elapsed } = await trial(await apexWith(plain({ timeout: 300 })), { delay: 3_000 })
    expect(code).toBe(14)
    expect(elapsed).toBeGreaterThan(300 - clockSlack)
    expect(elapsed).toBeLessThan(2_000)
  })
}

function retries(attempts: number, ...conditions: string[]): Retries {
  return { attempts, conditions }
}
