import { parseDuration } from '../../project/duration.ts'
import { UsageError } from '../io.ts'

/** A length of time given as an option, in milliseconds. Throws a UsageError for what is none, and for less than nothing. */
export function requireDuration(option: string, value: unknown): number {
  const ms = parseDuration(String(value))
  if (ms === undefined || ms < 0) throw new UsageError(`${option} ${String(value)} is no duration such as 90s or 5m`)
  return ms
}
