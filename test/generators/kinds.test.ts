import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { type KindSchema, kindsFile, typeNameOf } from '../../generators/project/kinds-file.ts'
import { schemaType } from '../../generators/project/schema-type.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { typeErrors } from '../support/type-errors.ts'

const { project } = parseProject(
  `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- {name: Working, initial: true, inputs: [widgets]}
- {name: Finished, final: true}
customParameters:
- {lowerName: widgets, singleName: Widget, pluralName: Widgets, apiGroup: shop.io}
`,
  'autopilot.yaml',
)

function schemaOf(kind: string, group: string, schema: unknown): KindSchema {
  const name = `${kind.toLowerCase()}s`
  return { name, kind: { group, version: 'v1', kind, plural: name, namespaced: true }, schema }
}

describe('a schema becomes a type', () => {
  test.each<[string, unknown, string]>([
    ['a number or a string', { 'x-kubernetes-int-or-string': true }, 'number | string'],
    ['an enumeration', { type: 'string', enum: ['a', 'b'] }, '"a" | "b"'],
    ['null', { type: 'string', nullable: true }, 'string | null'],
    ['null among the values', { type: 'string', enum: ['a', null], nullable: true }, '"a" | null'],
    ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
    ['a list', { type: 'array', items: { type: 'boolean' } }, '(boolean)[]'],
    ['any object', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, 'Record<string, unknown>'],
    ['anything', { 'x-kubernetes-preserve-unknown-fields': true }, 'unknown'],
    ['another object', { type: 'object', 'x-kubernetes-embedded-resource': true }, 'KubeObject'],
    ['a type that is not known', { type: 'tuple' }, 'unknown'],
    ['a reference', { $ref: '#/definitions/a' }, 'unknown'],
    ['several types', { oneOf: [{ type: 'string' }, { type: 'object' }] }, 'unknown'],
    ['no schema', true, 'unknown'],
  ])('%s', (_, schema, type) => {
    expect(schemaType(schema)).toBe(type)
  })
})

test('the file reads like this', async () => {
  const widget = {
    description: 'What is sold.\n\nSecond paragraph.',
    type: 'object',
    required: ['spec', 'status'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        required: ['color', 'size', 'odd-name'],
        properties: {
          color: { type: 'string', enum: ['red', 'green'], description: 'A color. Not */ the end' },
          size: { type: 'integer', default: 3 },
          port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
          'odd-name': { type: 'boolean' },
          parts: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string' } },
              'x-kubernetes-preserve-unknown-fields': true,
            },
          },
        },
      },
      status: { type: 'object', properties: { ready: { type: 'boolean', nullable: true } } },
    },
  }
  const file = await kindsFile(project, [schemaOf('Widget', 'shop.io', widget)], 'mesh-autopilot')
  expect(file.text.split('\n').slice(1).join('\n')).toBe(`import type { KubeObject } from 'mesh-autopilot'

/** What is sold. */
export interface Widget extends KubeObject {
  apiVersion: 'shop.io/v1'
  kind: 'Widget'
  spec: {
    /** A color. Not * / the end */
    color: 'red' | 'green'
    /** Default: 3. */
    size?: number
    port?: number | string
    'odd-name': boolean
    parts?: {
      name: string
      [field: string]: unknown
    }[]
  }
  status?: {
    ready?: boolean | null
  }
}
`)
})

test('a kind whose name is taken is named after its group as well', () => {
  const kinds = [schemaOf('Example', 'shop.io', {}), { ...schemaOf('Gateway', 'mesh.io', {}), name: 'meshgateways' }]
  const other = schemaOf('Gateway', 'networking.shop.io', {})
  expect([...kinds, other].map(({ name }) => typeNameOf(project, [...kinds, other], name))).toEqual([
    'ShopExample',
    'MeshGateway',
    'NetworkingGateway',
  ])
})

test('a field of a name that every object inherits may be left out', async () => {
  const fields = { toString: { type: 'string' }, constructor: { type: 'integer' }, valueOf: { type: 'boolean' } }
  const type = schemaType({ type: 'object', properties: fields, required: ['valueOf'] })
  expect(type).toBe('{\n"toString"?: unknown\n"constructor"?: unknown\n"valueOf": boolean\n}')
  expect(await typeErrors({ 'src/a.ts': `export const a: ${type} = { valueOf: true }\n` })).toEqual([])
})

interface Sample {
  readonly schema: Record<string, unknown>
  readonly value: unknown
}

/** Names that are words of TypeScript, that every object inherits, that cannot stand without quotes, and any others. */
const anyName = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype), 'class', 'prototype', 'then', '', '1e3', 'a b', "'"),
)

/** In literals, TypeScript takes what every object inherits, such as `valueOf`, for the field of a map: the type is not to blame. */
const keyOfMap = anyName.filter((name) => name === '__proto__' || !(name in Object.prototype))

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  anyName.map((value) => ({ schema: { type: 'string', description: value, default: value }, value })),
  fc.integer().map((value) => ({ schema: { type: 'integer', default: value }, value })),
  fc.boolean().map((value) => ({ schema: { type: 'boolean' }, value })),
  fc.oneof(fc.integer(), fc.string()).map((value) => ({ schema: { 'x-kubernetes-int-or-string': true }, value })),
  fc.uniqueArray(anyName, { minLength: 1, maxLength: 3 }).map((all) => ({
    schema: { type: 'string', enum: all },
    value: all[0],
  })),
  fc.jsonValue().map((value) => ({ schema: { 'x-kubernetes-preserve-unknown-fields': true }, value })),
)

/** A schema, and a value that it allows. */
const sample: fc.Arbitrary<Sample> = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('any').map(({ schema }) => ({ schema: { ...schema, nullable: true }, value: null })),
    tie('any').map(({ schema, value }) => ({ schema: { type: 'array', items: schema }, value: [value] })),
    fc.tuple(keyOfMap, tie('any')).map(([key, { schema, value }]) => ({
      schema: { type: 'object', additionalProperties: schema },
      value: Object.fromEntries([[key, value]]),
    })),
    fc
      .uniqueArray(fc.tuple(anyName, tie('any'), fc.boolean()), { maxLength: 3, selector: ([name]) => name })
      .map((fields) => ({
        schema: {
          type: 'object',
          properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
          required: fields.flatMap(([name, , needed]) => (needed ? [name] : [])),
        },
        value: Object.fromEntries(fields.flatMap(([name, { value }, needed]) => (needed ? [[name, value]] : []))),
      })),
  ),
})).any

property.prop([fc.array(sample, { minLength: 150, maxLength: 150 })], { numRuns: 1, endOnFailure: true })(
  'every value that a schema allows has its type',
  async (samples) => {
    const lines = samples.map(({ schema, value }, index) => {
      // A name as a key would be a prototype; as JSON says it, it is a field.
      const literal = JSON.stringify(value).replaceAll('"__proto__":', '["__proto__"]:')
      return `export const value${index}: ${schemaType(schema)} = ${literal}`
    })
    const text = `import type { KubeObject } from 'mesh-autopilot'\nexport type Any = KubeObject\n${lines.join('\n')}\n`
    expect(await typeErrors({ 'src/values.ts': text })).toEqual([])
  },
)
