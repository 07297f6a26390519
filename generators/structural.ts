import { RE2JS } from 're2js'
import { z } from 'zod'
import { diagnostic } from '../src/diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../src/diagnostics/diagnostic.ts'

/** A structural schema of apiextensions.k8s.io/v1: the subset of OpenAPI v3 that a CRD may use. */
export interface StructuralSchema {
  [keyword: string]: unknown
  type?: string
  properties?: Record<string, StructuralSchema>
  items?: StructuralSchema
}

/** Keywords that mean the same in both and are kept as they are. */
const kept = new Set([
  'type',
  'description',
  'default',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'nullable',
])

/** Kinds of zod types that are no JSON; `unrepresentable: 'throw'` would name the type but not the field. */
const notJson = new Set([
  'bigint',
  'date',
  'file',
  'function',
  'map',
  'nan',
  'never',
  'promise',
  'set',
  'symbol',
  'undefined',
  'void',
])

/**
 * The structural schema of what users write for a zod definition.
 * Throws a DiagnosticError with every field that a CRD cannot have (AP1401); `root` is what their paths begin with.
 */
export function toStructural(definition: z.ZodType, root: string): StructuralSchema {
  const walk = new Walk()
  const schema = z.toJSONSchema(definition, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => {
      const { type } = zodSchema._zod.def
      if (notJson.has(type))
        walk.refuse(
          fieldAt(root, path),
          `a ${type} has no form in JSON`,
          'Use a string, number, boolean, list or object.',
        )
    },
  })
  const structural = walk.schema(schema, root)
  if (walk.problems.length > 0) throw new DiagnosticError(walk.problems)
  return structural
}

class Walk {
  readonly problems: Diagnostic[] = []

  refuse(field: string, problem: string, instead: string): void {
    this.problems.push(diagnostic('AP1401', { field, problem, instead }))
  }

  schema(node: unknown, field: string): StructuralSchema {
    if (!isRecord(node)) return {}
    const extensions = Object.fromEntries(Object.entries(node).filter(([key]) => key.startsWith('x-kubernetes-')))
    const common = Object.fromEntries(Object.entries(node).filter(([key]) => kept.has(key)))
    if (extensions['x-kubernetes-int-or-string'] === true)
      return { ...described(node), ...extensions, anyOf: intOrString }
    this.#refuseComposition(node, field)
    if (extensions['x-kubernetes-preserve-unknown-fields'] === true)
      return { type: 'object', ...described(node), ...extensions }
    switch (node['type']) {
      case 'object':
        return { ...common, ...extensions, ...this.#object(node, field) }
      case 'array':
        return { ...common, ...extensions, items: this.#items(node, field) }
      case 'integer':
        return { ...withoutSafeBounds(common), ...extensions }
      case 'string':
        this.#checkPattern(node['pattern'], field)
        return { ...common, ...extensions }
      case 'number':
      case 'boolean':
        return { ...common, ...extensions }
      default:
        // Anything goes, as for `z.unknown()`, or values of several types.
        return {
          ...described(node),
          ...(node['enum'] !== undefined && { enum: node['enum'] }),
          ...extensions,
          'x-kubernetes-preserve-unknown-fields': true,
        }
    }
  }

  #object(node: Record<string, unknown>, field: string): StructuralSchema {
    const properties = isRecord(node['properties']) ? node['properties'] : {}
    const rest = node['additionalProperties']
    const names = Object.keys(properties)
    const translated = Object.fromEntries(
      names.map((name) => [name, this.schema(properties[name], name === '' ? field : `${field}.${name}`)]),
    )
    const open = isRecord(rest) && Object.keys(rest).length === 0
    if (names.length > 0 && isRecord(rest) && !open)
      this.refuse(
        field,
        'it has both named fields and a type for all others',
        'Put the free keys into a field of their own.',
      )
    if (names.length === 0 && isRecord(rest))
      return {
        additionalProperties: open ? { 'x-kubernetes-preserve-unknown-fields': true } : this.schema(rest, `${field}.*`),
      }
    return {
      ...(names.length > 0 && { properties: translated }),
      ...(open && { 'x-kubernetes-preserve-unknown-fields': true }),
    }
  }

  #items(node: Record<string, unknown>, field: string): StructuralSchema {
    return this.schema(node['items'], `${field}[]`)
  }

  #refuseComposition(node: Record<string, unknown>, field: string): void {
    if (node['$ref'] !== undefined)
      this.refuse(
        field,
        'it contains itself',
        'Use k8s.preserveUnknown() for the part that repeats, and check it in a worker.',
      )
    for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not'])
      if (node[keyword] !== undefined)
        this.refuse(
          field,
          `it is one of several types (${keyword})`,
          'Use one object with optional fields, k8s.intOrString(), or k8s.preserveUnknown().',
        )
  }

  /** The API server compiles patterns with RE2, which has no look-around, no back-references and fewer classes than JavaScript. */
  #checkPattern(pattern: unknown, field: string): void {
    const problem = typeof pattern === 'string' ? re2Problem(pattern) : undefined
    if (problem !== undefined)
      this.refuse(
        field,
        `its pattern ${pattern} is no expression of RE2: ${problem}`,
        'Use a plain pattern, or k8s.duration() and the like.',
      )
  }
}

function re2Problem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The one `anyOf` that a structural schema may have beside this extension. */
const intOrString = [{ type: 'integer' }, { type: 'string' }]

/** zod bounds integers by what a double can count; the API server's are 64 bits long and need no bound. */
function withoutSafeBounds(schema: Record<string, unknown>): StructuralSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([key, value]) =>
        !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER) &&
        !(key === 'minimum' && value === Number.MIN_SAFE_INTEGER),
    ),
  )
}

function described(node: Record<string, unknown>): StructuralSchema {
  return Object.fromEntries(
    ['description', 'default', 'nullable'].flatMap((key) => (node[key] === undefined ? [] : [[key, node[key]]])),
  )
}

/** `spec.steps[]` from a path into a JSON Schema, such as `properties/steps/items`. */
function fieldAt(root: string, path: readonly (string | number)[]): string {
  let field = root
  for (let index = 0; index < path.length; index++) {
    const step = path[index]
    if (step === 'properties') field += `.${path[++index]}`
    else if (step === 'items') field += '[]'
    else if (step === 'additionalProperties') field += '.*'
  }
  return field
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
