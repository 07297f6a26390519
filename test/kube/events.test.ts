import { describe, expect, test } from 'vitest'
import { EventRecorder } from '../../src/kube/events.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { configMap, failure, json, type SeenRequest, scriptedServer } from './support/scripted-server.ts'

type Answer = ReturnType<typeof json>

const promoted = {
  regarding: configMap('web', 3),
  type: 'Normal',
  reason: 'Promoted',
  note: 'web is promoted',
} as const

function recorder(answer: (request: SeenRequest) => Answer = () => json(200, configMap('event', 1))) {
  const clock = new VirtualClock()
  const server = scriptedServer(clock, answer)
  const events = new EventRecorder({ client: server.client, clock, component: 'canary-operator', instance: 'pod-1' })
  return { clock, events, requests: server.requests }
}

describe('an event', () => {
  test('is beside the object that it is about', async () => {
    const { events, requests } = recorder()
    events.record(promoted)
    await events.flush()
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/shop/events',
        body: {
          kind: 'Event',
          involvedObject: { kind: 'ConfigMap', namespace: 'shop', name: 'web', uid: 'uid-web' },
          type: 'Normal',
          reason: 'Promoted',
          message: 'web is promoted',
          count: 1,
          firstTimestamp: '2026-01-01T00:00:00Z',
          source: { component: 'canary-operator' },
        },
      },
    ])
  })

  test('about a cluster-scoped object is in the namespace default', async () => {
    const { events, requests } = recorder()
    events.record({ ...promoted, regarding: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'u' } } })
    await events.flush()
    expect(requests[0]?.path).toBe('/api/v1/namespaces/default/events')
  })

  test('has a name that is valid, wherever that of a long one is cut', async () => {
    const { events, requests } = recorder()
    for (const end of ['.', '-', '.-'])
      events.record({ ...promoted, regarding: configMap(`${'x'.repeat(220 - end.length)}${end}b`, 3) })
    await events.flush()
    const names = requests.map(({ body }) => (body as { metadata: { name: string } }).metadata.name)
    expect(names).toHaveLength(3)
    for (const name of names) expect(name).toMatch(/^x+\.[a-z0-9]+$/)
  })

  test('has a note of at most 1024 characters', async () => {
    const { events, requests } = recorder()
    events.record({ ...promoted, note: 'x'.repeat(5000) })
    await events.flush()
    expect(requests[0]?.body).toMatchObject({ message: `${'x'.repeat(1023)}…` })
  })
})

describe('the same event again', () => {
  test('within ten minutes raises the count', async () => {
    const { clock, events, requests } = recorder()
    events.record(promoted)
    await events.flush()
    await clock.advance(9 * 60_000)
    events.record(promoted)
    await events.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH'])
    expect(requests[1]?.body).toEqual({ count: 2, lastTimestamp: '2026-01-01T00:09:00Z' })
  })

  test('while it is being written costs one write more, however often', async () => {
    const { events, requests } = recorder()
    for (let i = 0; i < 10; i++) events.record(promoted)
    await events.flush()
    expect(requests.length).toBeLessThanOrEqual(2)
    expect(requests.at(-1)?.body).toMatchObject({ count: 10 })
  })

  test('after more than ten minutes is a new one', async () => {
    const { clock, events, requests } = recorder()
    events.record(promoted)
    await events.flush()
    await clock.advance(11 * 60_000)
    events.record(promoted)
    await events.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  test('is made anew when the API server has let the first one go', async () => {
    const { events, requests } = recorder(({ method }) =>
      method === 'PATCH' ? failure(404, 'NotFound') : json(201, configMap('event', 1)),
    )
    events.record(promoted)
    await events.flush()
    events.record(promoted)
    await events.flush()
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
    expect(requests[2]?.body).toMatchObject({ count: 2 })
  })
})

test('too many events about one object are dropped, and those about others are not', async () => {
  const { clock, events, requests } = recorder()
  for (let i = 0; i < 100; i++) events.record({ ...promoted, note: `number ${i}` })
  events.record({ ...promoted, regarding: configMap('other', 1) })
  await events.flush()
  expect(requests).toHaveLength(26)
  await clock.advance(5 * 60_000)
  events.record({ ...promoted, note: 'later' })
  await events.flush()
  expect(requests).toHaveLength(27)
})

test('an API server that refuses events disturbs nobody', async () => {
  const { events, requests } = recorder(() => failure(403, 'Forbidden'))
  events.record(promoted)
  await events.flush()
  events.record(promoted)
  await expect(events.flush()).resolves.toBeUndefined()
  expect(requests).toHaveLength(2)
})
