import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { trackApply, trackUpdate } from '../../src/apiserver/apply/tracking.ts'
import type { Schema } from '../../src/apiserver/schema/schema.ts'
import { ApiError } from '../../src/apiserver/status.ts'
import type { KubeObject } from '../../src/kube/object.ts'

const schema: Schema = {
  type: 'object',
  properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
}

function tracking(manager: string, operation: 'Apply' | 'Update') {
  const writer = { manager, operation, apiVersion: 'v1', subresource: '' }
  return { schema, writer, time: '2026-01-01T00:00:00Z', statusSubresource: false, statusAnnotations: true }
}

function object(data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data }
}

const data = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true })
const step = fc.record({
  manager: fc.constantFrom('one', 'two', 'three'),
  data,
  force: fc.boolean(),
  update: fc.boolean(),
})

/** Who owns which key of `data`. */
function owners(live: KubeObject): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { manager = '', operation = '', fieldsV1 } of live.metadata.managedFields ?? []) {
    const fields: unknown = Object(fieldsV1)['f:data']
    found[`${manager} ${operation}`] = Object.keys(Object(fields))
      .filter((key) => key.startsWith('f:'))
      .sort()
  }
  return found
}

describe('server-side apply, whatever was written before', () => {
  test.prop([fc.array(step, { minLength: 1, maxLength: 12 })])(
    'an applier owns exactly what it applied last, less what others took; every key in the object is owned or was never applied',
    (steps) => {
      let live: KubeObject | undefined
      for (const { manager, data, force, update } of steps) {
        if (update) {
          const next = { ...object(data), metadata: { ...(live?.metadata ?? { name: 'a', uid: 'u' }) } }
          delete next.metadata.managedFields
          live = trackUpdate(live, next, tracking(manager, 'Update'))
          expect(live.data).toEqual(data)
          continue
        }
        const before: KubeObject | undefined = live
        try {
          live = trackApply(live, object(data), tracking(manager, 'Apply'), force)
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
          expect(force).toBe(false)
          continue
        }
        expect(live.data ?? {}).toMatchObject(data)
        expect(owners(live)[`${manager} Apply`] ?? []).toEqual(
          Object.keys(data)
            .map((key) => `f:${key}`)
            .sort(),
        )
        const owned = new Set(Object.values(owners(live)).flat())
        const kept = Object.keys(Object(live.data))
        const unowned = kept.filter((key) => !owned.has(`f:${key}`))
        const known = Object.keys(Object(before?.data))
        expect(unowned.every((key) => known.includes(key))).toBe(true)
      }
    },
  )

  test.prop([data, data])('applying twice is applying once', (first, second) => {
    const live = trackApply(undefined, object(first), tracking('one', 'Apply'), false)
    const once = trackApply(live, object(second), tracking('one', 'Apply'), false)
    const twice = trackApply(once, object(second), { ...tracking('one', 'Apply'), time: '2027-01-01T00:00:00Z' }, false)
    expect(twice).toEqual(once)
  })

  test.prop([data, data])('one manager alone ends with what it applied last', (first, second) => {
    const live = trackApply(undefined, object(first), tracking('one', 'Apply'), false)
    const next = trackApply(live, object(second), tracking('one', 'Apply'), false)
    expect(next.data ?? {}).toEqual(second)
  })
})

test('at most ten updaters are told apart', () => {
  let live = trackUpdate(undefined, object({ k0: '0' }), tracking('m0', 'Update'))
  let values: Record<string, string> = { k0: '0' }
  for (let index = 1; index < 14; index += 1) {
    values = { ...values, [`k${index}`]: '1' }
    const time = `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`
    live = trackUpdate(
      live,
      { ...object(values), metadata: { name: 'a', uid: 'u' } },
      { ...tracking(`m${index}`, 'Update'), time },
    )
  }
  const managers = (live.metadata.managedFields ?? []).map(({ manager }) => manager)
  expect(managers).toHaveLength(10)
  expect(managers).toContain('ancient-changes')
  expect(new Set(Object.values(owners(live)).flat()).size).toBe(14)
})
