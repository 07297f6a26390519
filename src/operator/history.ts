import type { PhaseVisit } from './status.ts'

/** Visits kept on a resource. */
const longest = 20

/**
 * The visits of a resource that is in `phase` now and goes to `next`, which may be the same. What the history says of the
 * present is mended when it is not about `phase`: somebody set the phase by hand, or the history is lost.
 */
export function withVisit(
  history: readonly PhaseVisit[],
  { phase, next, now, reason }: { phase: string; next: string; now: number; reason?: string | undefined },
): readonly PhaseVisit[] {
  const time = new Date(now).toISOString()
  const present = presentVisit(history, phase)
  if (present !== undefined && next === phase) return history
  const mended = present === undefined ? [...closed(history, time), { phase, entered: time }] : history
  if (next === phase) return mended.slice(-longest)
  return [...closed(mended, time, reason), { phase: next, entered: time }].slice(-longest)
}

/** Since when the resource is in the phase; undefined when the history does not say. */
export function enteredAt(history: readonly PhaseVisit[], phase: string): number | undefined {
  const visit = presentVisit(history, phase)
  const time = visit === undefined ? Number.NaN : Date.parse(visit.entered)
  return Number.isNaN(time) ? undefined : time
}

function presentVisit(history: readonly PhaseVisit[], phase: string): PhaseVisit | undefined {
  const last = history.at(-1)
  return last?.phase === phase && last.left === undefined ? last : undefined
}

function closed(history: readonly PhaseVisit[], time: string, reason?: string): readonly PhaseVisit[] {
  const last = history.at(-1)
  if (last === undefined || last.left !== undefined) return history
  return history.with(-1, { ...last, left: time, ...(reason !== undefined && { reason }) })
}
