/** Objects that carry no prototype of their own: what `JSON.parse` makes. */
export type JsonObject = Record<string, unknown>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as an object, or an empty one: for reading optional sub-objects. */
export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** Reads through nested objects; `undefined` as soon as one is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const step of path) {
    if (!isJsonObject(current)) return undefined
    current = current[step]
  }
  return current
}

/**
 * A copy of `target` with `value` at `path`, sharing everything beside the path. `undefined` removes the field and leaves
 * objects that become empty in place.
 */
export function withAt(target: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [head, ...rest] = path
  if (head === undefined) return isJsonObject(value) ? value : target
  if (rest.length > 0) {
    if (value === undefined && !isJsonObject(target[head])) return target
    return { ...target, [head]: withAt(objectOf(target[head]), rest, value) }
  }
  if (value !== undefined) return { ...target, [head]: value }
  if (!(head in target)) return target
  const { [head]: _removed, ...others } = target
  return others
}

/** Equality of JSON values; the order of fields does not matter, that of list items does. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false
    return left.every((item, index) => equalJson(item, right[index]))
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key]))
}

export function cloneJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneJson)
  if (!isJsonObject(value)) return value
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) copy[key] = cloneJson(value[key])
  return copy
}
