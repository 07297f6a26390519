import { isJsonObject, listOf } from '../json.ts'
import type { Schema } from '../schema/schema.ts'

/** How a value is owned: one field at a time, one item at a time, or only as a whole. */
export type Ownership =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map' }
  | { readonly kind: 'keyed'; readonly keys: readonly string[]; readonly item: Schema | undefined }
  | { readonly kind: 'set' }

const leaf: Ownership = { kind: 'leaf' }
const map: Ownership = { kind: 'map' }
const set: Ownership = { kind: 'set' }

/**
 * How values of a schema are owned. What no schema describes is a map when it is an object and atomic when it is a list, as
 * in structured-merge-diff's deduced type.
 */
export function ownershipOf(schema: Schema | undefined, value: unknown): Ownership {
  if (Array.isArray(value)) {
    const type = schema?.['x-kubernetes-list-type']
    if (type === 'set') return set
    if (type === 'map') {
      return { kind: 'keyed', keys: schema?.['x-kubernetes-list-map-keys'] ?? [], item: schema?.items }
    }
    return leaf
  }
  if (isJsonObject(value)) return schema?.['x-kubernetes-map-type'] === 'atomic' ? leaf : map
  return leaf
}

/** The path element of a list's item, in wire form. Missing keys take their default; an item without any key is `undefined`. */
export function elementOf(ownership: Ownership, item: unknown): string | undefined {
  if (ownership.kind === 'set') return `v:${JSON.stringify(item)}`
  if (ownership.kind !== 'keyed' || !isJsonObject(item)) return undefined
  const keys: Record<string, unknown> = {}
  let found = false
  for (const key of [...ownership.keys].sort()) {
    const value = item[key] ?? ownership.item?.properties?.[key]?.default
    if (value === undefined) continue
    found = true
    keys[key] = value
  }
  return found ? `k:${JSON.stringify(keys)}` : undefined
}

/** Items by path element, the first of each; and which elements occur more than once. */
export function indexItems(
  ownership: Ownership,
  list: unknown,
): { items: Map<string, unknown>; repeated: Set<string> } {
  const items = new Map<string, unknown>()
  const repeated = new Set<string>()
  for (const item of listOf(list)) {
    const element = elementOf(ownership, item)
    if (element === undefined) continue
    if (items.has(element)) repeated.add(element)
    else items.set(element, item)
  }
  return { items, repeated }
}
