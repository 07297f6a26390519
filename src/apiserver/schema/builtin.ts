import type { Schema } from './schema.ts'
import { workloadTypes } from './types/apps.ts'
import { clusterTypes } from './types/cluster.ts'
import { coreTypes } from './types/core.ts'
import { metaTypes } from './types/meta.ts'
import { podTypes } from './types/pods.ts'

/**
 * The types of the built-in kinds, one per line: a name and its fields.
 *
 * - `field:type`, `field!:type` when required, `field:type=VALUE` with the default that keys of list maps have;
 * - `[T]` an atomic list, `[T#set]` a set, `[T#a,b]` a list of objects keyed by a and b; `{T}` a map;
 * - `*` after a type: atomic, one owner for the whole value;
 * - `+key` after a list: strategic merge patches merge its items by that key (or as a set without one); `~`: they drop the
 *   keys that the patch does not retain;
 * - `&` after a type: a struct that Go writes even when it is empty; `?`: a scalar that Go has behind a pointer; `@2` its number in protocol buffers, `@1.2` that of a
 *   field in an embedded message.
 */
const sources = [metaTypes, podTypes, coreTypes, workloadTypes, clusterTypes]

const lines = new Map<string, string>()
const resolved = new Map<string, Schema>()

const fieldPattern = /^([^:!]+)(!?):([^=&?@]+)([&?]?)(?:@([\d.]+))?(?:=(.*))?$/

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const scalars: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  bytes: { type: 'string', format: 'byte' },
  time: { type: 'string', format: 'date-time', nullable: true },
  microTime: { type: 'string', format: 'micro-time', nullable: true },
  intOrString: { 'x-kubernetes-int-or-string': true },
  quantity: { format: 'quantity' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  json: { 'x-kubernetes-preserve-unknown-fields': true },
}

/**
 * The schema of a built-in type by its short name (`Deployment`, `events.Event`). The same object at each call; read and
 * linked when first asked for, so that starting a control plane costs nothing for kinds that nobody uses.
 */
export function builtinType(name: string): Schema {
  const known = resolved.get(name)
  if (known !== undefined) return known
  const line = linesByName().get(name)
  if (line === undefined) throw new Error(`no built-in type is called ${name}`)
  const [head = '', ...fields] = line.split(' ')
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  const structs: string[] = []
  const pointers = new Set<string>()
  const numbers = new Map<string, readonly number[]>()
  const schema: Mutable<Schema> = { type: 'object', properties }
  resolved.set(name, schema)
  if (head.endsWith('*')) schema['x-kubernetes-map-type'] = 'atomic'
  for (const field of fields) {
    const [, label = '', mark, type = '', kind, number, value] = fieldPattern.exec(field) ?? []
    if (mark === '!') required.push(label)
    const parsed = parseType(type)
    properties[label] = value === undefined ? parsed : { ...parsed, default: value }
    if (kind === '&') structs.push(label)
    if (kind === '?') pointers.add(label)
    if (number !== undefined) numbers.set(label, number.split('.').map(Number))
  }
  if (required.length > 0) schema.required = required
  details.set(properties, { structs, pointers, numbers })
  return schema
}

/** What Go knows of an object's fields beyond their schema, for a schema made here. */
export interface StructDetails {
  /** Fields that hold a struct by value: they are written even when empty. */
  readonly structs: readonly string[]
  /** Scalars behind a pointer: their zero value is not the same as none. */
  readonly pointers: ReadonlySet<string>
  /** Where fields are in the message: one number, or two for a field of an embedded message. */
  readonly numbers: ReadonlyMap<string, readonly number[]>
}

const details = new WeakMap<object, StructDetails>()

/** Undefined for the schemas of custom resources. */
export function structDetails(schema: Schema): StructDetails | undefined {
  return schema.properties === undefined ? undefined : details.get(schema.properties)
}

export function hasBuiltinType(name: string): boolean {
  return linesByName().has(name)
}

function linesByName(): Map<string, string> {
  if (lines.size > 0) return lines
  for (const source of sources) {
    for (const line of source.split('\n')) {
      if (line === '') continue
      const head = line.slice(0, Math.max(line.indexOf(' '), 0) || line.length)
      lines.set(head.replace('*', ''), line)
    }
  }
  return lines
}

function parseType(text: string): Schema {
  const retain = text.endsWith('~')
  const body = retain ? text.slice(0, -1) : text
  const schema = parsePlain(body)
  if (!retain) return schema
  const strategy = schema['x-kubernetes-patch-strategy']
  return { ...schema, 'x-kubernetes-patch-strategy': strategy === undefined ? 'retainKeys' : `${strategy},retainKeys` }
}

function parsePlain(text: string): Schema {
  if (text.startsWith('[')) return parseList(text)
  if (text.endsWith('*')) {
    const inner = text.slice(0, -1)
    return { ...parsePlain(inner), 'x-kubernetes-map-type': 'atomic' }
  }
  if (text.startsWith('{')) return { type: 'object', additionalProperties: parseType(text.slice(1, -1)) }
  return scalars[text] ?? builtinType(text)
}

function parseList(text: string): Schema {
  const end = text.lastIndexOf(']')
  const [item = '', keys] = splitKeys(text.slice(1, end))
  const patch = text.slice(end + 1)
  const schema: Mutable<Schema> = { type: 'array', items: parseType(item) }
  if (keys === 'set') schema['x-kubernetes-list-type'] = 'set'
  else if (keys !== undefined) {
    schema['x-kubernetes-list-type'] = 'map'
    schema['x-kubernetes-list-map-keys'] = keys.split(',')
  } else schema['x-kubernetes-list-type'] = 'atomic'
  if (patch.startsWith('+')) {
    schema['x-kubernetes-patch-strategy'] = 'merge'
    if (patch.length > 1) schema['x-kubernetes-patch-merge-key'] = patch.slice(1)
  }
  return schema
}

/** The item's type and the keys after the last `#` that is not inside a nested list. */
function splitKeys(text: string): [string, string | undefined] {
  const mark = text.lastIndexOf('#')
  if (mark < text.lastIndexOf(']')) return [text, undefined]
  return mark < 0 ? [text, undefined] : [text.slice(0, mark), text.slice(mark + 1)]
}
