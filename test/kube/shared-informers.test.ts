import { describe, expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { SharedInformers } from '../../src/kube/shared-informers.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import {
  configMap,
  configMaps,
  failure,
  type json,
  list,
  type SeenRequest,
  scriptedServer,
  WatchStream,
} from './support/scripted-server.ts'

type Answer = ReturnType<typeof json>

const routes: Kind = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

function informers(answer: (request: SeenRequest) => Answer | undefined = () => undefined) {
  const clock = new VirtualClock()
  const streams: WatchStream[] = []
  const server = scriptedServer(clock, (request, signal) => {
    const scripted = answer(request)
    if (scripted !== undefined) return scripted
    if (request.query.get('watch') !== 'true') return list(10, [configMap('a', 5)])
    const stream = new WatchStream()
    streams.push(stream)
    return stream.answer(signal)
  })
  const set = new SharedInformers({ client: server.client, namespace: 'shop', clock, random: () => 0 })
  return { clock, set, streams, requests: server.requests }
}

const nodes: Kind = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }

describe('informers', () => {
  test('of one kind are one list and one watch, however many ask', async () => {
    const { clock, set, requests } = informers()
    expect(set.of(configMaps)).toBe(set.of({ ...configMaps }))
    set.of(nodes)
    await set.ready()
    await clock.advance(0)
    expect(requests.map(({ path, query }) => `${path} ${query.get('watch') ?? 'list'}`).toSorted()).toEqual([
      '/api/v1/namespaces/shop/configmaps list',
      '/api/v1/namespaces/shop/configmaps true',
      '/api/v1/nodes list',
      '/api/v1/nodes true',
    ])
    await set.stop()
  })

  test('tell every listener in order, even when one of them throws', async () => {
    const { clock, set, streams } = informers()
    const informer = set.of(configMaps)
    const heard: string[] = []
    informer.listen(() => {
      throw new Error('not our business')
    })
    const quiet = informer.listen(({ type, object }) => heard.push(`${type} ${object.metadata.name}`))
    await set.ready()
    await clock.advance(0)
    streams[0]?.send('ADDED', configMap('b', 11))
    await clock.advance(0)
    quiet()
    streams[0]?.send('ADDED', configMap('c', 12))
    await clock.advance(0)
    expect(heard).toEqual(['added a', 'added b'])
    expect(informer.store.list()).toHaveLength(3)
    await set.stop()
  })

  test('are ready when all of them have their first list', async () => {
    let up = false
    const { clock, set } = informers(({ path }) =>
      path.includes('httproutes') && !up ? failure(500, 'Trouble') : undefined,
    )
    set.of(configMaps)
    set.of(routes)
    let ready = false
    const waiting = set.ready().then(() => {
      ready = true
    })
    await clock.advance(30_000)
    expect(ready).toBe(false)
    expect(set.health().map(({ synced, failing }) => [synced, failing !== undefined])).toEqual([
      [true, false],
      [false, true],
    ])
    up = true
    await clock.advance(60_000)
    await waiting
    expect(set.of(routes).synced).toBe(true)
    await set.stop()
  })

  test.each([
    [403, 'Forbidden', /AP3011 .* may not list httproutes/],
    [404, 'NotFound', /AP3012 the cluster does not serve HTTPRoute \(gateway.networking.k8s.io\/v1\)/],
  ])('refuse to be ready with %i, and recover when the reason is gone', async (code, reason, expected) => {
    let up = false
    const { clock, set } = informers(({ path }) =>
      path.includes('httproutes') && !up ? failure(code, reason) : undefined,
    )
    set.of(configMaps)
    set.of(routes)
    await expect(set.ready()).rejects.toThrow(expected)
    up = true
    await clock.advance(1_000)
    await expect(set.ready()).resolves.toBeUndefined()
    await set.stop()
  })

  test('stop waiting when they are told to', async () => {
    const { set } = informers(() => failure(500, 'Trouble'))
    set.of(configMaps)
    const give = new AbortController()
    const waiting = set.ready(give.signal)
    give.abort()
    await expect(waiting).rejects.toBe(give.signal.reason)
    const other = set.ready()
    await Promise.all([set.stop(), expect(other).rejects.toThrow()])
  })
})
