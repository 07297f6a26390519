import { readdir, readFile } from 'node:fs/promises'
import { isFields, listOf, textOf } from '../src/mesh/fields.ts'

type Schema = Readonly<Record<string, unknown>>

const folder = new URL('../schemas/output/', import.meta.url)

/** docs/reference/json-output.md: what programs get from commands, by the schemas of it. */
export async function jsonOutputReference(): Promise<string> {
  const files = (await readdir(folder)).sort()
  const schemas = await Promise.all(files.map(async (file) => [file, await schemaIn(file)] as const))
  return `${[
    '# What commands print for programs',
    'With `-o json` a command prints one JSON document on standard output, or nothing where it could not begin; what went wrong is on standard error. Each document has a JSON Schema, which the package has in `schemas/output`. A schema allows what there is in its version: a minor version may add fields, and keeps the names and meanings of those that are there. Tests hold the real output of every command to its schema.',
    ...schemas.flatMap(([file, schema]) => section(file, schema)),
    'This page is generated from `schemas/output`; `npm run docs` renews it.',
  ].join('\n\n')}\n`
}

async function schemaIn(file: string): Promise<Schema> {
  const schema: unknown = JSON.parse(await readFile(new URL(file, folder), 'utf8'))
  if (!isFields(schema)) throw new Error(`${file} is no schema`)
  return schema
}

function section(file: string, schema: Schema): string[] {
  const definitions = isFields(schema['definitions']) ? schema['definitions'] : {}
  const forms = listOf(schema['oneOf']).filter(isFields)
  return [
    `## \`${textOf(schema['title'])}\``,
    `${textOf(schema['description'])} [Schema](../../schemas/output/${file}).`,
    ...(forms.length === 0 ? table(rows(schema, '', definitions)) : []),
    ...forms.flatMap((form) => {
      const title = textOf(form['title'])
      return [...(title === undefined ? [] : [`Of ${title}:`]), ...table(rows(form, '', definitions))]
    }),
  ]
}

function table(lines: readonly (readonly string[])[]): string[] {
  if (lines.length === 0) return []
  const all = [['field', 'type', 'meaning'], ['---', '---', '---'], ...lines]
  return [all.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('  |', ' |')).join('\n')]
}

/** One row for each field, those of its objects and elements after it. */
function rows(given: Schema, prefix: string, definitions: Schema): string[][] {
  const schema = resolved(given, definitions)
  if (isFields(schema['items'])) return rows(schema['items'], `${prefix}[]`, definitions)
  const forms = listOf(schema['oneOf']).filter(isFields)
  if (prefix !== '' && forms.length > 0) return forms.flatMap((form) => rows(form, prefix, definitions))
  const required = listOf(schema['required'])
  // What an object of Kubernetes has is told elsewhere.
  if (!isFields(schema['properties']) || schema['additionalProperties'] !== false) return []
  return Object.entries(schema['properties']).flatMap(([name, value]) => {
    if (!isFields(value)) return []
    const field = resolved(value, definitions)
    const path = prefix === '' ? name : `${prefix}.${name}`
    const type = required.includes(name) ? typeOf(field, definitions) : `${typeOf(field, definitions)}, may be absent`
    return [[`\`${path}\``, type, textOf(field['description']) ?? ''], ...rows(field, path, definitions)]
  })
}

function typeOf(schema: Schema, definitions: Schema): string {
  const { type, enum: allowed, const: only, items, additionalProperties } = schema
  if (only !== undefined) return JSON.stringify(only)
  if (Array.isArray(allowed)) return allowed.map((value) => JSON.stringify(value)).join(' or ')
  if (type === 'array')
    return isFields(items) ? `list of ${typeOf(resolved(items, definitions), definitions)}s` : 'list'
  if (isFields(additionalProperties))
    return `${typeOf(resolved(additionalProperties, definitions), definitions)}s by name`
  return Array.isArray(type) ? type.join(' or ') : (textOf(type) ?? 'object')
}

/** With what it refers to put in its place; what it says itself goes first. */
function resolved(schema: Schema, definitions: Schema): Schema {
  const name = /^#\/definitions\/(\w+)$/.exec(textOf(schema['$ref']) ?? '')?.[1]
  const target = name === undefined ? undefined : definitions[name]
  return isFields(target) ? { ...target, ...schema } : schema
}
