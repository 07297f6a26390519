/**
 * Reading objects whose shape nobody has checked: what comes from a cluster or from a worker may hold anything. A field of
 * another type than expected reads as if it were absent.
 */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function textsOf(value: unknown): string[] {
  return listOf(value).filter((item) => typeof item === 'string')
}

/** Any value for a message; never throws, whatever the value says its text is. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return value !== null && (typeof value === 'object' || typeof value === 'function') ? 'an object' : String(value)
}

/** Names of the fields that are there besides the known ones, in the order written. */
export function otherFields(fields: Fields, known: readonly string[]): string[] {
  return Object.keys(fields).filter((key) => !known.includes(key))
}
