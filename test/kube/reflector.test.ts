import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConnectionError } from '../../src/kube/errors.ts'
import { MemoryStore } from '../../src/kube/memory-store.ts'
import { Reflector } from '../../src/kube/reflector.ts'
import type { StoreChange } from '../../src/kube/store.ts'
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

/** One reflector against a server whose lists and watches a test scripts; it runs until the test ends. */
class Scene {
  readonly clock = new VirtualClock()
  readonly changes: StoreChange[] = []
  readonly store = new MemoryStore((change) => this.changes.push(change))
  /** Answers of the coming lists and watches; the last of each goes on for ever. */
  lists: (() => Answer)[] = [() => list(10, [configMap('a', 5), configMap('b', 7)])]
  watches: ((signal?: AbortSignal) => Answer)[] = []
  streams: WatchStream[] = []
  readonly server = scriptedServer(this.clock, (request, signal) =>
    isWatch(request) ? this.#watch(signal) : next(this.lists)(),
  )
  readonly stopping = new AbortController()
  readonly reflector = new Reflector({
    client: this.server.client,
    kind: configMaps,
    namespace: 'shop',
    store: this.store,
    clock: this.clock,
    random: () => 0,
  })
  running: Promise<void> | undefined

  #watch(signal: AbortSignal | undefined): Answer {
    if (this.watches.length > 0) return next(this.watches)(signal)
    const stream = new WatchStream()
    this.streams.push(stream)
    return stream.answer(signal)
  }

  async start(): Promise<void> {
    this.running = this.reflector.run(this.stopping.signal)
    await this.clock.advance(0)
  }

  get listRequests(): SeenRequest[] {
    return this.server.requests.filter((request) => !isWatch(request))
  }

  get watchRequests(): SeenRequest[] {
    return this.server.requests.filter(isWatch)
  }

  get stream(): WatchStream {
    const stream = this.streams.at(-1)
    if (stream === undefined) throw new Error('no watch is open')
    return stream
  }

  names(): string[] {
    return this.store
      .list()
      .map(({ metadata }) => metadata.name)
      .toSorted()
  }
}

const isWatch = ({ query }: SeenRequest) => query.get('watch') === 'true'

function next<T>(answers: T[]): T {
  const [first] = answers.length > 1 ? answers.splice(0, 1) : answers
  if (first === undefined) throw new Error('nothing scripted')
  return first
}

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(async () => {
  scene.stopping.abort()
  await scene.running
})

describe('the first list', () => {
  test('fills the store and says that it was the first', async () => {
    await scene.start()
    expect(scene.names()).toEqual(['a', 'b'])
    expect(scene.changes.map((change) => change.type === 'added' && change.initial)).toEqual([true, true])
    expect(scene.reflector.status).toMatchObject({ synced: true, failing: undefined })
  })

  test('comes in pages of 500, one after the other', async () => {
    scene.lists = [
      () => list(10, [configMap('a', 5)], 'second'),
      () => list(10, [configMap('b', 7)], 'third'),
      () => list(10, [configMap('c', 9)]),
    ]
    await scene.start()
    expect(scene.names()).toEqual(['a', 'b', 'c'])
    expect(scene.listRequests.map(({ query }) => [query.get('limit'), query.get('continue')])).toEqual([
      ['500', null],
      ['500', 'second'],
      ['500', 'third'],
    ])
  })

  test('is asked for in one piece when a page is too old', async () => {
    scene.lists = [
      () => list(10, [configMap('a', 5)], 'second'),
      () => failure(410, 'Expired'),
      () => list(12, [configMap('a', 5), configMap('b', 11)]),
    ]
    await scene.start()
    expect(scene.names()).toEqual(['a', 'b'])
    expect(scene.listRequests.at(-1)?.query.get('limit')).toBeNull()
  })

  test('gives its objects the apiVersion and kind that built-in lists leave out', async () => {
    await scene.start()
    expect(scene.store.get({ namespace: 'shop', name: 'a' })).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
  })
})

