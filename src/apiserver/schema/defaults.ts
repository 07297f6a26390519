import { cloneJson, isJsonObject, type JsonObject } from '../json.ts'
import type { Schema } from './schema.ts'

/**
 * The value with the schema's defaults where fields are missing, and nulls dropped where the schema neither allows null nor
 * keeps unknown fields, before defaults are looked up. With `keepsNulls`, as for what was applied, a null without a default
 * stays. Answers the value itself when nothing is filled in, and never changes it.
 */
export function withDefaults(schema: Schema, value: unknown, keepsNulls = false): unknown {
  if (Array.isArray(value)) return defaultList(schema, value, keepsNulls)
  if (!isJsonObject(value)) return value
  let filled: JsonObject | undefined
  const properties = schema.properties ?? {}
  for (const name of Object.keys(properties)) {
    const property = properties[name]
    if (property === undefined) continue
    let child = value[name]
    if (child === null && property.nullable !== true) child = undefined
    if (child === undefined) {
      if (property.default !== undefined) child = cloneJson(property.default)
      else if (name in value) {
        if (keepsNulls) continue
        filled ??= { ...value }
        delete filled[name]
        continue
      } else continue
    }
    const complete = withDefaults(property, child, keepsNulls)
    if (complete === value[name]) continue
    filled ??= { ...value }
    filled[name] = complete
  }
  const rest = schema.additionalProperties
  if (typeof rest !== 'object') return filled ?? value
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name)) continue
    const child = value[name]
    if (child === null && rest.nullable !== true && !keepsNulls) {
      filled ??= { ...value }
      delete filled[name]
      continue
    }
    const complete = withDefaults(rest, child, keepsNulls)
    if (complete === child) continue
    filled ??= { ...value }
    filled[name] = complete
  }
  return filled ?? value
}

function defaultList(schema: Schema, value: readonly unknown[], keepsNulls: boolean): unknown {
  const items = schema.items
  if (items === undefined) return value
  let filled: unknown[] | undefined
  value.forEach((item, index) => {
    const complete = withDefaults(items, item, keepsNulls)
    if (complete === item) return
    filled ??= [...value]
    filled[index] = complete
  })
  return filled ?? value
}
