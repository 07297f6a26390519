import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Controller, type ControllerOptions, type SyncOutcome } from '../../src/operator/controller.ts'
import { WorkQueue } from '../../src/operator/work-queue.ts'
import { quiescent } from '../../src/simulator/quiescence.ts'
import { VirtualClock } from '../../src/simulator/virtual-clock.ts'

function setUp(sync: ControllerOptions['sync'], options: Partial<ControllerOptions> = {}) {
  const clock = new VirtualClock(0)
  const controller = new Controller({
    queue: new WorkQueue(clock),
    clock,
    log: pino({ level: 'silent' }),
    concurrency: 2,
    drainTimeout: 30_000,
    sync,
    ...options,
  })
  const idle = () => quiescent({ count: () => 0, busy: () => controller.busy() })
  const run = (ms: number) => clock.run(() => false, { idle, deadline: clock.now() + ms })
  return { clock, controller, run }
}

/** A promise that is resolved from outside. */
function gate<T>() {
  return Promise.withResolvers<T>()
}

test('nothing runs before the start, and then no more at once than allowed', async () => {
  const gates = new Map<string, ReturnType<typeof gate<SyncOutcome>>>()
  const { controller, run } = setUp((key) => {
    const opened = gate<SyncOutcome>()
    gates.set(key, opened)
    return opened.promise
  })
  for (const key of ['a', 'b', 'c']) controller.add(key)
  await run(0)
  expect([...gates.keys()]).toEqual([])
  controller.start()
  await run(0)
  expect([...gates.keys()]).toEqual(['a', 'b'])
  gates.get('a')?.resolve({ result: 'done' })
  await run(0)
  expect([...gates.keys()]).toEqual(['a', 'b', 'c'])
})

test('whatever a sync throws, the process lives and the key is tried again later and later', async () => {
  const times: number[] = []
  const thrown: unknown[] = [new Error('no'), 'a string', undefined, Object.create(null)]
  const { clock, controller, run } = setUp(async () => {
    times.push(clock.now())
    if (thrown.length > 0) throw thrown.shift()
    return { result: 'done' }
  })
  controller.start()
  controller.add('a')
  await run(1_000)
  expect(times).toEqual([0, 5, 15, 35, 75])
})

test('a sync that throws before it gives a promise is no different', async () => {
  let calls = 0
  const { controller, run } = setUp(() => {
    calls++
    if (calls === 1) throw new Error('at once')
    return Promise.resolve({ result: 'done' })
  })
  controller.start()
  controller.add('a')
  await run(1_000)
  expect(calls).toBe(2)
})

test('outcomes say when the key comes back', async () => {
  const outcomes: SyncOutcome[] = [
    { result: 'again' },
    { result: 'later', after: 100 },
    { result: 'resync', after: 1_000 },
    { result: 'done' },
  ]
  const times: number[] = []
  const { clock, controller, run } = setUp(async () => {
    times.push(clock.now())
    return outcomes.shift() ?? { result: 'done' }
  })
  controller.start()
  controller.add('a')
  await run(60_000)
  expect(times).toEqual([0, 0, 100, 1_100])
  expect(controller.busy()).toBe(false)
})

test('a key that never comes to rest is slowed down and told of once, until it rests', async () => {
  let [syncs, isRestless] = [0, true]
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const { controller, run } = setUp(
    async () => {
      syncs++
      return isRestless ? { result: 'again' } : { result: 'resync', after: 60_000 }
    },
    { log },
  )
  controller.start()
  controller.add('a')
  await run(0)
  expect(syncs).toBe(100)
  await run(3_600_000)
  expect(syncs).toBeLessThan(180)
  expect(lines.filter((line) => line.includes('a resource does not come to rest'))).toHaveLength(1)
  isRestless = false
  await run(120_000)
  isRestless = true
  syncs = 0
  await run(60_000)
  expect(syncs).toBeGreaterThan(100)
  expect(syncs).toBeLessThan(112)
})

test('it is busy as long as something runs or could run, and not while it waits for the time', async () => {
  const opened = gate<SyncOutcome>()
  const { controller, run } = setUp(() => opened.promise)
  controller.start()
  expect(controller.busy()).toBe(false)
  controller.add('a')
  expect(controller.busy()).toBe(true)
  await run(0)
  expect(controller.busy()).toBe(true)
  opened.resolve({ result: 'later', after: 10 })
  await run(0)
  expect(controller.busy()).toBe(false)
})

test('stopping waits for running syncs, which are told to end', async () => {
  const { controller, run } = setUp(
    (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => setImmediate(() => resolve({ result: 'done' })))
      }),
  )
  controller.start()
  controller.add('a')
  await run(0)
  controller.add('b')
  await controller.stop()
  expect(controller.busy()).toBe(false)
})

test('stopping gives up on a sync that never ends', async () => {
  const { clock, controller, run } = setUp(() => new Promise(() => {}))
  controller.start()
  controller.add('a')
  await run(0)
  const stopped = controller.stop()
  clock.advanceTo(30_000)
  await stopped
  expect(clock.now()).toBe(30_000)
})