describe('a watch', () => {
  test('asks for bookmarks and an end by the server after five to ten minutes', async () => {
    await scene.start()
    const query = scene.watchRequests[0]?.query
    expect(query?.get('allowWatchBookmarks')).toBe('true')
    expect(Number(query?.get('timeoutSeconds'))).toBe(300)
  })

  test('brings changes in order', async () => {
    await scene.start()
    scene.changes.length = 0
    scene.stream.send('MODIFIED', configMap('a', 11, { key: 'new' }))
    scene.stream.send('ADDED', configMap('c', 12))
    scene.stream.send('DELETED', configMap('b', 13))
    await scene.clock.advance(0)
    expect(scene.changes.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'changed a',
      'added c',
      'deleted b',
    ])
    expect(scene.names()).toEqual(['a', 'c'])
  })

  test('carries on where the last one ended, bookmarks included, without a list', async () => {
    await scene.start()
    scene.stream.send('ADDED', configMap('c', 12))
    scene.stream.send('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '40' } })
    await scene.clock.advance(300_000)
    scene.stream.end()
    await scene.clock.advance(0)
    expect(scene.watchRequests.map(({ query }) => query.get('resourceVersion'))).toEqual(['10', '40'])
    expect(scene.listRequests).toHaveLength(1)
  })

  test('whose connection is dead is given up soon after the time at which the server should have ended it', async () => {
    await scene.start()
    await scene.clock.advance(329_000)
    expect(scene.watchRequests).toHaveLength(1)
    await scene.clock.advance(2_000)
    expect(scene.watchRequests).toHaveLength(2)
    expect(scene.reflector.status.failing).toBeUndefined()
  })

  test.each([
    ['an answer of 410', () => failure(410, 'Expired')],
    ['a 410 in the stream', () => ({ status: 200, headers: {}, body: `${expired}\n` })],
  ])('that is too old (%s) leads to a new list, which also tells what was deleted', async (_, answer) => {
    scene.watches = [answer, (signal) => new WatchStream().answer(signal)]
    scene.lists = [
      () => list(10, [configMap('a', 5), configMap('b', 7)]),
      () => list(50, [configMap('b', 45, { key: 'new' }), configMap('c', 46)]),
    ]
    await scene.start()
    expect(scene.names()).toEqual(['b', 'c'])
    expect(scene.changes.slice(2).map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'changed b',
      'added c',
      'deleted a',
    ])
    expect(scene.watchRequests.at(-1)?.query.get('resourceVersion')).toBe('50')
  })

  test.each([
    ['500', () => failure(500, 'InternalError')],
    ['garbage', () => ({ status: 200, headers: {}, body: '{"type":"ADDED","object":\nnonsense\n' })],
    ['an event that is none', () => ({ status: 200, headers: {}, body: '{"hello":"world"}\n' })],
    ['an error in the stream', () => ({ status: 200, headers: {}, body: `${internal}\n` })],
    ['a reset', () => broken()],
  ])('survives %s: it tries again from the same version, and never lists', async (_, answer) => {
    scene.watches = [answer, (signal) => scene.streams[0]?.answer(signal) ?? failure(500, 'Unexpected')]
    scene.streams = [new WatchStream()]
    await scene.start()
    expect(scene.reflector.status.failing?.since).toBe(scene.clock.now())
    await scene.clock.advance(800)
    expect(scene.watchRequests.map(({ query }) => query.get('resourceVersion'))).toEqual(['10', '10'])
    expect(scene.reflector.status.failing).toBeUndefined()
    scene.stream.send('ADDED', configMap('c', 12))
    await scene.clock.advance(0)
    expect(scene.names()).toEqual(['a', 'b', 'c'])
    expect(scene.listRequests).toHaveLength(1)
  })

  test('that keeps failing is tried after 0.8 s doubled up to 30 s', async () => {
    scene.watches = [() => failure(500, 'InternalError')]
    await scene.start()
    await scene.clock.advance(200_000)
    const times = scene.watchRequests.map(({ at }) => at)
    const waits = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1000)
    expect(waits.slice(0, 8)).toEqual([0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
  })

  test('starts over with short waits after two quiet minutes', async () => {
    scene.watches = [
      () => failure(500, ''),
      () => failure(500, ''),
      () => failure(500, ''),
      (signal) => stream.answer(signal),
      () => failure(500, ''),
    ]
    const stream = new WatchStream()
    await scene.start()
    await scene.clock.advance(200_000)
    stream.end()
    await scene.clock.advance(0)
    const failedAt = scene.clock.now()
    await scene.clock.advance(800)
    expect(scene.watchRequests.at(-1)?.at).toBe(failedAt + 800)
  })

  test('waits as long as a Retry-After asks', async () => {
    scene.watches = [
      () => failure(429, 'TooManyRequests', { 'retry-after': '17' }),
      (signal) => new WatchStream().answer(signal),
    ]
    await scene.start()
    await scene.clock.advance(16_900)
    expect(scene.watchRequests).toHaveLength(1)
    await scene.clock.advance(100)
    expect(scene.watchRequests).toHaveLength(2)
  })

  test('does not wait for longer than a minute, whatever a Retry-After asks', async () => {
    scene.watches = [
      () => failure(429, 'TooManyRequests', { 'retry-after': '86400' }),
      (signal) => new WatchStream().answer(signal),
    ]
    await scene.start()
    await scene.clock.advance(60_000)
    expect(scene.watchRequests).toHaveLength(2)
  })

  test('that the server closes at once does not become a hot loop', async () => {
    scene.watches = [() => ({ status: 200, headers: {}, body: '' })]
    await scene.start()
    await scene.clock.advance(60_000)
    expect(scene.watchRequests.length).toBeLessThan(10)
  })

  test('that is always too old does not become a hot loop', async () => {
    scene.watches = [() => failure(410, 'Expired')]
    await scene.start()
    await scene.clock.advance(60_000)
    expect(scene.server.requests.length).toBeLessThan(20)
  })
})

describe('a kind that may not be read or does not exist', () => {
  test.each([
    [403, 'Forbidden'],
    [404, 'NotFound'],
  ])('is reported with %i and tried again', async (code, reason) => {
    scene.lists = [() => failure(code, reason), () => list(10, [configMap('a', 5)])]
    await scene.start()
    expect(scene.reflector.status).toMatchObject({ synced: false, failing: { error: { code } } })
    await scene.clock.advance(800)
    expect(scene.reflector.status).toMatchObject({ synced: true, failing: undefined })
    expect(scene.names()).toEqual(['a'])
  })
})

describe('stopping', () => {
  test('ends the watch and asks nothing more', async () => {
    await scene.start()
    scene.stopping.abort()
    await scene.running
    const asked = scene.server.requests.length
    await scene.clock.advance(600_000)
    expect(scene.server.requests).toHaveLength(asked)
    expect(scene.stream.open).toBe(false)
  })

  test('works while it waits to try again', async () => {
    scene.watches = [() => failure(500, 'InternalError')]
    await scene.start()
    scene.stopping.abort()
    await scene.running
    await scene.clock.advance(600_000)
    expect(scene.watchRequests).toHaveLength(1)
  })
})

const expired = JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'too old resource version' },
})
const internal = JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', status: 'Failure', code: 500, reason: 'InternalError', message: 'etcd is away' },
})

function broken(): Answer {
  const stream = new WatchStream()
  stream.break(new ConnectionError('server', 'reset', 'the connection was reset'))
  return stream.answer()
}
