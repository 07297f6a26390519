import { fc, test } from '@fast-check/vitest'
import { createPatch } from 'rfc6902'
import { describe, expect } from 'vitest'
import { jsonPatch, mergePatch } from '../../src/apiserver/patch.ts'
import { builtinType } from '../../src/apiserver/schema/builtin.ts'
import { ApiError } from '../../src/apiserver/status.ts'
import { strategicPatch } from '../../src/apiserver/strategic.ts'

const key = fc.constantFrom('a', 'b', 'a/b', 'm~n', '')
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom<unknown>(1, 'x', true),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))

describe('JSON patches', () => {
  const object = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true })

  test.prop([object, object])('a difference, applied, gives the other value', (from, to) => {
    expect(jsonPatch(from, createPatch(from, to))).toEqual(to)
  })

  test.prop([
    json,
    fc.array(
      fc.record({
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'what'),
        path: fc.constantFrom('', '/a', '/a/b', '/0', '/-', 'x', '/__proto__/y'),
        from: fc.constantFrom('/a', '/b', ''),
        value: fc.jsonValue(),
      }),
      { maxLength: 4 },
    ),
  ])('leave their target alone, and fail only with a Status', (target, operations) => {
    const before = structuredClone(target)
    try {
      jsonPatch(target, operations)
    } catch (error) {
      expect(error).toBeInstanceOf(ApiError)
    }
    expect(target).toEqual(before)
  })
})

test('a replaced field need not be there, its parent must', () => {
  expect(jsonPatch({ a: {} }, [{ op: 'replace', path: '/a/b', value: 1 }])).toEqual({ a: { b: 1 } })
  expect(jsonPatch({ a: {} }, [{ op: 'test', path: '/a/b', value: null }])).toEqual({ a: {} })
  expect(() => jsonPatch({ a: [] }, [{ op: 'replace', path: '/a/0', value: 1 }])).toThrow(ApiError)
  expect(() => jsonPatch({ a: 1 }, [{ op: 'add', path: '/a/b', value: 1 }])).toThrow(ApiError)
})

describe('merge patches', () => {
  test.prop([json, json])('applied twice are applied once', (target, patch) => {
    const once = mergePatch(target, patch)
    expect(mergePatch(once, patch)).toEqual(once)
  })

  // The examples of RFC 7386, appendix A.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })
})

describe('strategic merge patches', () => {
  const pod = builtinType('PodSpec')
  const target = {
    containers: [
      { name: 'a', image: '1', args: ['x'] },
      { name: 'b', image: '1' },
    ],
  }

  test('merge items by key and add new ones', () => {
    const patch = {
      containers: [
        { name: 'b', image: '2' },
        { name: 'c', image: '1' },
      ],
    }
    expect(strategicPatch(pod, target, patch)).toEqual({
      containers: [
        { name: 'a', image: '1', args: ['x'] },
        { name: 'b', image: '2' },
        { name: 'c', image: '1' },
      ],
    })
  })

  test('delete and replace by directive', () => {
    expect(strategicPatch(pod, target, { containers: [{ name: 'a', $patch: 'delete' }] })).toEqual({
      containers: [{ name: 'b', image: '1' }],
    })
    expect(strategicPatch(pod, target, { containers: [{ $patch: 'replace' }, { name: 'z' }] })).toEqual({
      containers: [{ name: 'z' }],
    })
  })

  test('put items in the order asked for', () => {
    const order = { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }
    const { containers } = Object(strategicPatch(pod, target, order))
    expect(containers.map(({ name }: { name: string }) => name)).toEqual(['b', 'a'])
  })

  test('remove from lists of scalars', () => {
    const meta = builtinType('ObjectMeta')
    const patch = { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] }
    expect(strategicPatch(meta, { finalizers: ['a', 'b'] }, patch)).toEqual({ finalizers: ['b', 'c'] })
  })

  test('an item without its key is refused', () => {
    expect(() => strategicPatch(pod, target, { containers: [{ image: '2' }] })).toThrow(
      'does not contain declared merge key: name',
    )
  })
})
