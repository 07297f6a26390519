/** How long ago something was, as kubectl writes ages: `45s`, `3m`, `5h`, `2d`. */
export function age(since: string | undefined, now: number): string {
  const ms = now - Date.parse(since ?? '')
  if (Number.isNaN(ms)) return '?'
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}
