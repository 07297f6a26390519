import { isRecord } from './wire.ts'

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((part, name) => (isRecord(part) ? part[name] : undefined), value)
}

/** A copy with the value at a path set, or taken out when it is undefined. What the path does not touch is shared. */
export function withValueAt<T extends Record<string, unknown>>(record: T, path: readonly string[], value: unknown): T {
  const [name, ...rest] = path
  if (name === undefined) return record
  const child = record[name]
  if (rest.length > 0) {
    if (!isRecord(child) && value === undefined) return record
    return { ...record, [name]: withValueAt(isRecord(child) ? child : {}, rest, value) }
  }
  if (value !== undefined) return { ...record, [name]: value }
  const { [name]: _, ...others } = record
  return others as T
}
