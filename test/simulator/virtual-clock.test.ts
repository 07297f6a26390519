import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { quiescent } from '../../src/simulator/quiescence.ts'
import { VirtualClock } from '../../src/simulator/virtual-clock.ts'

const idle = () => Promise.resolve()
const delays = fc.array(fc.nat(1000), { maxLength: 60 })

describe('the virtual clock', () => {
  test.prop([delays])('fires timers by time, and those of one instant in the order they were set', (waits) => {
    const clock = new VirtualClock(0)
    const fired: { wait: number; index: number; at: number }[] = []
    for (const [index, wait] of waits.entries()) clock.after(wait, () => fired.push({ wait, index, at: clock.now() }))
    clock.advanceTo(1000)
    const expected = waits.map((wait, index) => ({ wait, index, at: wait }))
    expect(fired).toEqual(expected.sort((a, b) => a.wait - b.wait || a.index - b.index))
  })

  test.prop([delays, fc.nat(1000)])(
    'advances exactly to the time asked for and leaves later timers waiting',
    (waits, time) => {
      const clock = new VirtualClock(0)
      let fired = 0
      for (const wait of waits) clock.after(wait, () => fired++)
      clock.advanceTo(time)
      expect(clock.now()).toBe(time)
      expect(fired).toBe(waits.filter((wait) => wait <= time).length)
    },
  )

  test.prop([fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 40 })])(
    'never fires a timer that was cancelled',
    (timers) => {
      const clock = new VirtualClock(0)
      const fired: number[] = []
      const cancels = timers.map(([wait], index) => clock.after(wait, () => fired.push(index)))
      for (const [index, [, cancelled]] of timers.entries()) if (cancelled) cancels[index]?.()
      clock.advanceTo(100)
      const kept = timers.flatMap(([, cancelled], index) => (cancelled ? [] : [index]))
      expect(fired.toSorted((a, b) => a - b)).toEqual(kept)
    },
  )

  test.prop([fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }), { maxLength: 8 })])(
    'gives programs that sleep on it the same history whatever order they run in',
    async (programs) => {
      const history = async (order: number[][]) => {
        const clock = new VirtualClock(0)
        const events: string[] = []
        const program = async (sleeps: number[]) => {
          for (const ms of sleeps) {
            await clock.sleep(ms)
            events.push(`${clock.now()} ${programs.indexOf(sleeps)}`)
          }
        }
        const running = order.map(program)
        await clock.run(() => false, { idle: () => quiescent({ count: () => events.length, busy: () => false }) })
        await Promise.all(running)
        return events.toSorted()
      }
      expect(await history(programs)).toEqual(await history(programs.toReversed()))
    },
  )

  test('jumps to the next timer only when the world is idle', async () => {
    const clock = new VirtualClock(0)
    const seen: number[] = []
    let working = false
    clock.after(10, async () => {
      working = true
      for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
      seen.push(clock.now())
      working = false
    })
    clock.after(20, () => seen.push(clock.now()))
    await clock.run(() => seen.length === 2, { idle: () => quiescent({ count: () => 0, busy: () => working }) })
    expect(seen).toEqual([10, 20])
  })

  test('does not wait for ever for somebody who is himself waiting for the clock', async () => {
    const clock = new VirtualClock(0)
    let busy = true
    const worker = clock.sleep(5000).then(() => {
      busy = false
    })
    await clock.run(() => !busy, { idle: () => quiescent({ count: () => 0, busy: () => busy }) })
    await worker
    expect(clock.now()).toBe(5000)
  })

  test('a sleep that is aborted ends at once, and its timer with it', async () => {
    const clock = new VirtualClock(0)
    const abort = new AbortController()
    const slept = clock.sleep(60_000, abort.signal)
    abort.abort()
    await slept
    await clock.run(() => false, { idle })
    expect(clock.now()).toBe(0)
  })

  test('a run stops at its deadline even when timers are left', async () => {
    const clock = new VirtualClock(1000)
    clock.after(500, () => {})
    await clock.run(() => false, { idle, deadline: 1200 })
    expect(clock.now()).toBe(1200)
  })

  test('with a speed, an hour passes in as many real milliseconds as it says', async () => {
    const clock = new VirtualClock(0, { speed: 100_000 })
    const started = performance.now()
    clock.after(3_600_000, () => {})
    await clock.run(() => clock.now() >= 3_600_000, { idle })
    expect(clock.now()).toBe(3_600_000)
    expect(performance.now() - started).toBeGreaterThanOrEqual(35)
  })

  test('with a speed, a timer set from outside in the middle of a pause fires at its own time', async () => {
    const clock = new VirtualClock(0, { speed: 1000 })
    let at = 0
    clock.after(3_600_000, () => {})
    const running = clock.run(() => at > 0, { idle })
    setImmediate(() => clock.after(20, () => (at = clock.now())))
    await running
    expect(at).toBeGreaterThanOrEqual(20)
    expect(at).toBeLessThan(3_600_000)
  })

  test('refuses a speed that is not positive', () => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new VirtualClock(0, { speed })).toThrow(RangeError)
  })
})
