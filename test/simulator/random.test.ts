import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { LatencyHistogram } from '../../src/simulator/latency-histogram.ts'
import { Random } from '../../src/simulator/random.ts'
import { drawLatency, drawStatus } from '../../src/simulator/version.ts'

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.next())

describe('seeded random numbers', () => {
  test.prop([fc.nat()])('are the same for the same seed and stream', (seed) => {
    expect(draws(new Random(seed, 'a'), 20)).toEqual(draws(new Random(seed, 'a'), 20))
  })

  test.prop([fc.nat()])('differ between streams and between seeds', (seed) => {
    const first = draws(new Random(seed, 'a'), 5)
    expect(draws(new Random(seed, 'b'), 5)).not.toEqual(first)
    expect(draws(new Random(seed + 1, 'a'), 5)).not.toEqual(first)
  })

  test('are spread evenly', () => {
    const random = new Random(7, 'even')
    const counts = Array.from({ length: 10 }, () => 0)
    for (let draw = 0; draw < 20_000; draw++) counts[random.below(10)] = (counts[random.below(10)] ?? 0) + 1
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250)
  })
})

describe('a version', () => {
  const slow = { errorRate: 0.02, latency: { median: 40, p99: 400 } }

  test('has the latency it was given, within the 5 % of a bucket', () => {
    const random = new Random(1, 'latency')
    const histogram = new LatencyHistogram()
    for (let draw = 0; draw < 100_000; draw++) histogram.add(drawLatency(slow, random))
    expect(Math.abs((histogram.quantile(0.5) ?? 0) / 40 - 1)).toBeLessThan(0.05)
    expect(Math.abs((histogram.quantile(0.99) ?? 0) / 400 - 1)).toBeLessThan(0.08)
  })

  test('fails as often as it was told to', () => {
    const random = new Random(1, 'status')
    let failures = 0
    for (let draw = 0; draw < 100_000; draw++) failures += drawStatus(slow, random) === 500 ? 1 : 0
    expect(Math.abs(failures - 2000)).toBeLessThan(150)
  })
})

describe('a histogram', () => {
  test.prop([
    fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
  ])('is within a bucket of the exact quantile, also when it was put together from parts', (latencies, share) => {
    const whole = new LatencyHistogram()
    const parts = [new LatencyHistogram(), new LatencyHistogram()]
    for (const [index, latency] of latencies.entries()) parts[index % 2]?.add(latency)
    for (const part of parts) whole.merge(part)
    const exact = latencies.toSorted((a, b) => a - b)[Math.ceil(share * latencies.length) - 1] ?? 0
    const found = whole.quantile(share) ?? 0
    expect(found).toBeGreaterThan(exact / 1.051)
    expect(found).toBeLessThan(exact * 1.051)
  })

  test('of nothing has no quantiles', () => {
    expect(new LatencyHistogram().quantile(0.99)).toBeUndefined()
  })
})
