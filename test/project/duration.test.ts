import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { formatDuration, parseDuration } from '../../src/project/duration.ts'

describe('durations as Go writes them', () => {
  test.each([
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1m', 60_000],
    ['1.5s', 1_500],
    ['.5s', 500],
    ['1.s', 1_000],
    ['0', 0],
    ['+5s', 5_000],
    ['-1m30s', -90_000],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['1ns', 0.000001],
    ['2m3.5s', 123_500],
  ])('%s is read', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  test.each(['', '5', 's', '5 s', '1d', '1h ', '1hm', '--1s', '+', '-', '.s', '1e3s', '5S', '3000000h'])(
    '%j is no duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test.each([
    [0, '0s'],
    [500, '500ms'],
    [100_000, '1m40s'],
    [1_500, '1.5s'],
    [600_000, '10m'],
    [5_400_000, '1h30m'],
    [0.1, '100us'],
    [-90_000, '-1m30s'],
  ])('%d milliseconds are written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  test.prop([fc.integer({ min: -(10 ** 12), max: 10 ** 12 })])('what is written is read back', (milliseconds) => {
    expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds)
  })

  test.prop([fc.integer({ min: 0, max: 10 ** 9 })])('fractions down to the nanosecond survive', (nanoseconds) => {
    expect(parseDuration(formatDuration(nanoseconds / 1e6))).toBeCloseTo(nanoseconds / 1e6, 9)
  })

  test.prop([fc.string()])('any text is a finite number of milliseconds or none', (text) => {
    const duration = parseDuration(text)
    expect(duration === undefined || Number.isFinite(duration)).toBe(true)
  })
})
