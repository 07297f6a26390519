import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { lowPriority, WorkQueue } from '../../src/operator/work-queue.ts'
import { VirtualClock } from '../../src/simulator/virtual-clock.ts'
import { VirtualClock as SettableClock } from '../support/virtual-clock.ts'

interface Entry {
  readonly key: string
  priority: number
  readyAt: number
  /** Since when it stands where it stands. */
  order: number
}

/** The same queue, as simple as possible: a list that is sorted whenever somebody asks. */
class Model {
  entries: Entry[] = []
  readonly inFlight = new Set<string>()
  now = 0
  #order = 0

  add(key: string, priority: number, after: number): void {
    const known = this.entries.find((entry) => entry.key === key)
    if (known === undefined) {
      this.entries.push({ key, priority, readyAt: this.now + after, order: this.#order++ })
      return
    }
    const wasReady = known.readyAt <= this.now
    const raised = priority > known.priority
    const readyAt = Math.min(known.readyAt, this.now + after)
    if (raised || (!wasReady && readyAt <= this.now)) known.order = this.#order++
    known.readyAt = readyAt
    known.priority = Math.max(known.priority, priority)
  }

  advance(ms: number): void {
    const before = this.now
    this.now += ms
    const due = this.entries.filter(({ readyAt }) => readyAt > before && readyAt <= this.now)
    for (const entry of due.sort((a, b) => a.readyAt - b.readyAt || a.order - b.order)) entry.order = this.#order++
  }

  take(): string | undefined {
    const [next] = this.entries
      .filter(({ key, readyAt }) => readyAt <= this.now && !this.inFlight.has(key))
      .sort((a, b) => b.priority - a.priority || a.order - b.order)
    if (next === undefined) return undefined
    this.entries = this.entries.filter((entry) => entry !== next)
    this.inFlight.add(next.key)
    return next.key
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd')
const action = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    key,
    priority: fc.constantFrom(lowPriority, 0, 5),
    after: fc.constantFrom(0, 0, 10, 20, 50),
  }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), key }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 40) }),
)

test.prop([fc.array(action, { maxLength: 60 })])('the queue hands out what the model hands out', (actions) => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  const model = new Model()
  for (const step of actions) {
    if (step.do === 'add') {
      queue.add(step.key, step)
      model.add(step.key, step.priority, step.after)
    }
    if (step.do === 'done') {
      queue.done(step.key)
      model.inFlight.delete(step.key)
    }
    if (step.do === 'advance') {
      clock.advanceTo(clock.now() + step.ms)
      model.advance(step.ms)
    }
    if (step.do === 'take') expect(queue.take()?.key).toBe(model.take())
    expect(queue.depth()).toBe(model.entries.filter(({ readyAt }) => readyAt <= model.now).length)
    const waiting = model.entries.map(({ readyAt }) => readyAt).filter((readyAt) => readyAt > model.now)
    expect(queue.nextReadyAt()).toBe(waiting.length === 0 ? undefined : Math.min(...waiting))
  }
})

test('a key that is added while it is worked on is handed out once more afterwards', () => {
  const queue = new WorkQueue(new VirtualClock(0))
  queue.add('a')
  expect(queue.take()?.key).toBe('a')
  queue.add('a')
  queue.add('a')
  expect(queue.take()).toBeUndefined()
  expect(queue.hasReady()).toBe(false)
  queue.done('a')
  expect(queue.take()?.key).toBe('a')
  queue.done('a')
  expect(queue.take()).toBeUndefined()
})

test('changes go before the initial list and resyncs', () => {
  const queue = new WorkQueue(new VirtualClock(0))
  queue.add('listed', { priority: lowPriority })
  queue.add('changed')
  expect(queue.take()).toEqual({ key: 'changed', priority: 0 })
  expect(queue.take()).toEqual({ key: 'listed', priority: lowPriority })
})

test('the delays of retries double from 5 ms to 1000 s, and start over when the key is forgotten', () => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  const delay = () => {
    queue.retry('a')
    const readyAt = queue.nextReadyAt() ?? Number.NaN
    const waited = readyAt - clock.now()
    clock.advanceTo(readyAt)
    queue.take()
    queue.done('a')
    return waited
  }
  expect(Array.from({ length: 20 }, delay)).toEqual([
    ...Array.from({ length: 18 }, (_, failures) => 5 * 2 ** failures),
    1_000_000,
    1_000_000,
  ])
  queue.forget('a')
  expect(delay()).toBe(5)
})

test('a clock that is set keeps no key waiting, and lets none out before its time', async () => {
  const clock = new SettableClock()
  const queue = new WorkQueue(clock)
  queue.add('a', { after: 5_000 })
  clock.leap(-3_600_000)
  await clock.advance(4_999)
  expect(queue.take()).toBeUndefined()
  await clock.advance(1)
  expect(queue.take()?.key).toBe('a')
  queue.add('b', { after: 5_000 })
  clock.leap(3_600_000)
  expect(queue.take()).toBeUndefined()
})
