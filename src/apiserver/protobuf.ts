import { isJsonObject, type JsonObject } from './json.ts'
import { structDetails } from './schema/builtin.ts'
import type { Schema } from './schema/schema.ts'
import { badRequest } from './status.ts'

/**
 * Reads objects in Kubernetes' protocol buffers, which kubectl's own commands (`create`, `expose`, `auth`) send for built-in
 * kinds. Answers are JSON, which every such client takes. Sources: `apimachinery/pkg/runtime/serializer/protobuf`,
 * `k8s.io/api` `generated.proto`.
 */

const magic = [0x6b, 0x38, 0x73, 0x00]
const text = new TextDecoder()

/** The envelope around every object: its kind, and the bytes of its message. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

/** @throws 400 for bytes that are no envelope */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (magic.some((byte, index) => bytes[index] !== byte))
    throw badRequest('provided data does not appear to be a protobuf message')
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  for (const { number, bytes: value } of fieldsOf(bytes.subarray(magic.length))) {
    if (number === 2) raw = value
    if (number !== 1) continue
    for (const part of fieldsOf(value)) {
      if (part.number === 1) apiVersion = text.decode(part.bytes)
      if (part.number === 2) kind = text.decode(part.bytes)
    }
  }
  return { apiVersion, kind, raw }
}

/** One field on the wire. `value` is a number's; `bytes` those of everything else. */
interface WireField {
  readonly number: number
  readonly value: bigint
  readonly bytes: Uint8Array
}

const nothing = new Uint8Array()

function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at]
      if (byte === undefined || shift > 63n) throw badRequest('unexpected EOF in a protobuf message')
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
  }
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > bytes.length) throw badRequest('unexpected EOF in a protobuf message')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = tag >> 3
    const wire = tag & 7
    if (wire === 0) yield { number, value: varint(), bytes: nothing }
    else if (wire === 1) yield { number, value: 0n, bytes: take(8) }
    else if (wire === 2) yield { number, value: 0n, bytes: take(Number(varint())) }
    else if (wire === 5) yield { number, value: 0n, bytes: take(4) }
    else throw badRequest(`unknown wire type ${wire} in a protobuf message`)
  }
}

/** Names of an object's fields by their number, embedded messages apart. */
interface Layout {
  readonly direct: Map<number, string>
  readonly embedded: Map<number, Map<number, string>>
}

const layouts = new WeakMap<object, Layout>()

function layoutOf(schema: Schema): Layout | undefined {
  const details = structDetails(schema)
  if (details === undefined) return undefined
  const known = layouts.get(details)
  if (known !== undefined) return known
  const layout: Layout = { direct: new Map(), embedded: new Map() }
  for (const [name, [first = 0, second]] of details.numbers) {
    if (second === undefined) {
      layout.direct.set(first, name)
      continue
    }
    const inner = layout.embedded.get(first) ?? new Map<number, string>()
    inner.set(second, name)
    layout.embedded.set(first, inner)
  }
  layouts.set(details, layout)
  return layout
}

/**
 * A message as the JSON that Go would write for it.
 *
 * @throws 400 for bytes that are no message
 */
export function decodeMessage(schema: Schema, bytes: Uint8Array): JsonObject {
  const object: JsonObject = {}
  const layout = layoutOf(schema)
  for (const field of fieldsOf(bytes)) {
    const inner = layout?.embedded.get(field.number)
    const name = layout?.direct.get(field.number)
    if (name !== undefined) setField(schema, object, name, field)
    else if (inner !== undefined) {
      for (const part of fieldsOf(field.bytes)) {
        const label = inner.get(part.number)
        if (label !== undefined) setField(schema, object, label, part)
      }
    }
  }
  return object
}

function setField(schema: Schema, object: JsonObject, name: string, field: WireField): void {
  const type = schema.properties?.[name]
  if (type === undefined) return
  if (type.type === 'array') {
    const before = object[name]
    object[name] = [...(Array.isArray(before) ? before : []), decodeValue(type.items ?? {}, field)]
    return
  }
  if (typeof type.additionalProperties === 'object') {
    const before = object[name]
    const [key, value] = decodeEntry(type.additionalProperties, field.bytes)
    object[name] = { ...(isJsonObject(before) ? before : {}), [key]: value }
    return
  }
  const value = decodeValue(type, field)
  const isZero = value === '' || value === 0 || value === false
  if (isZero && structDetails(schema)?.pointers.has(name) !== true) return
  object[name] = value
}

function decodeEntry(schema: Schema, bytes: Uint8Array): [string, unknown] {
  let key = ''
  let value: unknown = schema.type === 'string' ? '' : null
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = text.decode(field.bytes)
    else if (schema.type !== 'array') value = decodeValue(schema, field)
    else value = [...fieldsOf(field.bytes)].map((item) => decodeValue(schema.items ?? {}, item))
  }
  return [key, value]
}

function decodeValue(schema: Schema, field: WireField): unknown {
  if (schema['x-kubernetes-int-or-string'] === true) return decodeIntOrString(field.bytes)
  if (schema.format === 'quantity') return decodeString(field.bytes)
  if (schema.format === 'date-time' || schema.format === 'micro-time')
    return decodeTime(field.bytes, schema.format === 'micro-time')
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return decodeRaw(field.bytes)
  switch (schema.type) {
    case 'integer':
      return Number(field.value)
    case 'boolean':
      return field.value !== 0n
    case 'number':
      return new DataView(field.bytes.buffer, field.bytes.byteOffset, 8).getFloat64(0, true)
    case 'string':
      return schema.format === 'byte' ? Buffer.from(field.bytes).toString('base64') : text.decode(field.bytes)
    default:
      return decodeMessage(schema, field.bytes)
  }
}

/** A message whose field 1 is a string: `resource.Quantity`. */
function decodeString(bytes: Uint8Array): string {
  for (const { number, bytes: value } of fieldsOf(bytes)) if (number === 1) return text.decode(value)
  return ''
}

/** A message whose field 1 is JSON: `FieldsV1`, `RawExtension`, `JSON`. */
function decodeRaw(bytes: Uint8Array): unknown {
  const raw = decodeString(bytes)
  try {
    const value: unknown = JSON.parse(raw === '' ? 'null' : raw)
    return value
  } catch {
    throw badRequest('a protobuf message holds something that is not JSON')
  }
}

function decodeIntOrString(bytes: Uint8Array): number | string {
  let isString = false
  let number = 0
  let string = ''
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) isString = field.value === 1n
    if (field.number === 2) number = Number(field.value)
    if (field.number === 3) string = text.decode(field.bytes)
  }
  return isString ? string : number
}

/** Seconds and nanoseconds as RFC 3339; null for the zero time. */
function decodeTime(bytes: Uint8Array, micro: boolean): string | null {
  let seconds = 0
  let nanos = 0
  let found = false
  for (const field of fieldsOf(bytes)) {
    found = true
    if (field.number === 1) seconds = Number(field.value)
    if (field.number === 2) nanos = Number(field.value)
  }
  if (!found) return null
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return micro ? `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`
}
