/** RFC 3339 to the second, as `metav1.Time` is written. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

/** An age as kubectl shows it (`5m`, `3h20m`, `2d`). Source: `k8s.io/apimachinery/pkg/util/duration.HumanDuration`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 24 * 8) return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24)}d`
  if (hours < 24 * 365 * 8) return withRest(Math.floor(hours / 24 / 365), 'y', Math.floor(hours / 24) % 365, 'd')
  return `${Math.floor(hours / 24 / 365)}y`
}

function withRest(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`
}

/** The age of something that began at an RFC 3339 time. */
export function ageOf(since: unknown, now: number): string {
  if (typeof since !== 'string') return '<unknown>'
  return humanDuration(now - Date.parse(since))
}
