const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5 micro sign
  μs: 1e-3, // U+03BC Greek letter mu
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/** Go's time.Duration is an int64 of nanoseconds. */
const longest = 2 ** 63 / 1e6

/**
 * Reads a duration as Go writes it (https://pkg.go.dev/time#ParseDuration): `1h30m`, `500ms`, `1.5s`, `-2s`, `0`.
 * Returns milliseconds, possibly with a fraction, or undefined when the text is no duration or longer than Go's longest.
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const body = /^[+-]/.test(text) ? text.slice(1) : text
  if (body === '0') return 0
  if (body === '') return undefined
  let total = 0
  part.lastIndex = 0
  while (part.lastIndex < body.length) {
    const match = part.exec(body)
    if (match === null) return undefined
    total += Number(match[1]) * (milliseconds[match[2] ?? ''] ?? Number.NaN)
  }
  // Binary fractions: 1.1s is 1100.0000000000002ms before this.
  const rounded = Number(total.toPrecision(15))
  return rounded <= longest ? sign * rounded + 0 : undefined
}

/** Writes milliseconds in the form `parseDuration` reads, largest unit first and zeros left out: `1h30m`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(duration: number): string {
  if (duration === 0) return '0s'
  if (duration < 0) return `-${formatDuration(-duration)}`
  if (duration < 1_000) return belowSecond(duration)
  const hours = Math.floor(duration / 3_600_000)
  const minutes = Math.floor((duration % 3_600_000) / 60_000)
  const seconds = trim((duration % 60_000) / 1_000, 9)
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds === '0' ? '' : `${seconds}s`}`
}

function belowSecond(duration: number): string {
  if (duration >= 1) return `${trim(duration, 6)}ms`
  if (duration >= 1e-3) return `${trim(duration * 1e3, 3)}us`
  return `${trim(duration * 1e6, 0)}ns`
}

function trim(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0*$|(\.\d*?)0+$/, '$1')
}
