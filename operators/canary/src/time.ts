/** How long a proxy gets to follow a route before what it no longer names is taken away. */
export const drainTime = 5_000

/** Soon enough to see that a route is in effect, late enough for the mesh to have answered. */
export const confirmAfter = 1_000

export function timestamp(now: number): string {
  return new Date(now).toISOString()
}

/** Milliseconds left until `length` has passed since then; zero or less when it has. A missing start starts now. */
export function remaining(since: string | undefined, length: number, now: number): number {
  const start = since === undefined ? now : Date.parse(since)
  return (Number.isNaN(start) ? now : start) + length - now
}
