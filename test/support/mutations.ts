import { fc } from '@fast-check/vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FieldPath } from '../../src/mesh/object-reading.ts'

/** What a field is given in place of its value. */
const strange: readonly unknown[] = [
  true,
  {},
  [],
  [{}],
  '',
  ...[-1, 0, 1, 99, 199, 200, 303, 399, 599, 600, 65_535, 65_536, 1_000_000, 1_000_001, 4_294_967_296, 0.5, 100.5],
  ...[
    'a',
    'A b',
    '*',
    '/',
    '/a',
    '//',
    '/a/../b',
    '/a%2fb',
    '/é',
    '(',
    '[a-z]+',
    '^a$',
    'x-a',
    'x a',
    'web',
    'web.',
    'Web_1',
  ],
  ...['0s', '1s', '-1s', '5', '1.5s', '1h1m1s1ms', '100000s', '1ns', '1m30s', '00s', '100h'],
  ...['GET', 'get', 'FOO', 'Exact', 'exact', 'PathPrefix', 'RegularExpression', 'https', 'ftp', '50%', '500m', '1e3'],
  'a'.repeat(63),
  'a'.repeat(64),
  'a'.repeat(253),
  'a'.repeat(254),
  `/${'a'.repeat(1024)}`,
  'a'.repeat(1025),
  'a'.repeat(4097),
]

type Change = (value: unknown, parent: unknown) => unknown
/** Stands for a field that is taken away. */
const gone = Symbol('gone')

const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(() => gone) },
  { weight: 6, arbitrary: fc.constantFrom(...strange).map((value) => () => value) },
  {
    weight: 1,
    arbitrary: fc.constant((value: unknown) => (isObject(value) ? { ...value, unknownField: 'a' } : value)),
  },
  // A list with an entry twice, or so often that it is too long.
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, 16, 17, 64, 65)
      .map(
        (more) => (value: unknown) => (Array.isArray(value) ? [...value, ...Array(more).fill(value[0] ?? {})] : value),
      ),
  },
)

/** An object in which one value or another, somewhere in its `spec`, is damaged. */
export function mutated(objects: readonly KubeObject[]): fc.Arbitrary<KubeObject> {
  return fc.constantFrom(...objects).chain((object) => {
    const paths = pathsOf(object.spec, ['spec'])
    const mutations = fc.array(fc.tuple(fc.constantFrom(...paths), changes), { minLength: 1, maxLength: 2 })
    return mutations.map((all) => {
      return all.reduce<KubeObject>(
        (one, [path, change]) => changed(one, path, change) as KubeObject,
        structuredClone(object),
      )
    })
  })
}

function pathsOf(value: unknown, path: FieldPath): FieldPath[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item, index) => pathsOf(item, [...path, index]))]
  if (!isObject(value)) return [path]
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))]
}

/** The value as it was where the path leads nowhere any more. */
function changed(value: unknown, [key, ...rest]: FieldPath, change: Change): unknown {
  if (key === undefined) return change(value, undefined)
  if (Array.isArray(value) && typeof key === 'number' && key < value.length) {
    return value.flatMap((item, index) => {
      if (index !== key) return [item]
      const next = changed(item, rest, change)
      return next === gone ? [] : [next]
    })
  }
  if (!isObject(value) || typeof key !== 'string' || !(key in value)) return value
  const next = changed(value[key], rest, change)
  const { [key]: _old, ...others } = value
  return next === gone ? others : { ...value, [key]: next }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
