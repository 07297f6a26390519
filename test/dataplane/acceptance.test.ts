import { beforeAll, expect, test } from 'vitest'
import type { Acceptance } from '../../src/mesh/adapter.ts'
import type { ServiceTraffic, WeightedBackend } from '../../src/mesh/traffic.ts'
import { gatewayApi } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

const [port = 0] = await freePorts(1)
const namespace = 'shop'
const there = { namespace, name: 'status-v1' }

describeDataPlane('what a real controller says of an HTTPRoute', (mesh) => {
  const traffic = (apex: string, ...backends: WeightedBackend[]): ServiceTraffic => ({
    service: { namespace, name: apex },
    ports: [{ port, rules: [{ name: 'default', matches: [], backends }] }],
  })
  const written = async (wanted: ServiceTraffic) => {
    const [object] = gatewayApi.translate(wanted)
    if (object === undefined) throw new Error('nothing was written')
    await mesh.apply(gatewayApi, [object])
    return object
  }
  /** Waits for a verdict; the last one is told when it does not come. */
  const verdict = async (object: Awaited<ReturnType<typeof written>>, wanted: (one: Acceptance) => boolean) => {
    let last: Acceptance | undefined
    const seen = async () => {
      last = gatewayApi.accepted(await mesh.read(gatewayApi, object))
      return wanted(last)
    }
    await waitFor('the route has this verdict', seen, { timeout: 30_000 }).catch(() => {})
    return last
  }

  beforeAll(async () => {
    for (const name of ['status-v1', 'status-a', 'status-b', 'status-c'])
      await mesh.addService({ namespace, name }, [port])
    await mesh.addService({ namespace: 'pay', name: 'status-api' }, [port])
    await mesh.reachable()
  })

  test('is that it is accepted, and of every change again', async () => {
    const wanted = traffic('status-a', { service: there, port, weight: 1 })
    const first = await written(wanted)
    expect(await verdict(first, ({ state }) => state === 'accepted')).toEqual({ state: 'accepted' })
    const changed = await written(traffic('status-a', { service: there, port, weight: 2 }))
    const stored = await mesh.read(gatewayApi, changed)
    expect(stored.metadata.generation).toBe(2)
    expect(await verdict(changed, ({ state }) => state === 'accepted')).toEqual({ state: 'accepted' })
  })

  test('is that it waits for a backend that is missing, until that is there', async () => {
    const late = { namespace, name: 'status-late' }
    const object = await written(
      traffic('status-b', { service: there, port, weight: 1 }, { service: late, port, weight: 1 }),
    )
    const waiting = await verdict(object, (one) => 'reason' in one && one.reason.includes('BackendNotFound'))
    expect(waiting).toEqual({
      state: 'pending',
      reason: expect.stringContaining('istio.io/gateway-controller: ResolvedRefs: BackendNotFound: '),
    })
    await mesh.addService(late, [port])
    expect(await verdict(object, ({ state }) => state === 'accepted')).toEqual({ state: 'accepted' })
  })

  test('is the same of a backend in another namespace', async () => {
    const api = { namespace: 'pay', name: 'status-api' }
    const object = await written(traffic('status-c', { service: api, port, weight: 1 }))
    expect(await verdict(object, ({ state }) => state !== 'pending')).toEqual({ state: 'accepted' })
  })

  test('is a refusal while there is no Service to attach to, and not longer', async () => {
    const nobody = { namespace, name: 'status-nobody' }
    const object = await written(traffic(nobody.name, { service: there, port, weight: 1 }))
    const refused = await verdict(object, ({ state }) => state === 'rejected')
    expect(refused).toEqual({
      state: 'rejected',
      reason: expect.stringContaining('istio.io/gateway-controller: Accepted: NoMatchingParent: '),
    })
    await mesh.addService(nobody, [port])
    expect(await verdict(object, ({ state }) => state === 'accepted')).toEqual({ state: 'accepted' })
  })
})
