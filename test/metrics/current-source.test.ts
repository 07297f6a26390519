import { expect, test } from 'vitest'
import { type ClosableSource, CurrentSource } from '../../src/metrics/current-source.ts'
import type { MetricQuery } from '../../src/metrics/metrics.ts'

/** A source that answers with its own number. */
class Numbered implements ClosableSource {
  readonly #value: number
  closed = false

  constructor(value: number) {
    this.#value = value
  }

  async measure() {
    return { state: 'ok', value: this.#value, text: String(this.#value) } as const
  }

  async close() {
    this.closed = true
  }
}

const query: MetricQuery = {
  metric: 'requestRate',
  target: { workload: { namespace: 'shop', name: 'web' } },
  window: 1,
}

test('an exchanged source answers from then on, and the one before is closed', async () => {
  const first = new Numbered(1)
  const second = new Numbered(2)
  const source = new CurrentSource(first)
  expect(await source.measure(query)).toMatchObject({ value: 1 })
  await source.exchange(second)
  expect(await source.measure(query)).toMatchObject({ value: 2 })
  expect([first.closed, second.closed]).toEqual([true, false])
  await source.close()
  expect(second.closed).toBe(true)
})
