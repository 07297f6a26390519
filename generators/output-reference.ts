import { stringify } from 'yaml'
import schema from '../schemas/outputs.schema.json' with { type: 'json' }
import type { MeshAdapter } from '../src/mesh/adapter.ts'
import { featureNames } from '../src/mesh/check.ts'
import { isFields, textOf } from '../src/mesh/fields.ts'
import { outputFeatures } from '../src/mesh/output-support.ts'
import { type NeutralOutputs, outputKinds } from '../src/mesh/outputs.ts'

/** One field of an output; `path` as in `retries.attempts`, `[]` for the items of a list. */
interface FieldRow {
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/** What is known of an output without a cluster: from its JSON Schema and the tables of the meshes. */
export interface OutputDescription {
  readonly name: keyof NeutralOutputs
  /** By which messages call one of its elements. */
  readonly kind: string
  readonly description: string
  readonly fields: readonly FieldRow[]
  /** Elements, as YAML. */
  readonly examples: readonly string[]
  readonly meshes: readonly {
    readonly mesh: string
    readonly has: readonly string[]
    readonly lacks: readonly string[]
  }[]
}

const definitions: Readonly<Record<string, unknown>> = schema.definitions
/** Fields of these hold whole languages of their own, which have pages of their own. */
const deepest = 2

/** Describes one output. */
export function describeOutput(name: keyof NeutralOutputs, adapters: readonly MeshAdapter[]): OutputDescription {
  const definition = resolved(schema.properties[name].items)
  const examples = Array.isArray(definition['examples']) ? definition['examples'] : []
  return {
    name,
    kind: outputKinds[name],
    description: textOf(definition['description']) ?? '',
    fields: fieldsOf(definition, '', 1),
    examples: examples.map((example: unknown) => stringify(example, { compat: 'yaml-1.1', lineWidth: 0 })),
    meshes: adapters.map(({ name: mesh, capabilities }) => {
      const features = outputFeatures[name]
      const lacks = features.filter((feature) => capabilities[feature].support === 'unsupported')
      const names = (list: typeof features) => list.map((feature) => featureNames[feature])
      return { mesh, has: names(features.filter((feature) => !lacks.includes(feature))), lacks: names(lacks) }
    }),
  }
}

/** docs/reference/outputs/<output>.md. */
export function outputPage({ name, kind, description, fields, examples, meshes }: OutputDescription): string {
  const rows = fields.map(({ path, type, required, description: what }) => [
    `\`${path}\``,
    required ? `${type}, required` : type,
    what,
  ])
  const table = [['field', 'type', 'meaning'], ['---', '---', '---'], ...rows]
  const support = meshes.map(({ mesh, has, lacks }) => [mesh, has.join(', ') || 'nothing', lacks.join(', ')])
  const supportTable = [['mesh', 'has', 'lacks'], ['---', '---', '---'], ...support]
  return `${[
    `# \`${name}\``,
    `${description} Messages call one of them ${kind}.`,
    table.map(row).join('\n'),
    ...examples.map((example) => `\`\`\`yaml\n${example}\`\`\``),
    supportTable.map(row).join('\n'),
    'Why a mesh lacks something, and how what is emulated is done: [what each mesh can do](../capabilities.md). What it all means:',
  ].join(
    '\n\n',
  )}\n[semantics](../semantics.md). This page is generated from \`schemas/outputs.schema.json\`; \`npm run docs\` renews it.\n`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('  |', ' |')
}

function fieldsOf(definition: Readonly<Record<string, unknown>>, prefix: string, depth: number): FieldRow[] {
  const { properties, required } = definition
  if (!isFields(properties)) return []
  return Object.entries(properties).flatMap(([name, value]): FieldRow[] => {
    const field = resolved(value)
    const isRequired = Array.isArray(required) && required.includes(name)
    const path = `${prefix}${name}`
    const own = { path, type: typeOf(field), required: isRequired, description: textOf(field['description']) ?? '' }
    if (depth >= deepest) return [own]
    const items = resolved(field['items'])
    return [own, ...fieldsOf(field, `${path}.`, depth + 1), ...fieldsOf(items, `${path}[].`, depth + 1)]
  })
}

/** A schema with what it refers to put in its place; what it says itself goes first. */
function resolved(value: unknown): Readonly<Record<string, unknown>> {
  if (!isFields(value)) return {}
  const name = /^#\/definitions\/(\w+)$/.exec(textOf(value['$ref']) ?? '')?.[1]
  if (name === undefined) return value
  const definition = definitions[name]
  if (!isFields(definition)) return value
  // What a number is counted in is said once, where it is defined.
  const unit = definition['properties'] === undefined ? textOf(definition['description']) : undefined
  const own = textOf(value['description'])
  return { ...definition, ...value, ...(own !== undefined && unit !== undefined && { description: `${own} ${unit}` }) }
}

function typeOf(field: Readonly<Record<string, unknown>>): string {
  const { type, enum: allowed, items, const: only } = field
  if (only !== undefined) return JSON.stringify(only)
  if (Array.isArray(allowed)) return allowed.map((value) => JSON.stringify(value)).join(' or ')
  if (type === 'array') {
    const inner = typeOf(resolved(items))
    return inner === '' ? 'list' : `list of ${inner}s`
  }
  return Array.isArray(type) ? type.join(' or ') : (textOf(type) ?? '')
}
