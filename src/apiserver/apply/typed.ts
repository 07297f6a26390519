import { equalJson, isJsonObject, type JsonObject, listOf, objectOf } from '../json.ts'
import { fieldOf, type Schema } from '../schema/schema.ts'
import { ApiError } from '../status.ts'
import { type FieldSet, FieldSetBuilder, isEmpty, readable } from './field-set.ts'
import { elementOf, indexItems, type Ownership, ownershipOf } from './path.ts'

/** The field paths that differ between two objects. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** Every field path of a value: what an apply with that value owns. */
export function fieldSetOf(schema: Schema | undefined, value: unknown): FieldSet {
  const builder = new FieldSetBuilder()
  collectFields(schema, value, builder)
  return builder.build()
}

function collectFields(schema: Schema | undefined, value: unknown, into: FieldSetBuilder): void {
  const ownership = ownershipOf(schema, value)
  if (ownership.kind === 'leaf') {
    into.insert()
    return
  }
  if (ownership.kind === 'map') {
    for (const [name, child] of Object.entries(objectOf(value))) {
      const field = fieldOf(schema, name)
      const at = into.child(`f:${name}`)
      collectFields(field.schema, child, at)
      if (!field.named || child === null || (isJsonObject(child) && Object.keys(child).length === 0)) at.insert()
    }
    return
  }
  const { items, repeated } = indexItems(ownership, value)
  for (const [element, item] of items) {
    const at = into.child(element)
    if (!repeated.has(element)) collectFields(schema?.items, item, at)
    at.insert()
  }
}

/** What a write changed, field by field. */
export function compare(schema: Schema | undefined, before: unknown, after: unknown): Comparison {
  const into = { added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder() }
  compareInto(schema, before, after, into)
  return { added: into.added.build(), modified: into.modified.build(), removed: into.removed.build() }
}

interface ComparisonBuilder {
  readonly added: FieldSetBuilder
  readonly modified: FieldSetBuilder
  readonly removed: FieldSetBuilder
}

function descend(into: ComparisonBuilder, element: string): ComparisonBuilder {
  return {
    added: into.added.child(element),
    modified: into.modified.child(element),
    removed: into.removed.child(element),
  }
}

function compareInto(schema: Schema | undefined, before: unknown, after: unknown, into: ComparisonBuilder): void {
  if (before === after) return
  const ownership = ownershipOf(schema, after ?? before)
  const other = ownershipOf(schema, before ?? after)
  const mark = () => {
    if (before === undefined) into.added.insert()
    else if (after === undefined) into.removed.insert()
    else if (!equalJson(before, after)) into.modified.insert()
  }
  if (ownership.kind === 'leaf' || other.kind !== ownership.kind || (isVoid(before) && isVoid(after))) {
    mark()
    return
  }
  if (ownership.kind === 'map') {
    const left = objectOf(before)
    const right = objectOf(after)
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compareInto(fieldOf(schema, name).schema, left[name], right[name], descend(into, `f:${name}`))
    }
  } else {
    compareItems(schema, ownership, before, after, into)
  }
  if (before === undefined) into.added.insert()
  else if (after === undefined) into.removed.insert()
}

function compareItems(
  schema: Schema | undefined,
  ownership: Ownership,
  before: unknown,
  after: unknown,
  into: ComparisonBuilder,
): void {
  const left = indexItems(ownership, before)
  const right = indexItems(ownership, after)
  for (const element of new Set([...left.items.keys(), ...right.items.keys()])) {
    compareInto(schema?.items, left.items.get(element), right.items.get(element), descend(into, element))
  }
}

/** Neither an object with fields nor a list with items. */
function isVoid(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isJsonObject(value)) return Object.keys(value).length === 0
  return value === undefined || value === null
}

/**
 * The live value with an applied configuration merged over it. Fields of both sides stay; on leaves the configuration wins;
 * items of keyed lists and sets that only the live list has keep their place, the others stand as the configuration has them.
 *
 * @throws 500 without a reason, as the API server does, when a keyed list or a set names an item twice or
 * an item without its keys
 */
export function merge(schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  // Null merges as an object or list without content: it takes nothing from one that has some.
  if (applied === null && ownershipOf(schema, live).kind !== 'leaf' && !isVoid(live)) return live
  const ownership = ownershipOf(schema, applied)
  if (ownership.kind === 'leaf') return applied
  if (ownership.kind === 'map') {
    if (!isJsonObject(live)) return mergeMaps(schema, {}, objectOf(applied))
    return mergeMaps(schema, live, objectOf(applied))
  }
  return mergeLists(schema, ownership, listOf(live), listOf(applied))
}

