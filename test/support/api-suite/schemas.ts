import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { install, namespace, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** What a structural schema does to custom objects: pruning, defaults and validation. */
export function schemaTests(api: Connected): void {
  describe.concurrent('structural schemas', () => {
    async function served(spec: Json, version: Json = {}) {
      const kind = widgets(spec, { version })
      await install(api(), kind)
      const { name } = await namespace(api())
      return {
        create: (value: Json, rest: Json = {}, query = {}) =>
          api().post(kind.path(name), kind.object('w', value, rest), query),
      }
    }

    const causes = (body: Json) => {
      return list(at(body, 'details', 'causes')).map((cause) => `${at(cause, 'field')} ${at(cause, 'reason')}`)
    }

    test('unknown fields are pruned, or refused when strict', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          known: { type: 'string' },
          items: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
        },
      })
      const strict = await create({ known: 'x', unknown: 1 }, {}, { fieldValidation: 'Strict' })
      expect(strict.status).toBe(400)
      expect(strict.body.message).toContain('strict decoding error: unknown field "spec.unknown"')
      const { status, body } = await create({ known: 'x', unknown: 1, items: [{ a: '1', b: '2' }] }, { top: true })
      expect(status).toBe(201)
      expect(body.spec).toEqual({ known: 'x', items: [{ a: '1' }] })
      expect(body.top).toBeUndefined()
    })

    test('unknown fields stay where the schema preserves them', async () => {
      const { create } = await served({
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { strict: { type: 'object', properties: { a: { type: 'string' } } } },
      })
      const { body } = await create({ any: { thing: [1, { x: null }] }, strict: { a: '1', b: '2' } })
      expect(body.spec).toEqual({ any: { thing: [1, { x: null }] }, strict: { a: '1' } })
    })

    test('defaults fill in, at every depth, where the parent is there', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          mode: { type: 'string', default: 'auto' },
          nested: { type: 'object', default: {}, properties: { count: { type: 'integer', default: 3 } } },
          absent: { type: 'object', properties: { count: { type: 'integer', default: 3 } } },
          items: { type: 'array', items: { type: 'object', properties: { on: { type: 'boolean', default: true } } } },
        },
      })
      const { body } = await create({ items: [{}, { on: false }] })
      expect(body.spec).toEqual({ mode: 'auto', nested: { count: 3 }, items: [{ on: true }, { on: false }] })
    })

    test('a null takes the default, unless null is allowed', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          defaulted: { type: 'string', default: 'x' },
          nullable: { type: 'string', nullable: true, default: 'y' },
        },
      })
      const { body } = await create({ defaulted: null, nullable: null })
      expect(body.spec).toEqual({ defaulted: 'x', nullable: null })
    })

    test('a null that is not allowed and has no default goes', async () => {
      const { create } = await served({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } })
      const { status, body } = await create({ a: null, b: 'x' })
      expect(status).toBe(201)
      expect(body.spec).toEqual({ b: 'x' })
    })

    test('a value of a wrong type is named with its field', async () => {
      const { create } = await served({ type: 'object', properties: { size: { type: 'integer' } } })
      const { status, body } = await create({ size: 'big' })
      expect(status).toBe(422)
      expect(body.reason).toBe('Invalid')
      expect(causes(body)).toEqual(['spec.size FieldValueTypeInvalid'])
      expect(at(body, 'details', 'causes', 0, 'message')).toBe(
        'Invalid value: "string": spec.size in body must be of type integer: "string"',
      )
    })

    test('required fields are missed', async () => {
      const { create } = await served({
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'string' }, b: { type: 'string' } },
      })
      const { status, body } = await create({ a: 'x' })
      expect(status).toBe(422)
      expect(causes(body)).toEqual(['spec.b FieldValueRequired'])
      expect(body.message).toMatch(/^Widget\.g-[0-9a-f]+\.example\.com "w" is invalid: spec\.b: Required value$/)
    })

    test('enums, bounds, patterns and lengths are kept to, and every breach is told', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          color: { type: 'string', enum: ['red', 'green'] },
          low: { type: 'integer', minimum: 1 },
          high: { type: 'integer', maximum: 10 },
          name: { type: 'string', pattern: '^[a-z]+$' },
          short: { type: 'string', minLength: 2 },
          long: { type: 'string', maxLength: 3 },
          few: { type: 'array', maxItems: 1, items: { type: 'string' } },
        },
      })
      const good = { color: 'red', low: 1, high: 10, name: 'abc', short: 'ab', long: 'abc', few: ['a'] }
      const bad = { color: 'blue', low: 0, high: 11, name: 'ABC', short: 'a', long: 'abcd', few: ['a', 'b'] }
      const { status, body } = await create(bad)
      expect(status).toBe(422)
      expect(causes(body).sort()).toEqual([
        'spec.color FieldValueNotSupported',
        'spec.few FieldValueTooMany',
        'spec.high FieldValueInvalid',
        'spec.long FieldValueTooLong',
        'spec.low FieldValueInvalid',
        'spec.name FieldValueInvalid',
        'spec.short FieldValueInvalid',
      ])
      expect((await create(good)).status).toBe(201)
    })

    test('an enum says what is supported', async () => {
      const { create } = await served({
        type: 'object',
        properties: { color: { type: 'string', enum: ['red', 'green'] } },
      })
      const { body } = await create({ color: 'blue' })
      expect(at(body, 'details', 'causes', 0, 'message')).toBe(
        'Unsupported value: "blue": supported values: "red", "green"',
      )
    })

    test('int-or-string takes either, and nothing else', async () => {
      const { create } = await served({ type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } })
      expect((await create({ port: true })).status).toBe(422)
      expect((await create({ port: 'http' })).status).toBe(201)
    })

    test('items of keyed lists and sets are unique', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          map: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['id'],
            items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
          },
        },
      })
      const { status, body } = await create({ set: ['a', 'b', 'a'], map: [{ id: 'x' }, { id: 'x' }] })
      expect(status).toBe(422)
      expect(causes(body).sort()).toEqual(['spec.map[1] FieldValueDuplicate', 'spec.set[2] FieldValueDuplicate'])
    })

    test('exactly one of oneOf must hold', async () => {
      const { create } = await served({
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
      })
      expect((await create({})).status).toBe(422)
      expect((await create({ a: 'x', b: 'y' })).status).toBe(422)
      expect((await create({ b: 'y' })).status).toBe(201)
    })

    test('formats of strings are checked', async () => {
      const { create } = await served({ type: 'object', properties: { at: { type: 'string', format: 'date-time' } } })
      expect((await create({ at: 'yesterday' })).status).toBe(422)
      expect((await create({ at: '2026-01-02T03:04:05Z' })).status).toBe(201)
    })

    test('an embedded resource needs its kind and version', async () => {
      const { create } = await served({
        type: 'object',
        properties: {
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      })
      const { status, body } = await create({ template: { metadata: { name: 'x' } } })
      expect(status).toBe(422)
      expect(causes(body)).toEqual(
        expect.arrayContaining([
          'spec.template.apiVersion FieldValueRequired',
          'spec.template.kind FieldValueRequired',
        ]),
      )
      const good = await create({
        template: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: 'b' } },
      })
      expect(good.body.spec).toEqual({
        template: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: 'b' } },
      })
    })
  })
}
