import { Ajv, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { didYouMean } from './nearest.ts'
import { child, describePointer } from './pointer.ts'
import type { YamlSource } from './yaml-source.ts'

/** Says everything that is wrong with the shape of a document, each at the place of what is wrong. */
type ShapeCheck = (source: YamlSource) => Diagnostic[]

/**
 * Makes a check of a JSON Schema (draft-07). `patternErrorMessage`, which editors show, says what a pattern wants.
 * A field that is left empty (`inputs:`) counts as left out, as in the original, unless it is required.
 */
export function shapeCheck(schema: SchemaObject): ShapeCheck {
  let validate: ValidateFunction | undefined
  return (source) => {
    // Compiled at the first use: commands that read no project do not pay for it.
    validate ??= new Ajv({ allErrors: true, verbose: true }).addVocabulary(['patternErrorMessage']).compile(schema)
    if (validate(source.value)) return []
    return (validate.errors ?? []).filter((error) => !isLeftOut(error, schema)).map((error) => describe(error, source))
  }
}

function isLeftOut(error: ErrorObject, schema: SchemaObject): boolean {
  if (error.keyword !== 'type' || error.data !== null) return false
  const match = /^#(.*)\/properties\/([^/]+)\/type$/.exec(error.schemaPath)
  if (match === null) return false
  const parent = (match[1] ?? '')
    .split('/')
    .slice(1)
    .reduce<unknown>((node, part) => (isObject(node) ? node[part] : undefined), schema)
  if (!isObject(parent)) return false
  return !Array.isArray(parent['required']) || !parent['required'].includes(match[2])
}

function describe(error: ErrorObject, source: YamlSource): Diagnostic {
  const pointer = error.instancePath
  const place = describePointer(pointer)
  const params: Record<string, unknown> = error.params
  switch (error.keyword) {
    case 'additionalProperties': {
      const field = String(params['additionalProperty'])
      const properties: unknown = error.parentSchema?.['properties']
      const known = isObject(properties) ? Object.keys(properties) : []
      return diagnostic(
        'AP1101',
        { field, place, hint: didYouMean(field, known), known: known.join(', ') },
        source.atKey(child(pointer, field)),
      )
    }
    case 'required':
      return diagnostic('AP1102', { field: String(params['missingProperty']), place }, source.at(pointer))
    case 'type':
      return diagnostic(
        'AP1103',
        { place, expected: typeName(String(params['type'])), found: describeValue(error.data) },
        source.at(pointer),
      )
    case 'uniqueItems': {
      const index = Math.max(Number(params['i']), Number(params['j']))
      const value = Array.isArray(error.data) ? describeValue(error.data[index]) : 'an item'
      return diagnostic('AP1105', { place, value }, source.at(child(pointer, index)))
    }
    default:
      return diagnostic(
        'AP1104',
        { place, value: describeValue(error.data), expected: expectation(error) },
        source.at(pointer),
      )
  }
}

function expectation(error: ErrorObject): string {
  const params: Record<string, unknown> = error.params
  const limit = String(params['limit'])
  switch (error.keyword) {
    case 'pattern':
      return String(error.parentSchema?.['patternErrorMessage'] ?? `a text that matches ${params['pattern']}`)
    case 'minItems':
      return limit === '1' ? 'a list with at least one item' : `a list with at least ${limit} items`
    case 'minLength':
      return limit === '1' ? 'a text that is not empty' : `at least ${limit} characters long`
    case 'maxLength':
      return `at most ${limit} characters long`
    case 'minimum':
      return `${limit} or more`
    case 'maximum':
      return `${limit} or less`
    default:
      return `such that it ${error.message ?? 'fits the schema'}`
  }
}

function typeName(type: string): string {
  const names: Record<string, string> = {
    string: 'a text',
    boolean: 'true or false',
    integer: 'a whole number',
    number: 'a number',
    array: 'a list',
    object: 'a mapping of fields',
  }
  return names[type] ?? type
}

/** A value in a message: texts in quotes, long ones cut, collections by their type only. */
function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping of fields'
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
