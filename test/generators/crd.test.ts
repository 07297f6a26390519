import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { crd } from '../../generators/crd.ts'
import { toStructural } from '../../generators/structural.ts'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { reservedStatusFields } from '../../src/operator/status.ts'
import { k8s } from '../../src/project/k8s-types.ts'
import { parseProject } from '../../src/project/parse-project.ts'

const { project } = parseProject(
  `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- {name: Initializing, description: begins, initial: true, outputs: [trafficsplits]}
- {name: Finished, description: ends, final: true}
`,
  'autopilot.yaml',
)

describe('a zod definition becomes a structural schema', () => {
  test.each([
    ['a pattern with a backslash', z.string().regex(/^\\1$/), { type: 'string', pattern: '^\\\\1$' }],
    ['values of several types', z.literal([1, 'a']), { enum: [1, 'a'], 'x-kubernetes-preserve-unknown-fields': true }],
    ['a string with a pattern', z.string().regex(/^a+$/).max(5), { type: 'string', pattern: '^a+$', maxLength: 5 }],
    ['an integer, without the bounds of doubles', z.int(), { type: 'integer' }],
    ['bounds', z.number().gt(0).lte(1), { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1 }],
    [
      'an enumeration with a default',
      z.enum(['a', 'b']).default('a'),
      { type: 'string', enum: ['a', 'b'], default: 'a' },
    ],
    ['one literal', z.literal('a'), { type: 'string', enum: ['a'] }],
    ['null', z.string().nullable(), { type: 'string', nullable: true }],
    ['a list', z.array(z.boolean()).min(1), { type: 'array', minItems: 1, items: { type: 'boolean' } }],
    ['a map', z.record(z.string(), z.int()), { type: 'object', additionalProperties: { type: 'integer' } }],
    [
      'an object with optional and defaulted fields',
      z.object({ a: z.string(), b: z.string().optional(), c: z.string().default('x') }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string', default: 'x' } },
      },
    ],
    [
      'an open object',
      z.looseObject({ a: z.string() }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
    ],
    [
      'a strict object',
      z.strictObject({ a: z.string().optional() }),
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    ['anything', z.unknown(), { 'x-kubernetes-preserve-unknown-fields': true }],
    ['a duration', k8s.duration(), { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' }],
    [
      'a number or a string',
      k8s.intOrString().describe('a port'),
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], description: 'a port' },
    ],
    ['a point in time', k8s.time(), { type: 'string', format: 'date-time' }],
    ['any object', k8s.preserveUnknown(), { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
    [
      'a CEL rule',
      z.object({ a: z.int() }).meta({ 'x-kubernetes-validations': [{ rule: 'self.a > 1' }] }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.a > 1' }],
      },
    ],
  ])('%s', (_, definition, schema) => {
    expect(toStructural(definition, 'spec')).toEqual(schema)
  })
})

interface Nested {
  kids?: Nested[] | undefined
}
const nested: z.ZodType<Nested> = z.object({
  get kids() {
    return z.array(nested).optional()
  },
})

describe('what a CRD cannot have is refused with the path of the field', () => {
  test.each([
    [
      'a union',
      z.union([z.string(), z.object({ a: z.int() })]),
      /spec\.x cannot stand in a CRD: it is one of several types \(anyOf\)/,
    ],
    [
      'a discriminated union',
      z.discriminatedUnion('t', [z.object({ t: z.literal('a') }), z.object({ t: z.literal('b') })]),
      /spec\.x .*\(oneOf\)/,
    ],
    ['a tuple', z.tuple([z.string(), z.int()]), /spec\.x\[\] .*\(anyOf\)/],
    ['an intersection', z.string().and(z.string().min(2)), /spec\.x .*\(allOf\)/],
    ['a date', z.date(), /spec\.x cannot stand in a CRD: a date has no form in JSON/],
    ['a map', z.map(z.string(), z.string()), /spec\.x .*a map has no form in JSON/],
    ['a recursive type', nested, /spec\.x.* it contains itself/],
    [
      'named fields and a type for the rest',
      z.object({ a: z.string() }).catchall(z.int()),
      /spec\.x .*both named fields and a type for all others/,
    ],
    ['a pattern that looks ahead', z.string().regex(/^(?!a)/), /spec\.x .*is no expression of RE2: .*\(\?!/],
    ['a pattern that refers back', z.string().regex(/(a)\1/), /spec\.x .*is no expression of RE2/],
    ['a pattern with a character by its number', z.string().regex(/\u0041/), /spec\.x .*is no expression of RE2/],
    ['in a list of maps', z.array(z.record(z.string(), z.date())), /spec\.x\[\]\.\* .*a date/],
  ])('%s', (_, field, message) => {
    expect(() => toStructural(z.object({ x: field }), 'spec')).toThrow(message)
  })

  test('all of it at once', () => {
    try {
      toStructural(z.object({ a: z.date(), b: z.object({ c: z.union([z.string(), z.int()]) }) }), 'spec')
      expect.unreachable()
    } catch (error) {
      const { diagnostics } = error as DiagnosticError
      expect(error).toBeInstanceOf(DiagnosticError)
      expect(diagnostics.map(({ code, message }) => [code, message.split(' ')[0]])).toEqual([
        ['AP1401', 'spec.a'],
        ['AP1401', 'spec.b.c'],
      ])
    }
  })
})

describe('the CustomResourceDefinition', () => {
  const object = crd(project, { spec: z.object({ a: z.string() }), status: z.object({ done: z.boolean().optional() }) })
  const { versions } = object.spec as { versions: Record<string, unknown>[] }

  test('is named as the project says', () => {
    expect(object.metadata.name).toBe('examples.examples.io')
    expect(object.spec).toMatchObject({
      group: 'examples.io',
      scope: 'Namespaced',
      names: { kind: 'Example', plural: 'examples', singular: 'example', listKind: 'ExampleList' },
    })
  })

  test('has the status subresource, the workers fields of status and every one of the runtime', () => {
    expect(versions[0]).toMatchObject({ name: 'v1', served: true, storage: true, subresources: { status: {} } })
    const schema = versions[0]?.['schema'] as { openAPIV3Schema: { properties: { status: { properties: object } } } }
    expect(Object.keys(schema.openAPIV3Schema.properties.status.properties).sort()).toEqual(
      ['done', ...reservedStatusFields].sort(),
    )
  })

  test('shows the fields that ask for a column, below the phase', () => {
    const spec = z.object({
      plan: z.object({ steps: z.int().meta({ printerColumn: 'Steps' }) }),
      since: k8s.time().optional().describe('When it began').meta({ printerColumn: 'Since' }),
    })
    const { versions } = crd(project, { spec, status: z.object({}) }).spec as {
      versions: { additionalPrinterColumns: object[] }[]
    }
    expect(versions[0]?.additionalPrinterColumns.slice(1, 3)).toEqual([
      { name: 'Steps', type: 'integer', jsonPath: '.spec.plan.steps' },
      { name: 'Since', type: 'date', jsonPath: '.spec.since', description: 'When it began' },
    ])
    expect(JSON.stringify(versions[0])).not.toContain('printerColumn"')
  })

  test.each([
    ['a list', z.object({ x: z.array(z.int()).meta({ printerColumn: 'X' }) }), 'spec.x'],
    ['a part of a list', z.object({ x: z.array(z.int().meta({ printerColumn: 'X' })) }), 'spec.x[]'],
    ['a name with a dash', z.object({ 'a-b': z.int().meta({ printerColumn: 'X' }) }), 'spec.a-b'],
  ])('refuses a column for %s', (_, spec, field) => {
    expect(() => crd(project, { spec, status: z.object({}) })).toThrow(
      `${field} cannot stand in a CRD: a column shows one`,
    )
  })

  test('shows the weight only where there is one', () => {
    const columns = (status: z.ZodObject) => {
      const { versions } = crd(project, { spec: z.object({}), status }).spec as {
        versions: { additionalPrinterColumns: { name: string }[] }[]
      }
      return versions[0]?.additionalPrinterColumns.map(({ name }) => name)
    }
    expect(columns(z.object({}))).toEqual(['Phase', 'Reason', 'Age'])
    expect(columns(z.object({ weight: z.int().optional() }))).toEqual(['Phase', 'Weight', 'Reason', 'Age'])
  })
})
