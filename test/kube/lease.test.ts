import { describe, expect, test } from 'vitest'
import type { KubeClient } from '../../src/kube/client.ts'
import { LeaseElection } from '../../src/kube/lease.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { failure, json, type SeenRequest, scriptedServer } from './support/scripted-server.ts'

type Answer = ReturnType<typeof json>

/** A server that has one Lease, refuses writes to an old version of it, and fails when a test says so. */
class LeaseServer {
  readonly clock = new VirtualClock()
  lease: KubeObject | undefined
  broken = false
  requests = 0
  #version = 0
  readonly client: KubeClient = scriptedServer(this.clock, (request) => this.#answer(request)).client

  #answer({ method, body }: SeenRequest): Answer {
    this.requests++
    if (this.broken) return failure(500, 'InternalError')
    if (method === 'GET') return this.lease === undefined ? failure(404, 'NotFound') : json(200, this.lease)
    const sent = body as KubeObject
    if (method === 'POST' && this.lease !== undefined) return failure(409, 'AlreadyExists')
    if (method === 'PUT' && this.lease === undefined) return failure(404, 'NotFound')
    if (method === 'PUT' && sent.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
      return failure(409, 'Conflict')
    }
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(++this.#version) } }
    return json(200, this.lease)
  }

  get spec(): Record<string, unknown> {
    return (this.lease?.spec ?? {}) as Record<string, unknown>
  }
}

/** One process that wants to lead. */
function candidate(server: LeaseServer, identity: string, clock = server.clock) {
  const stop = new AbortController()
  const { client } = server
  const election = new LeaseElection({ client, clock, random: () => 0, namespace: 'ops', name: 'lock', identity })
  const state: { leadership?: AbortSignal; outcome?: string } = {}
  const running = election.run(stop.signal, (leadership) => {
    state.leadership = leadership
  })
  void running.then((outcome) => {
    state.outcome = outcome
  })
  const leads = () => state.leadership !== undefined && !state.leadership.aborted
  return { election, state, running, leads, stop: () => stop.abort() }
}

describe('the first candidate', () => {
  test('leads at once and says so in the Lease', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(0)
    expect(a.leads()).toBe(true)
    expect(server.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    })
    a.stop()
    await a.running
  })

  test('renews every two seconds with one write and no read', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(0)
    const before = server.requests
    await server.clock.advance(60_000)
    expect(server.requests - before).toBe(30)
    expect(server.spec['renewTime']).toBe('2026-01-01T00:01:00.000000Z')
    expect(server.spec['acquireTime']).toBe('2026-01-01T00:00:00.000000Z')
    a.stop()
    await a.running
  })
})

describe('a second candidate', () => {
  test('waits as long as the first one renews', async () => {
    const server = new LeaseServer()
    const [a, b] = [candidate(server, 'a'), candidate(server, 'b')]
    await server.clock.advance(300_000)
    expect([a.leads(), b.leads()]).toEqual([true, false])
    expect(b.election.holder).toBe('a')
    a.stop()
    b.stop()
    await Promise.all([a.running, b.running])
  })

  test('takes over within a retry when the first one stops, because it gave the Lease back', async () => {
    const server = new LeaseServer()
    const [a, b] = [candidate(server, 'a'), candidate(server, 'b')]
    await server.clock.advance(10_000)
    a.stop()
    expect(await a.running).toBe('stopped')
    expect(a.leads()).toBe(false)
    await server.clock.advance(2_000)
    expect(b.leads()).toBe(true)
    expect(server.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
    b.stop()
    await b.running
  })

  test('takes over when the first one died, after the whole duration in front of its own eyes', async () => {
    const server = new LeaseServer()
    server.lease = dead(server)
    const b = candidate(server, 'b')
    await server.clock.advance(14_000)
    expect(b.leads()).toBe(false)
    await server.clock.advance(3_000)
    expect(b.leads()).toBe(true)
    b.stop()
    await b.running
  })

  test('does not mind what the clock of the first one says', async () => {
    const server = new LeaseServer()
    server.lease = dead(server, '1999-01-01T00:00:00.000000Z')
    const b = candidate(server, 'b')
    await server.clock.advance(14_000)
    expect(b.leads()).toBe(false)
    b.stop()
    await b.running
  })
})

describe('a leader that cannot renew', () => {
  test('steps down before the Lease can be taken, and says that it was lost', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(20_000)
    const renewed = Date.parse(String(server.spec['renewTime']))
    server.broken = true
    let steppedDown = Number.POSITIVE_INFINITY
    a.state.leadership?.addEventListener('abort', () => {
      steppedDown = server.clock.now()
    })
    await server.clock.advance(60_000)
    expect(steppedDown - renewed).toBeLessThanOrEqual(10_000)
    expect(a.state.outcome).toBe('lost')
  })

  test('carries on when the trouble passes in time', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(20_000)
    server.broken = true
    await server.clock.advance(7_000)
    server.broken = false
    await server.clock.advance(20_000)
    expect(a.leads()).toBe(true)
    a.stop()
    await a.running
  })

  test('steps down at once when another one holds the Lease', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(20_000)
    server.lease = dead(server)
    await server.clock.advance(2_000)
    expect(a.state.outcome).toBe('lost')
    expect(a.leads()).toBe(false)
  })

  test('makes the Lease again when someone deleted it', async () => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(20_000)
    server.lease = undefined
    await server.clock.advance(2_000)
    expect(a.leads()).toBe(true)
    expect(server.spec).toMatchObject({ holderIdentity: 'a' })
    a.stop()
    await a.running
  })
})