function mergeMaps(schema: Schema | undefined, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = { ...live }
  for (const [name, value] of Object.entries(applied)) {
    merged[name] = merge(fieldOf(schema, name).schema, live[name], value)
  }
  return merged
}

function mergeLists(
  schema: Schema | undefined,
  ownership: Ownership,
  live: readonly unknown[],
  applied: readonly unknown[],
): unknown[] {
  const wanted = indexItems(ownership, applied)
  for (const element of wanted.repeated)
    throw new ApiError(500, '', `failed to create typed patch object: duplicate entries for key ${readable(element)}`)
  if (applied.some((item) => elementOf(ownership, item) === undefined)) throw withoutKeys(ownership)
  const present = indexItems(ownership, live)
  const shared = [...wanted.items.keys()].filter((element) => present.items.has(element))
  const merged: unknown[] = []
  const done = new Set<string>()
  const take = (item: unknown, element = '') => {
    merged.push(merge(schema?.items, present.items.get(element), item))
    done.add(element)
    if (shared[0] === element) shared.shift()
  }
  let left = 0
  let right = 0
  while (left < live.length || right < applied.length) {
    const ours = left < live.length ? elementOf(ownership, live[left]) : undefined
    const theirs = right < applied.length ? elementOf(ownership, applied[right]) : undefined
    if (left < live.length) {
      if (ours === undefined || !wanted.items.has(ours)) {
        merged.push(live[left])
        left += 1
        continue
      }
      // An item of both lists stands where the configuration has it; here it is passed over.
      if (done.has(ours) || (ours !== theirs && shared[0] !== ours)) {
        left += 1
        continue
      }
    }
    if (right >= applied.length) break
    take(applied[right], theirs)
    right += 1
    if (ours !== undefined && ours === theirs) left += 1
  }
  return merged
}

function withoutKeys(ownership: Ownership): ApiError {
  const keys = ownership.kind === 'keyed' ? JSON.stringify(ownership.keys) : ''
  const text = `associative list with keys has an element that omits all key fields ${keys}`
  return new ApiError(500, '', `failed to create typed patch object: ${text}`)
}

/**
 * The value without the fields and items of the set. An object or list that loses all it had becomes `undefined`; where it was
 * a field or an item it stays as null, so that who owns the field itself keeps it.
 */
export function removeFields(schema: Schema | undefined, value: unknown, set: FieldSet): unknown {
  if (isEmpty(set)) return value
  const ownership = ownershipOf(schema, value)
  if (ownership.kind === 'leaf')
    return isVoid(value) || !(isJsonObject(value) || Array.isArray(value)) ? value : undefined
  if (ownership.kind === 'map') return removeFromMap(schema, objectOf(value), set)
  const kept: unknown[] = []
  for (const item of listOf(value)) {
    const element = elementOf(ownership, item)
    const below = element === undefined ? undefined : set.children.get(element)
    if (below === undefined) kept.push(item)
    else if (!below.member) kept.push(removeFields(schema?.items, item, below) ?? null)
  }
  return kept.length === 0 ? undefined : kept
}

function removeFromMap(schema: Schema | undefined, value: JsonObject, set: FieldSet): JsonObject | undefined {
  const kept: JsonObject = {}
  for (const [name, child] of Object.entries(value)) {
    const below = set.children.get(`f:${name}`)
    if (below === undefined) {
      kept[name] = child
      continue
    }
    if (below.member) continue
    kept[name] = removeFields(fieldOf(schema, name).schema, child, below) ?? null
  }
  return Object.keys(kept).length === 0 ? undefined : kept
}

/**
 * The set with every named field on the way to its members: a set with `spec.replicas` then also has `spec`, so that an object
 * whose last owned field goes goes itself. Keys of plain maps stay as they are.
 */
export function withNamedParents(schema: Schema | undefined, set: FieldSet): FieldSet {
  if (set.children.size === 0) return set
  const children = new Map<string, FieldSet>()
  for (const [element, child] of set.children) {
    if (element.startsWith('f:')) {
      const field = fieldOf(schema, element.slice(2))
      const below = withNamedParents(field.schema, child)
      children.set(element, field.named && !below.member ? { member: true, children: below.children } : below)
    } else {
      children.set(element, withNamedParents(schema?.items, child))
    }
  }
  return { member: set.member, children }
}

/** Whether nothing was added, changed or removed. */
export function isSame(comparison: Comparison): boolean {
  return isEmpty(comparison.added) && isEmpty(comparison.modified) && isEmpty(comparison.removed)
}
