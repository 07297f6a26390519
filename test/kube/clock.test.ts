import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/kube/clock.ts'

const days = 24 * 60 * 60_000

describe("the machine's own time", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  test('waits longer than timers of the platform can, and not for no time at all', async () => {
    let fired = 0
    systemClock.after(60 * days, () => fired++)
    await vi.advanceTimersByTimeAsync(60 * days - 1)
    expect(fired).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(fired).toBe(1)
    await vi.advanceTimersByTimeAsync(100 * days)
    expect(fired).toBe(1)
  })

  test('forgets a long wait in any part of it', async () => {
    let fired = 0
    const cancel = systemClock.after(60 * days, () => fired++)
    await vi.advanceTimersByTimeAsync(50 * days)
    cancel()
    await vi.advanceTimersByTimeAsync(50 * days)
    expect(fired).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('ends a long sleep when the signal aborts', async () => {
    const stop = new AbortController()
    let awake = false
    void systemClock.sleep(60 * days, stop.signal).then(() => {
      awake = true
    })
    await vi.advanceTimersByTimeAsync(30 * days)
    expect(awake).toBe(false)
    stop.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(awake).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})