describe('while somebody sets the clock', () => {
  const hour = 60 * 60_000

  test.for([hour, -hour])('by %d ms, a leader that cannot renew steps down as soon as ever', async (leap) => {
    const server = new LeaseServer()
    const a = candidate(server, 'a')
    await server.clock.advance(20_000)
    server.broken = true
    server.clock.leap(leap)
    await server.clock.advance(10_000)
    expect(a.state.outcome).toBe('lost')
  })

  test.for([hour, -hour])('by %d ms, a leader that renews stays the leader', async (leap) => {
    const server = new LeaseServer()
    const [a, b] = [candidate(server, 'a'), candidate(server, 'b')]
    await server.clock.advance(20_000)
    server.clock.leap(leap)
    await server.clock.advance(60_000)
    expect([a.leads(), b.leads()]).toEqual([true, false])
    a.stop()
    b.stop()
    await Promise.all([a.running, b.running])
  })

  test.for([hour, -hour])('by %d ms, a leader that died is replaced after the whole duration', async (leap) => {
    const server = new LeaseServer()
    server.lease = dead(server)
    const b = candidate(server, 'b')
    await server.clock.advance(1_000)
    server.clock.leap(leap)
    await server.clock.advance(13_000)
    expect(b.leads()).toBe(false)
    await server.clock.advance(4_000)
    expect(b.leads()).toBe(true)
    b.stop()
    await b.running
  })
})

test('of five candidates there is never more than one leader, whatever happens to the server', async () => {
  const server = new LeaseServer()
  const candidates = ['a', 'b', 'c', 'd', 'e'].map((identity) => candidate(server, identity))
  const leaders = new Set<string>()
  for (let second = 0; second < 600; second++) {
    server.broken = second % 60 > 40
    if (second % 100 === 99) candidates[Math.floor(second / 100) % 5]?.stop()
    await server.clock.advance(1_000)
    const leading = candidates.filter(({ leads }) => leads())
    expect(leading.length).toBeLessThanOrEqual(1)
    for (const { election } of leading) leaders.add(election.holder)
  }
  expect(leaders.size).toBeGreaterThan(1)
  for (const { stop } of candidates) stop()
  await Promise.all(candidates.map(({ running }) => running))
})

test('times that cannot work are refused', () => {
  const server = new LeaseServer()
  const options = {
    client: server.client,
    clock: server.clock,
    random: Math.random,
    namespace: 'ops',
    name: 'lock',
    identity: 'a',
  }
  expect(() => new LeaseElection({ ...options, renewDeadlineMs: 15_000 })).toThrow(RangeError)
})

/** A Lease whose holder will not be heard of any more. */
function dead(
  { clock }: LeaseServer,
  renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z'),
): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'ops', name: 'lock', resourceVersion: '1000' },
    spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime, acquireTime: renewTime, leaseTransitions: 0 },
  }
}
