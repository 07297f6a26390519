import { equalJson, isJsonObject, type JsonObject } from '../json.ts'
import { type Cause, cause } from '../status.ts'
import { matchesFormat } from './formats.ts'
import type { Schema } from './schema.ts'

/**
 * Everything in the value that breaks its structural schema, as causes in the wording of the API server.
 *
 * Not evaluated: the rules of `x-kubernetes-validations` (CEL). An object that only breaks those is accepted here and
 * refused by a real API server.
 */
export function validate(schema: Schema, value: unknown, path: string): Cause[] {
  const causes: Cause[] = []
  check(schema, value, path, causes)
  return causes
}

function check(schema: Schema, value: unknown, path: string, into: Cause[]): void {
  if (value === null && schema.nullable === true) return
  if (!checkType(schema, value, path, into)) return
  if (schema.enum !== undefined && !schema.enum.some((one) => equalJson(one, value))) {
    into.push(cause.unsupported(path, value, schema.enum))
  }
  checkJunctors(schema, value, path, into)
  if (typeof value === 'string') checkString(schema, value, path, into)
  else if (typeof value === 'number') checkNumber(schema, value, path, into)
  else if (Array.isArray(value)) checkList(schema, value, path, into)
  else if (isJsonObject(value)) checkObject(schema, value, path, into)
}

/** The name go-openapi gives to the type of a value. */
function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function checkType(schema: Schema, value: unknown, path: string, into: Cause[]): boolean {
  const actual = typeName(value)
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (actual === 'integer' || actual === 'string') return true
    into.push(cause.type(path, actual, `${path} in body must be of type integer,string: ${JSON.stringify(actual)}`))
    return false
  }
  const wanted = schema.type
  if (wanted === undefined || wanted === '' || wanted === actual) return true
  if (wanted === 'number' && actual === 'integer') return true
  into.push(cause.type(path, actual, `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`))
  return false
}

function checkString(schema: Schema, value: string, path: string, into: Cause[]): void {
  const length = [...value].length
  const before = into.length
  if (schema.maxLength !== undefined && length > schema.maxLength) into.push(cause.tooLong(path, schema.maxLength))
  if (schema.minLength !== undefined && length < schema.minLength) {
    into.push(cause.invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`))
  }
  if (into.length === before && schema.pattern !== undefined && !compiledPattern(schema.pattern).test(value)) {
    into.push(cause.invalid(path, value, `${path} in body should match '${schema.pattern}'`))
  }
  if (schema.format !== undefined && !matchesFormat(schema.format, value)) {
    const text = `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`
    into.push(cause.type(path, value, text))
  }
}

/** Whether a cause tells of a value of a wrong JSON type, rather than a text that is not in its format. */
export function isOfWrongType({ reason, message }: Cause): boolean {
  return (
    reason === 'FieldValueTypeInvalid' &&
    /must be of type (?:array|boolean|integer|number|object|string)\b/.test(message)
  )
}

const patterns = new Map<string, RegExp>()

/**
 * Go's RE2 syntax as JavaScript's: the same but for a leading group of flags.
 *
 * @throws SyntaxError for what is no pattern
 */
export function compiledPattern(pattern: string): RegExp {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const [, flags = '', body = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? []
  const made = new RegExp(body.replaceAll('\\A', '^').replaceAll('\\z', '$'), `${flags}u`.replace('uu', 'u'))
  patterns.set(pattern, made)
  return made
}

function checkNumber(schema: Schema, value: number, path: string, into: Cause[]): void {
  const { minimum, maximum, multipleOf } = schema
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const text = schema.exclusiveMaximum === true ? 'should be less than' : 'should be less than or equal to'
    into.push(cause.invalid(path, value, `${path} in body ${text} ${maximum}`))
  }
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const text = schema.exclusiveMinimum === true ? 'should be greater than' : 'should be greater than or equal to'
    into.push(cause.invalid(path, value, `${path} in body ${text} ${minimum}`))
  }
  if (multipleOf !== undefined && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9) {
    into.push(cause.invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`))
  }
}

function checkList(schema: Schema, value: readonly unknown[], path: string, into: Cause[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    into.push(cause.tooMany(path, value.length, schema.maxItems))
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    into.push(cause.invalid(path, value.length, `${path} in body should have at least ${schema.minItems} items`))
  }
  if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    into.push(cause.invalid(path, value, `${path} in body shouldn't contain duplicates`))
  }
  const items = schema.items
  if (items !== undefined)
    value.forEach((item, index) => {
      check(items, item, `${path}[${index}]`, into)
    })
  checkListKeys(schema, value, path, into)
}

function checkListKeys(schema: Schema, value: readonly unknown[], path: string, into: Cause[]): void {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  value.forEach((item, index) => {
    const key = type === 'set' ? item : keysOf(item, keys)
    const text = JSON.stringify(key)
    if (seen.has(text)) into.push(cause.duplicate(`${path}[${index}]`, key))
    seen.add(text)
  })
}

function keysOf(item: unknown, keys: readonly string[]): JsonObject {
  const picked: JsonObject = {}
  if (isJsonObject(item)) for (const key of [...keys].sort()) if (item[key] !== undefined) picked[key] = item[key]
  return picked
}

function checkObject(schema: Schema, value: JsonObject, path: string, into: Cause[]): void {
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  for (const name of schema.required ?? []) if (value[name] === undefined) into.push(cause.required(below(name)))
  const count = Object.keys(value).length
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    into.push({ ...cause.tooMany(path, count, schema.maxProperties) })
  }
  if (schema.minProperties !== undefined && count < schema.minProperties) {
    into.push(cause.invalid(path, count, `${path} in body should have at least ${schema.minProperties} properties`))
  }
  if (schema['x-kubernetes-embedded-resource'] === true) checkEmbedded(value, below, into)
  const properties = schema.properties ?? {}
  const rest = schema.additionalProperties
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined) continue
    const declared = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (declared !== undefined) check(declared, child, below(name), into)
    else if (typeof rest === 'object') check(rest, child, below(name), into)
  }
}

function checkEmbedded(value: JsonObject, below: (name: string) => string, into: Cause[]): void {
  for (const name of ['apiVersion', 'kind']) {
    if (typeof value[name] !== 'string' || value[name] === '')
      into.push(cause.required(below(name), 'must not be empty'))
  }
}

function checkJunctors(schema: Schema, value: unknown, path: string, into: Cause[]): void {
  const passes = (part: Schema) => validate(part, value, path).length === 0
  for (const part of schema.allOf ?? []) check(part, value, path, into)
  if (schema.anyOf !== undefined && !schema.anyOf.some(passes)) {
    into.push(cause.invalid('<nil>', '', `${JSON.stringify(path)} must validate at least one schema (anyOf)`))
    firstFailure(schema.anyOf, value, path, into)
  }
  if (schema.oneOf !== undefined) {
    const valid = schema.oneOf.filter(passes).length
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
      into.push(
        cause.invalid('<nil>', '', `${JSON.stringify(path)} must validate one and only one schema (oneOf). ${found}`),
      )
      if (valid === 0) firstFailure(schema.oneOf, value, path, into)
    }
  }
  if (schema.not !== undefined && passes(schema.not)) {
    into.push(cause.invalid('<nil>', '', `${JSON.stringify(path)} must not validate the schema (not)`))
  }
}

/** The alternative that fails in the fewest places tells best what is wrong. */
function firstFailure(parts: readonly Schema[], value: unknown, path: string, into: Cause[]): void {
  const failures = parts.map((part) => validate(part, value, path)).sort((left, right) => left.length - right.length)
  into.push(...(failures[0] ?? []))
}
