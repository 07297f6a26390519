import { equalJson, isJsonObject, type JsonObject, listOf } from './json.ts'
import { fieldOf, type Schema } from './schema/schema.ts'
import { ApiError, badRequest } from './status.ts'

const directive = '$patch'
const deleteFromList = '$deleteFromPrimitiveList/'
const elementOrder = '$setElementOrder/'
const retainKeys = '$retainKeys'

/**
 * A strategic merge patch: like a merge patch, but lists that the schema gives a patch strategy merge by key or as sets, and
 * the directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are obeyed.
 *
 * Source: `apimachinery/pkg/util/strategicpatch`.
 *
 * @throws 400 on keyed items that are malformed, 500 on unknown directives, as the API server does
 */
export function strategicPatch(schema: Schema | undefined, target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  return patchMap(schema, isJsonObject(target) ? target : {}, patch)
}

function patchMap(schema: Schema | undefined, target: JsonObject, patch: JsonObject): JsonObject {
  if (patch[directive] === 'replace') return withoutDirectives(patch)
  if (patch[directive] === 'delete') return {}
  if (patch[directive] !== undefined && patch[directive] !== 'merge')
    throw new ApiError(500, '', `unknown patch type: ${String(patch[directive])} in map`)
  const merged = retained(target, patch)
  for (const [name, value] of Object.entries(patch)) {
    if (name === directive || name === retainKeys || name.startsWith(elementOrder)) continue
    if (name.startsWith(deleteFromList)) {
      const field = name.slice(deleteFromList.length)
      const drop = listOf(value)
      if (Array.isArray(merged[field]))
        merged[field] = merged[field].filter((one) => !drop.some((gone) => equalJson(gone, one)))
      continue
    }
    const below = fieldOf(schema, name).schema
    if (value === null) delete merged[name]
    else if (isJsonObject(value)) merged[name] = patchField(below, merged[name], value)
    else if (Array.isArray(value)) merged[name] = patchList(below, merged[name], value)
    else merged[name] = value
  }
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(elementOrder)) continue
    const field = name.slice(elementOrder.length)
    if (Array.isArray(merged[field]))
      merged[field] = ordered(fieldOf(schema, field).schema, merged[field], listOf(order))
  }
  return merged
}

function patchField(schema: Schema | undefined, current: unknown, patch: JsonObject): JsonObject {
  const strategy = schema?.['x-kubernetes-patch-strategy'] ?? ''
  if (strategy.split(',').includes('replace')) return withoutDirectives(patch)
  return patchMap(schema, isJsonObject(current) ? current : {}, patch)
}

function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keep = patch[retainKeys]
  if (keep === undefined) return { ...target }
  const names = listOf(keep)
  return Object.fromEntries(Object.entries(target).filter(([name]) => names.includes(name)))
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name, value]) => !name.startsWith('$') && value !== null))
}

function patchList(schema: Schema | undefined, current: unknown, patch: readonly unknown[]): unknown[] {
  const replaces = patch.some((item) => isJsonObject(item) && item[directive] === 'replace')
  if (replaces) return patch.filter((item) => !(isJsonObject(item) && item[directive] === 'replace'))
  const strategy = schema?.['x-kubernetes-patch-strategy'] ?? ''
  if (!strategy.split(',').includes('merge')) return [...patch]
  const key = schema?.['x-kubernetes-patch-merge-key']
  if (key === undefined) {
    const merged = [...listOf(current)]
    for (const item of patch) if (!merged.some((one) => equalJson(one, item))) merged.push(item)
    return merged
  }
  return mergeByKey(schema?.items, key, listOf(current), patch)
}

function mergeByKey(
  schema: Schema | undefined,
  key: string,
  current: readonly unknown[],
  patch: readonly unknown[],
): unknown[] {
  let merged = [...current]
  for (const item of patch) {
    if (!isJsonObject(item)) throw badRequest(`map: an item of a list that merges by ${key} is not an object`)
    const id = item[key]
    if (id === undefined) throw badRequest(`map: map[] does not contain declared merge key: ${key}`)
    const index = merged.findIndex((one) => isJsonObject(one) && equalJson(one[key], id))
    if (item[directive] === 'delete') {
      merged = merged.filter((one) => !(isJsonObject(one) && equalJson(one[key], id)))
      continue
    }
    const found = merged[index]
    if (isJsonObject(found)) merged[index] = patchMap(schema, found, item)
    else merged.push(patchMap(schema, {}, item))
  }
  return merged
}

/** The list in the order the client wants; items the order does not name keep their place relative to what stands before them. */
function ordered(schema: Schema | undefined, list: readonly unknown[], order: readonly unknown[]): unknown[] {
  const key = schema?.['x-kubernetes-patch-merge-key']
  const idOf = (item: unknown) => JSON.stringify(key !== undefined && isJsonObject(item) ? item[key] : item)
  const rank = new Map(order.map((item, index) => [idOf(item), index]))
  const placed: { item: unknown; rank: number }[] = []
  let last = -1
  for (const item of list) {
    const own = rank.get(idOf(item))
    if (own !== undefined) last = own
    placed.push({ item, rank: own ?? last + 0.5 })
  }
  return placed.sort((left, right) => left.rank - right.rank).map(({ item }) => item)
}
