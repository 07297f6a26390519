import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import type { Feature } from '../../mesh/capabilities.ts'
import { fieldsOf, isFields, listOf } from '../../mesh/fields.ts'
import type { FieldPath } from '../../mesh/object-reading.ts'

/** What objects ask for; undefined where they ask for no traffic. */
export type ReadFeatures = (objects: readonly KubeObject[]) => ReadonlySet<string> | undefined

/** Among more values than these nobody waits for the one that matters. */
const most = 80

/**
 * Where some objects ask for a feature, found by leaving parts of them out: the field without which they do not, though they
 * are still about traffic. Of several that are each enough the first. Where no single field asks for it, the name of the object that does;
 * undefined where they do so together only.
 */
export function placeOfFeature(
  feature: Feature,
  sources: readonly Manifest[],
  read: ReadFeatures,
): Diagnostic['position'] {
  return placeOf(feature, sources, read, ({ whole }) => whole)
}

/** The same for what parts of a list ask for together, such as an order, or too many of them: there the last of these parts. */
export function placeOfAspect(
  aspect: string,
  sources: readonly Manifest[],
  read: ReadFeatures,
): Diagnostic['position'] {
  return placeOf(aspect, sources, read, ({ whole, last }) => {
    const item = last.slice(0, whole.length + 1)
    return typeof item.at(-1) === 'number' ? item : whole
  })
}

/** What asks for something: all of it, and the last of the values in it without which it would not. */
interface Asking {
  readonly whole: FieldPath
  readonly last: FieldPath
}

function placeOf(
  feature: string,
  sources: readonly Manifest[],
  read: ReadFeatures,
  choose: (asking: Asking) => FieldPath,
): Diagnostic['position'] {
  for (const source of sources) {
    const asks = (spec: unknown) => read([{ ...source.object, spec }])
    const asking = fieldOf(feature, source.object.spec, asks)
    if (asking !== undefined) return source.atKey(['spec', ...choose(asking)])
  }
  const asking = sources.find(({ object }) => read([object])?.has(feature) === true)
  return asking?.at(['metadata', 'name'])
}

function fieldOf(
  feature: string,
  whole: unknown,
  asks: (spec: unknown) => ReadonlySet<string> | undefined,
): Asking | undefined {
  const asksFor = (spec: unknown) => asks(spec)?.has(feature) === true
  if (!asksFor(whole)) return undefined
  const gone = withoutHalves(whole, asksFor)
  const isThere = (path: FieldPath) => !gone.some((outer) => isWithin(path, outer))
  const without = (path: FieldPath) => remaining(whole, [...gone, path])
  if (leavesOf(remaining(whole, gone)).length > most) return undefined
  for (const item of itemsOf(whole).filter(isThere).toReversed()) if (asksFor(without(item))) gone.push(item)
  const all = asks(remaining(whole, gone)) ?? []
  /** What is no longer asked for without a part; undefined where nothing is asked for at all. */
  const lost = (path: FieldPath) => {
    const left = asks(without(path))
    return left && [...all].filter((one) => !left.has(one))
  }
  const asking = leavesOf(whole).filter((leaf) => isThere(leaf) && lost(leaf)?.includes(feature) === true)
  let [place] = asking
  if (place === undefined) return undefined
  for (const leaf of asking) place = shared(place, leaf)
  const missed = lost(place)?.join()
  // A field whose parent has no other purpose is known by the name of the parent.
  while (
    typeof place.at(-1) === 'string' &&
    typeof place.at(-2) === 'string' &&
    lost(place.slice(0, -1))?.join() === missed
  )
    place = place.slice(0, -1)
  return { whole: place, last: asking.at(-1) ?? place }
}

/** Items of the longest list without which the rest asks all the same, half of them at a time: of a hundred rules one is found in seven steps. */
function withoutHalves(whole: unknown, asksFor: (spec: unknown) => boolean): FieldPath[] {
  const lists = Object.entries(fieldsOf(whole)).sort(([, a], [, b]) => listOf(b).length - listOf(a).length)
  const [field, list] = lists[0] ?? ['', []]
  const gone: FieldPath[] = []
  let kept = listOf(list).map((_, index): FieldPath => [field, index])
  while (kept.length > 1) {
    const half = Math.ceil(kept.length / 2)
    const idle = [kept.slice(half), kept.slice(0, half)].find((part) => asksFor(remaining(whole, [...gone, ...part])))
    if (idle === undefined) return gone
    gone.push(...idle)
    kept = kept.filter((path) => !idle.includes(path))
  }
  return gone
}

/** The values that hold no others. */
function leavesOf(value: unknown, path: FieldPath = []): FieldPath[] {
  const entries = entriesOf(value)
  return entries.length === 0 ? [path] : entries.flatMap(([key, item]) => leavesOf(item, [...path, key]))
}

/** The items of all lists, each before those inside of it. */
function itemsOf(value: unknown, path: FieldPath = []): FieldPath[] {
  return entriesOf(value).flatMap(([key, item]) => {
    const here = [...path, key]
    return typeof key === 'number' ? [here, ...itemsOf(item, here)] : itemsOf(item, here)
  })
}

function entriesOf(value: unknown): [string | number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(fieldsOf(value))
}

/** A value without some of its parts. */
function remaining(value: unknown, gone: readonly FieldPath[]): unknown {
  const kept = entriesOf(value).filter(([key]) => !gone.some(([first, ...rest]) => first === key && rest.length === 0))
  const parts = kept.map(([key, item]): [string | number, unknown] => {
    const inside = gone.flatMap(([first, ...rest]) => (first === key ? [rest] : []))
    return [key, inside.length === 0 ? item : remaining(item, inside)]
  })
  if (Array.isArray(value)) return parts.map(([, item]) => item)
  return isFields(value) ? Object.fromEntries(parts) : value
}

function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.every((key, index) => path[index] === key)
}

/** What two paths begin with. */
function shared(one: FieldPath, other: FieldPath): FieldPath {
  const end = one.findIndex((key, index) => other[index] !== key)
  return end < 0 ? one : one.slice(0, end)
}
