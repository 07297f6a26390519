import { isJsonObject, type JsonObject } from '../json.ts'
import { structDetails } from './builtin.ts'
import { fieldOf, type Schema } from './schema.ts'

/**
 * A value of a built-in type as Go writes it again after reading it: without nulls (in a map or a list, where Go has a place for each, they become the zero value), without empty lists and maps except where
 * the field is required, with an empty object for each struct and a zero for each required number that is missing. Answers the value itself when it is like
 * that already, and never changes it.
 */
export function asGoWrites(schema: Schema | undefined, value: unknown): unknown {
  if (Array.isArray(value)) return rewriteList(schema, value)
  if (!isJsonObject(value)) return value
  let rewritten: JsonObject | undefined
  for (const name of Object.keys(value)) {
    const child = value[name]
    const field = fieldOf(schema, name).schema
    const declared = schema?.properties !== undefined && Object.hasOwn(schema.properties, name)
    const kept = child === null && !declared ? zeroOf(field) : asGoWrites(field, child)
    const dropped = kept === null || (isEmptyCollection(field, kept) && schema?.required?.includes(name) !== true)
    if (!dropped && kept === child) continue
    rewritten ??= { ...value }
    if (dropped) delete rewritten[name]
    else rewritten[name] = kept
  }
  for (const name of schema?.required ?? []) {
    if ((rewritten ?? value)[name] !== undefined || schema?.properties?.[name]?.type !== 'integer') continue
    rewritten ??= { ...value }
    rewritten[name] = 0
  }
  for (const name of (schema === undefined ? undefined : structDetails(schema))?.structs ?? []) {
    if ((rewritten ?? value)[name] !== undefined) continue
    rewritten ??= { ...value }
    rewritten[name] = asGoWrites(schema?.properties?.[name], {})
  }
  return rewritten ?? value
}

/** What Go has in a place that JSON gives as null; null itself for what has a pointer or an interface there. */
function zeroOf(schema: Schema | undefined): unknown {
  if (schema?.['x-kubernetes-preserve-unknown-fields'] === true || schema?.nullable === true) return null
  if (schema?.type === 'string') return ''
  if (schema?.type === 'integer' || schema?.type === 'number') return 0
  if (schema?.type === 'boolean') return false
  return structDetails(schema ?? {}) === undefined ? null : asGoWrites(schema, {})
}

/** A list without items, or a map (not a struct) without entries. */
function isEmptyCollection(schema: Schema | undefined, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isJsonObject(value) && typeof schema?.additionalProperties === 'object' && Object.keys(value).length === 0
}

function rewriteList(schema: Schema | undefined, value: readonly unknown[]): unknown {
  let rewritten: unknown[] | undefined
  value.forEach((item, index) => {
    const kept = item === null ? zeroOf(schema?.items) : asGoWrites(schema?.items, item)
    if (kept === item) return
    rewritten ??= [...value]
    rewritten[index] = kept
  })
  return rewritten ?? value
}
