import { isJsonObject, type JsonObject } from '../json.ts'
import { builtinType } from './builtin.ts'
import type { Schema } from './schema.ts'

/**
 * The schema of a definition as this program reads it. Nothing given means: any object, kept whole. Members of a wrong type,
 * which the definition's own validation refuses, are dropped.
 */
export function compileSchema(given: unknown): Schema {
  if (!isJsonObject(given)) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return compileNode(given)
}

const numbers = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const
const flags = [
  'nullable',
  'uniqueItems',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
] as const
const texts = [
  'type',
  'format',
  'title',
  'description',
  'pattern',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
] as const

type Draft = { -readonly [K in keyof Schema]: Schema[K] }

function compileNode(given: JsonObject): Schema {
  const schema: Draft = {}
  for (const name of numbers) {
    const value = given[name]
    if (typeof value === 'number') schema[name] = value
  }
  for (const name of flags) {
    const value = given[name]
    if (typeof value === 'boolean') schema[name] = value
  }
  for (const name of texts) {
    const value = given[name]
    if (typeof value === 'string' && value !== '') schema[name] = value
  }
  if (given.default !== undefined) schema.default = given.default
  if (Array.isArray(given.enum)) schema.enum = given.enum
  if (Array.isArray(given.required)) schema.required = given.required.map(String)
  const keys = given['x-kubernetes-list-map-keys']
  if (Array.isArray(keys)) schema['x-kubernetes-list-map-keys'] = keys.map(String)
  compileParts(given, schema)
  if (schema['x-kubernetes-embedded-resource'] === true) schema.properties = { ...schema.properties, ...embedded() }
  return schema
}

/** The fields that every object has, for one that is embedded in another. */
function embedded(): Record<string, Schema> {
  return { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: builtinType('ObjectMeta') }
}

function compileParts(given: JsonObject, schema: Draft): void {
  if (isJsonObject(given.properties)) {
    const properties: Record<string, Schema> = {}
    for (const [name, child] of Object.entries(given.properties))
      properties[name] = compileNode(isJsonObject(child) ? child : {})
    schema.properties = properties
  }
  if (isJsonObject(given.additionalProperties)) schema.additionalProperties = compileNode(given.additionalProperties)
  else if (typeof given.additionalProperties === 'boolean') schema.additionalProperties = given.additionalProperties
  if (isJsonObject(given.items)) schema.items = compileNode(given.items)
  if (isJsonObject(given.not)) schema.not = compileNode(given.not)
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    const parts = given[name]
    if (Array.isArray(parts)) schema[name] = parts.filter(isJsonObject).map(compileNode)
  }
}
