import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  decodeSet,
  difference,
  emptySet,
  encodeSet,
  equalSets,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  recursiveDifference,
  setOf,
  union,
} from '../../src/apiserver/apply/field-set.ts'
import { compare, fieldSetOf, isSame, merge, removeFields } from '../../src/apiserver/apply/typed.ts'
import type { Schema } from '../../src/apiserver/schema/schema.ts'

const element = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}', 'v:"y"', 'i:0')
const fieldSet = fc
  .array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  .map((paths) => setOf(...paths))

/** Every path of a set, as a flat set to compare with. */
function flat(set: FieldSet): Set<string> {
  return new Set(pathsOf(set))
}

describe('field sets', () => {
  test.prop([fieldSet, fieldSet])('union, intersection and difference are those of their paths', (left, right) => {
    expect(flat(union(left, right))).toEqual(new Set([...flat(left), ...flat(right)]))
    expect(flat(intersection(left, right))).toEqual(new Set([...flat(left)].filter((path) => flat(right).has(path))))
    expect(flat(difference(left, right))).toEqual(new Set([...flat(left)].filter((path) => !flat(right).has(path))))
  })

  test.prop([fieldSet, fieldSet])('the recursive difference also drops what lies below', (left, right) => {
    const kept = [...flat(left)].filter(
      (path) => ![...flat(right)].some((gone) => path === gone || isBelow(path, gone)),
    )
    expect(flat(recursiveDifference(left, right))).toEqual(new Set(kept))
  })

  test.prop([fieldSet])('a set reads back from fieldsV1', (set) => {
    const decoded = decodeSet(JSON.parse(JSON.stringify(encodeSet(set))))
    expect(decoded !== undefined && equalSets(decoded, set)).toBe(true)
  })

  test.prop([fc.jsonValue()])('anything else is read as a set or refused, never thrown', (value) => {
    const set = decodeSet(value)
    if (set !== undefined) expect(pathsOf(set)).toBeInstanceOf(Array)
  })

  test('is empty without members', () => {
    expect(isEmpty(emptySet)).toBe(true)
    expect(isEmpty(setOf(['f:a']))).toBe(false)
    expect(encodeSet(setOf(['f:a'], ['f:a', 'f:b']))).toEqual({ 'f:a': { '.': {}, 'f:b': {} } })
  })
})

function isBelow(path: string, parent: string): boolean {
  const rest = path.slice(parent.length)
  return path.startsWith(parent) && (rest.startsWith('.') || rest.startsWith('['))
}

const schema: Schema = {
  type: 'object',
  properties: {
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    replicas: { type: 'integer' },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } },
    },
    args: { type: 'array', items: { type: 'string' } },
  },
}

const value = fc.record(
  {
    labels: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
    replicas: fc.nat(3),
    tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
    ports: fc.uniqueArray(fc.record({ name: fc.constantFrom('http', 'grpc', 'tcp'), port: fc.nat(3) }), {
      selector: ({ name }) => name,
    }),
    args: fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)

describe('typed values', () => {
  test.prop([value])('a value does not differ from itself', (one) => {
    expect(isSame(compare(schema, one, structuredClone(one)))).toBe(true)
  })

  test.prop([value, value])('what is added one way is removed the other way', (left, right) => {
    const there = compare(schema, left, right)
    const back = compare(schema, right, left)
    expect(flat(there.added)).toEqual(flat(back.removed))
    expect(flat(there.modified)).toEqual(flat(back.modified))
  })

  test.prop([value, value])('a merged value has all fields of the configuration, with its values', (live, config) => {
    const merged = merge(schema, live, config)
    const changes = compare(schema, merged, config)
    expect(isEmpty(intersection(fieldSetOf(schema, config), union(changes.added, changes.modified)))).toBe(true)
  })

  test.prop([value, value])('merging twice is merging once', (live, config) => {
    const merged = merge(schema, live, config)
    expect(merge(schema, merged, config)).toEqual(merged)
  })

  test.prop([value, value])('merging takes nothing of the live value away', (live, config) => {
    const { removed } = compare(schema, live, merge(schema, live, config))
    expect(pathsOf(removed).filter((path) => !path.startsWith('.args') && !path.startsWith('.replicas'))).toEqual([])
  })

  test.prop([value])('removing all that a value owns leaves nothing but nulls where objects and lists were', (one) => {
    const rest = removeFields(schema, one, fieldSetOf(schema, one))
    const left = Object.fromEntries(Object.entries(rest ?? {}).filter(([, field]) => field !== null))
    expect(pathsOf(fieldSetOf(schema, left)).filter((path) => path !== '.labels')).toEqual([])
  })

  test('new items of a keyed list stand where the configuration has them', () => {
    const items = (...names: string[]) => ({ ports: names.map((name) => ({ name })) })
    expect(merge(schema, items('a', 'b'), items('x', 'b', 'y'))).toEqual(items('a', 'x', 'b', 'y'))
    expect(merge(schema, items('a', 'b', 'c'), items('c', 'a'))).toEqual(items('b', 'c', 'a'))
    expect(merge(schema, items(), items('b', 'a'))).toEqual(items('b', 'a'))
  })
})
