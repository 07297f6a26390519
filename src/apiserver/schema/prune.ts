import { isJsonObject, type JsonObject } from '../json.ts'
import type { Schema } from './schema.ts'

/**
 * The value without fields that its schema does not know; `unknown` collects their paths. Answers the value itself when there
 * are none, and never changes it. `metadata` of the object and of embedded resources is left to its own schema.
 */
export function prune(schema: Schema, value: unknown, unknown: string[], path = ''): unknown {
  if (Array.isArray(value)) return pruneList(schema, value, unknown, path)
  if (!isJsonObject(value)) return value
  const properties = schema.properties
  const rest = schema.additionalProperties
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true || rest === true
  let pruned: JsonObject | undefined
  for (const name of Object.keys(value)) {
    const child = value[name]
    const at = path === '' ? name : `${path}.${name}`
    const declared = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    const below = declared ?? (typeof rest === 'object' ? rest : undefined)
    if (below === undefined && !keepsUnknown) {
      unknown.push(at)
      pruned ??= { ...value }
      delete pruned[name]
      continue
    }
    if (below === undefined) continue
    const kept = prune(below, child, unknown, at)
    if (kept === child) continue
    pruned ??= { ...value }
    pruned[name] = kept
  }
  return pruned ?? value
}

function pruneList(schema: Schema, value: readonly unknown[], unknown: string[], path: string): unknown {
  const items = schema.items
  if (items === undefined) return value
  let pruned: unknown[] | undefined
  value.forEach((item, index) => {
    const kept = prune(items, item, unknown, `${path}[${index}]`)
    if (kept === item) return
    pruned ??= [...value]
    pruned[index] = kept
  })
  return pruned ?? value
}
