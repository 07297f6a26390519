import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { featuresOf } from '../../src/mesh/features.ts'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type Behavior, trialHeader, trialHeaders } from '../support/dataplane/behavior.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { clockSlack } from '../support/dataplane/treatment-evidence.ts'
import { proves } from '../support/proof.ts'

const [port = 0] = await freePorts(1)
const named = (name: string) => ({ namespace: 'combined', name })
const backend = named('combined-backend')
const shadow = named('combined-shadow')

describeDataPlane('treatments that meet on a real proxy', (mesh) => {
  beforeAll(async () => {
    for (const service of [backend, shadow]) await mesh.addService(service, [port])
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => meetings(mesh, adapter))
})

function meetings(mesh: DataPlane, adapter: MeshAdapter): void {
  let count = 0

  /** A rule for all requests, or for those with a header. */
  const rule = (treatment: Treatment, header?: string): TrafficRule => ({
    name: header ?? 'default',
    matches: header === undefined ? [] : [{ headers: [{ name: header, exact: 'yes' }] }],
    backends: [{ service: backend, port, weight: 1 }],
    ...treatment,
  })
  const traffic = (
    rules: readonly TrafficRule[],
    service = named(`combined-${adapter.name}-${count}`),
  ): ServiceTraffic => {
    return { service, ports: [{ port, rules }] }
  }
  /** A Service of its own with these rules. Gives how to send to it: what comes back, and who got it how often. */
  const apexWith = async (rules: readonly TrafficRule[]) => {
    count += 1
    const asked = traffic(rules)
    const { service } = asked
    expect(checkTraffic(asked, adapter, { ports: () => [port] })).toEqual([])
    await mesh.addService(service, [port])
    await mesh.reachable()
    await mesh.follow(adapter, asked)
    return async (behavior: Behavior = {}, headers: Record<string, string> = {}) => {
      const sent = { ...plainRequest, service, port, headers: { ...trialHeaders(behavior), ...headers } }
      const answer = await mesh.send(sent)
      const got = ({ name, namespace }: typeof backend) => {
        const heard = mesh.received(sent.headers[trialHeader] ?? '')
        return heard.filter((echo) => echo.service === `${namespace}/${name}`).length
      }
      return { answer, attempts: () => got(backend), copies: () => got(shadow) }
    }
  }
  /** A test of some features, where this mesh has what the rules ask. */
  const when = (rules: readonly TrafficRule[], features: readonly Feature[]) => {
    const asked = traffic(rules, named('any'))
    const services = { ports: () => [port] }
    expect([...featuresOf(asked, services)]).toEqual(expect.arrayContaining([...features]))
    const isCarried = features.every((feature) => adapter.capabilities[feature].support !== 'unsupported')
    return (name: string, body: () => Promise<void>) => {
      if (!isCarried) return
      test(name, async () => {
        await body()
        proves(adapter.name, 'proxy', features)
      })
    }
  }
  const retries = (attempts: number, ...conditions: string[]): Retries => ({ attempts, conditions })

  const paused = [rule({ retries: { ...retries(1, '503'), backoff: 400 } })]
  when(paused, ['retryBackoff'])('a retry waits for a random part of its pause', async () => {
    const send = await apexWith(paused)
    const trials = await Promise.all(Array.from({ length: 16 }, () => send({ status: 503 })))
    const waits = trials.map(({ answer }) => answer.elapsed).sort((a, b) => a - b)
    expect(trials.map(({ attempts }) => attempts())).toEqual(Array(16).fill(2))
    // Evenly between nothing and the whole: one time in 65,000 none of sixteen is in the upper half. Without it the pause is 25 ms.
    expect(waits.at(-1)).toBeGreaterThan(200 - clockSlack)
    expect(waits[7]).toBeLessThan(400 + 200)
  })

  const called = [rule({ retries: retries(2, 'unavailable') })]
  when(called, ['retryOnGrpcStatus'])(
    'a call that fails with the status is tried again on a port that says nothing of calls',
    async () => {
      const send = await apexWith(called)
      const tried = async (behavior: Behavior) => (await send(behavior)).attempts()
      expect(await tried({ grpcStatus: 14 })).toBe(3)
      expect(await tried({ grpcStatus: 14, failures: 1 })).toBe(2)
      expect(await tried({ grpcStatus: 5 })).toBe(1)
      expect(await tried({ status: 503 })).toBe(1)
    },
  )

  const impatient = [rule({ timeout: 300 }, 'x-impatient'), rule({})]
  when(impatient, ['partialTimeout'])('a timeout holds for the requests of its rule, and for no others', async () => {
    const send = await apexWith(impatient)
    const { answer } = await send({ delay: 900 }, { 'x-impatient': 'yes' })
    expect(answer.status).toBe(504)
    expect((await send({ delay: 900 })).answer.status).toBe(200)
  })

  const eager = [rule({ retries: retries(2, '503') }, 'x-eager'), rule({ retries: { attempts: 0, conditions: [] } })]
  when(eager, ['partialRetryPolicy', 'retries'])('so do retries', async () => {
    const send = await apexWith(eager)
    expect((await send({ status: 503 }, { 'x-eager': 'yes' })).attempts()).toBe(3)
    expect((await send({ status: 503 })).attempts()).toBe(1)
  })

  const mirrors = [{ service: shadow, port, percent: 100 }]
  const abort = { status: 503, percent: 50 }
  const aborting = [
    rule({ fault: { abort }, retries: retries(2, '503'), mirrors, responseHeaders: { add: { 'x-by': 'rule' } } }),
  ]
  when(aborting, ['treatedFault'])(
    'an aborted request is neither tried again nor copied, and the others are',
    async () => {
      const send = await apexWith(aborting)
      const trials = await Promise.all(Array.from({ length: 60 }, () => send()))
      const [passed, aborted] = [200, 503].map((status) => trials.filter(({ answer }) => answer.status === status))
      if (passed === undefined || aborted === undefined) throw new Error('there are two')
      expect(passed.length + aborted.length).toBe(60)
      // Both by one time in 10^9 at least.
      expect(Math.min(passed.length, aborted.length)).toBeGreaterThan(5)
      await waitFor('the copies are there', async () => passed.every(({ copies }) => copies() === 1))
      expect(passed.map(({ attempts }) => attempts())).toEqual(passed.map(() => 1))
      expect(aborted.flatMap((one) => [one.attempts(), one.copies()])).toEqual(aborted.flatMap(() => [0, 0]))
      for (const { answer } of trials) expect(answer.headers['x-by']).toBe('rule')
      // What the backend itself fails with is tried again, unless the request is aborted before.
      const failing = await Promise.all(Array.from({ length: 20 }, () => send({ status: 503 })))
      expect(new Set(failing.map(({ attempts }) => attempts()))).toEqual(new Set([0, 3]))
    },
  )
}
