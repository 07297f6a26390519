import type { KubeObject } from '../kube/object.ts'
import { isJsonObject, numberOf, objectOf, stringOf } from './json.ts'
import type { Column } from './resource.ts'
import { ageOf } from './time.ts'

const name: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: '',
  priority: 0,
  cell: (object) => object.metadata.name,
}
const age: Column = {
  name: 'Age',
  type: 'date',
  description: '',
  priority: 0,
  cell: (object) => object.metadata.creationTimestamp ?? null,
}

/** The columns of a custom resource: its name and its `additionalPrinterColumns`, or its age when there are none. */
export function printerColumns(given: readonly unknown[]): readonly Column[] {
  if (given.length === 0)
    return [name, { ...age, cell: (object, now) => ageOf(object.metadata.creationTimestamp, now) }]
  return [name, ...given.map((one) => printerColumn(objectOf(one)))]
}

function printerColumn(given: Record<string, unknown>): Column {
  const path = parseJsonPath(stringOf(given.jsonPath))
  const type = stringOf(given.type)
  return {
    name: stringOf(given.name),
    type,
    format: stringOf(given.format),
    description:
      stringOf(given.description) ||
      `Custom resource definition column (in JSONPath format): ${stringOf(given.jsonPath)}`,
    priority: numberOf(given.priority),
    cell: (object, now) => printed(type, find(object, path), now),
  }
}

/** A cell in its column's type: dates become ages, wrong types become empty. Source: apiextensions' `tableconvertor.go`. */
function printed(type: string, found: readonly unknown[], now: number): unknown {
  const [value] = found
  if (value === undefined || value === null) return null
  if (type === 'date') return typeof value === 'string' ? ageOf(value, now) : '<invalid>'
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null
  if (type === 'number') return typeof value === 'number' ? value : null
  if (type === 'boolean') return typeof value === 'boolean' ? value : null
  const texts = found.map((one) => (isJsonObject(one) || Array.isArray(one) ? JSON.stringify(one) : String(one)))
  return texts.join(',')
}

/** One step of a JSON path: a field, an index, every item, or the items with a field of a value. */
type Step =
  | { readonly field: string }
  | { readonly index: number }
  | { readonly every: true }
  | { readonly where: readonly string[]; readonly equals: string }

/** The part of kubectl's JSON path that columns use: `.a.b`, `['a']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`, `\.` in names. */
export function parseJsonPath(text: string): Step[] {
  const steps: Step[] = []
  const pattern =
    /\.((?:\\.|[^.[\\])+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|(\[\*\])|\[\?\(@((?:\.[^.=\s)]+)+)\s*==\s*['"]([^'"]*)['"]\s*\)\]/gy
  for (const match of text.matchAll(pattern)) {
    const [, field, single, double, index, every, where, equals] = match
    const label = field ?? single ?? double
    if (label !== undefined) steps.push(label === '*' ? { every: true } : { field: label.replace(/\\(.)/g, '$1') })
    else if (index !== undefined) steps.push({ index: Number(index) })
    else if (every !== undefined) steps.push({ every: true })
    else if (where !== undefined) steps.push({ where: where.split('.').slice(1), equals: equals ?? '' })
  }
  return steps
}

function find(object: KubeObject, steps: readonly Step[]): readonly unknown[] {
  let found: unknown[] = [object]
  for (const step of steps) found = found.flatMap((value) => follow(value, step))
  return found
}

function follow(value: unknown, step: Step): unknown[] {
  if ('field' in step) return isJsonObject(value) && value[step.field] !== undefined ? [value[step.field]] : []
  if ('every' in step) return Array.isArray(value) ? value : Object.values(objectOf(value))
  if (!Array.isArray(value)) return []
  if ('index' in step) {
    const item: unknown = value.at(step.index)
    return item === undefined ? [] : [item]
  }
  return value.filter((item) => {
    const got = step.where.reduce<unknown>((current, name) => (isJsonObject(current) ? current[name] : undefined), item)
    return String(got) === step.equals
  })
}
