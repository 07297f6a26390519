import { parseDuration } from '../project/duration.ts'

/** Longest time that outputs may ask for: a day. */
export const longestDuration = 86_400_000

/**
 * Whole milliseconds as Go and the Gateway API (GEP-2257) both read them: whole numbers, the largest unit first, as in
 * `1h30m`, `1s500ms`, `0s`.
 */
export function formatDuration(duration: number): string {
  const parts = [
    [Math.floor(duration / 3_600_000), 'h'],
    [Math.floor(duration / 60_000) % 60, 'm'],
    [Math.floor(duration / 1000) % 60, 's'],
    [duration % 1000, 'ms'],
  ] as const
  const text = parts.flatMap(([count, unit]) => (count > 0 ? [`${count}${unit}`] : [])).join('')
  return text === '' ? '0s' : text
}

/** Milliseconds of a duration in an object; undefined for anything else and for what is below a millisecond. */
export function readDuration(value: unknown): number | undefined {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined
  return duration === undefined || duration < 1 ? undefined : Math.round(duration)
}
