import { isFields } from './fields.ts'
import type { FieldPath, FieldProblem } from './object-reading.ts'

/**
 * The shape of an object of the API, as far as its CustomResourceDefinition fixes it. Unknown fields are problems, as they
 * are for `kubectl apply`, whose field validation is strict.
 */
export type FieldSchema =
  | TextSchema
  | {
      readonly type: 'number'
      readonly integer: boolean
      readonly min?: number
      readonly max?: number
      readonly oneOf?: readonly number[]
    }
  | { readonly type: 'flag' }
  | { readonly type: 'list'; readonly items: FieldSchema; readonly min?: number; readonly max?: number }
  | { readonly type: 'map'; readonly values: FieldSchema }
  | ObjectSchema
  /** Anything at all: what is checked elsewhere, or what nobody here reads. */
  | { readonly type: 'any' }
  /** A number, or a text, as Kubernetes' IntOrString and Quantity. */
  | { readonly type: 'number or text' }

interface TextSchema {
  readonly type: 'text'
  readonly min?: number
  readonly max?: number
  /** Has to take the whole text. */
  readonly pattern?: RegExp
  readonly oneOf?: readonly string[]
}

export interface ObjectSchema {
  readonly type: 'object'
  readonly fields: Readonly<Record<string, FieldSchema>>
  readonly required: readonly string[]
  /** Of these fields at most one may be there. */
  readonly atMostOne: readonly string[]
}

export const text: TextSchema = { type: 'text' }
export const nonEmpty: TextSchema = { type: 'text', min: 1 }
export const flag: FieldSchema = { type: 'flag' }
export const anything: FieldSchema = { type: 'any' }
export const numberOrText: FieldSchema = { type: 'number or text' }
export const port: FieldSchema = integer(1, 65_535)

export function oneOf(...values: readonly string[]): FieldSchema {
  return { type: 'text', oneOf: values }
}

export function oneOfNumbers(...values: readonly number[]): FieldSchema {
  return { type: 'number', integer: true, oneOf: values }
}

export function matching(pattern: RegExp, max?: number): FieldSchema {
  return { type: 'text', pattern, ...(max !== undefined && { max }) }
}

export function integer(min?: number, max?: number): FieldSchema {
  return { type: 'number', integer: true, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
}

export function decimal(min?: number, max?: number): FieldSchema {
  return { type: 'number', integer: false, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
}

export function list(items: FieldSchema, bounds: { readonly min?: number; readonly max?: number } = {}): FieldSchema {
  return { type: 'list', items, ...bounds }
}

export function map(values: FieldSchema): FieldSchema {
  return { type: 'map', values }
}

export function object(
  fields: Readonly<Record<string, FieldSchema>>,
  {
    required = [],
    atMostOne = [],
  }: { readonly required?: readonly string[]; readonly atMostOne?: readonly string[] } = {},
): ObjectSchema {
  return { type: 'object', fields, required, atMostOne }
}

/** Everything in which a value departs from its schema. A field that is null counts as left out, as the API server has it. */
export function schemaProblems(schema: FieldSchema, value: unknown, path: FieldPath): FieldProblem[] {
  switch (schema.type) {
    case 'any':
      return []
    case 'flag':
      return typeof value === 'boolean' ? [] : wrongType(path, 'true or false', value)
    case 'number or text':
      return typeof value === 'number' || typeof value === 'string' ? [] : wrongType(path, 'a number or a text', value)
    case 'text':
      return typeof value === 'string' ? textProblems(schema, value, path) : wrongType(path, 'a text', value)
    case 'number':
      return numberProblems(schema, value, path)
    case 'list':
      if (!Array.isArray(value)) return wrongType(path, 'a list', value)
      return [
        ...boundsProblems(value.length, schema, path, 'entries'),
        ...value.flatMap((item: unknown, index) => schemaProblems(schema.items, item, [...path, index])),
      ]
    case 'map':
      if (!isFields(value)) return wrongType(path, 'a map', value)
      return Object.entries(value).flatMap(([key, item]) => schemaProblems(schema.values, item, [...path, key]))
    case 'object':
      return isFields(value) ? objectProblems(schema, value, path) : wrongType(path, 'an object', value)
  }
}

function objectProblems(
  { fields, required, atMostOne }: ObjectSchema,
  value: Readonly<Record<string, unknown>>,
  path: FieldPath,
): FieldProblem[] {
  const there = Object.entries(value).filter(([, item]) => item !== null && item !== undefined)
  const missing = required.filter((name) => !there.some(([key]) => key === name))
  const rivals = there.map(([key]) => key).filter((key) => atMostOne.includes(key))
  return [
    ...missing.map((name) => ({ path, problem: `${name} is missing` })),
    ...rivals
      .slice(1)
      .map((key) => ({ path: [...path, key], problem: `it excludes ${rivals[0]}, which is there too` })),
    ...there.flatMap(([key, item]): FieldProblem[] => {
      const schema = Object.hasOwn(fields, key) ? fields[key] : undefined
      if (schema !== undefined) return schemaProblems(schema, item, [...path, key])
      return [{ path: [...path, key], problem: 'there is no such field', known: Object.keys(fields) }]
    }),
  ]
}

function textProblems(
  { min, max, pattern, oneOf: values }: TextSchema,
  value: string,
  path: FieldPath,
): FieldProblem[] {
  if (values !== undefined && !values.includes(value))
    return [{ path, problem: `${JSON.stringify(value)} is none of ${values.join(', ')}` }]
  if (pattern !== undefined && !new RegExp(`^(?:${pattern.source})$`).test(value))
    return [{ path, problem: `${JSON.stringify(value)} is not of the form ${pattern.source}` }]
  return boundsProblems(
    value.length,
    { ...(min !== undefined && { min }), ...(max !== undefined && { max }) },
    path,
    'characters',
  )
}

function numberProblems(
  { integer: whole, min, max, oneOf: values }: FieldSchema & { type: 'number' },
  value: unknown,
  path: FieldPath,
): FieldProblem[] {
  if (typeof value !== 'number' || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
    return wrongType(path, whole ? 'a whole number' : 'a number', value)
  if (values !== undefined && !values.includes(value))
    return [{ path, problem: `${value} is none of ${values.join(', ')}` }]
  if (min !== undefined && value < min) return [{ path, problem: `${value} is less than ${min}` }]
  if (max !== undefined && value > max) return [{ path, problem: `${value} is more than ${max}` }]
  return []
}

function boundsProblems(
  count: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
  path: FieldPath,
  what: string,
): FieldProblem[] {
  if (count < min) return [{ path, problem: `it has ${count} ${what} and needs ${min}` }]
  return count > max ? [{ path, problem: `it has ${count} ${what}, and ${max} are allowed` }] : []
}

function wrongType(path: FieldPath, expected: string, value: unknown): FieldProblem[] {
  return [{ path, problem: `${JSON.stringify(value) ?? 'nothing'} is not ${expected}` }]
}
