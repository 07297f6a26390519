import { createHash } from 'node:crypto'
import type { EntryKeys } from './list-keys.ts'
import { isRecord } from './wire.ts'

/** A short fingerprint of a value; the order of fields does not matter, absent and `undefined` are the same. */
export function fingerprint(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value, (_, part: unknown) => (isRecord(part) ? sorted(part) : part)) ?? 'undefined')
    .digest('base64url')
    .slice(0, 22)
}

/**
 * What a live object has at the places that a desired one names, in the desired one's shape: the two are equal exactly when
 * nothing of what is desired is missing or different. Fields that only the live object has (defaults, other owners' fields)
 * do not appear. List entries are matched by the keys that `keysOf` knows for the field, and by position elsewhere; there,
 * further live entries do appear.
 *
 * Fields desired to be empty (`{}`, `[]`, `null`) come out as desired when the live object lacks them: the API server drops such.
 */
export function project(desired: unknown, live: unknown, keysOf: EntryKeys, field = ''): unknown {
  if (live === undefined && isEmpty(desired)) return desired
  if (isRecord(desired)) return isRecord(live) ? projectFields(desired, live, keysOf) : live
  if (Array.isArray(desired)) return Array.isArray(live) ? projectEntries(desired, live, keysOf, field) : live
  return live
}

function projectFields(
  desired: Record<string, unknown>,
  live: Record<string, unknown>,
  keysOf: EntryKeys,
): Record<string, unknown> {
  const entries = Object.entries(desired).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, project(value, live[name], keysOf, name)]))
}

function projectEntries(
  desired: readonly unknown[],
  live: readonly unknown[],
  keysOf: EntryKeys,
  field: string,
): unknown[] {
  const keyOf = keysOf(field, [...desired, ...live])
  if (keyOf === undefined) {
    return live.map((entry, index) => (index < desired.length ? project(desired[index], entry, keysOf) : entry))
  }
  const liveByKey = new Map(live.map((entry) => [keyOf(entry), entry]))
  return desired.map((entry) => project(entry, liveByKey.get(keyOf(entry)), keysOf))
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && Object.values(value).every((part) => part === undefined)
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
