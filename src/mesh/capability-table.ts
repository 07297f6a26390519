import type { MeshAdapter } from './adapter.ts'
import type { Capabilities, Feature, Support } from './capabilities.ts'
import { featureNames } from './check.ts'

/** One feature on each of some meshes, in their order. */
export interface CapabilityRow {
  readonly feature: Feature
  /** How people call it. */
  readonly name: string
  readonly support: readonly Support[]
}

/** A whole table from the rows of what a mesh can do: every other feature, those of later versions among them, is `otherwise`. */
export function completeTable(rows: Partial<Capabilities>, otherwise: Support): Capabilities {
  return Object.fromEntries(features().map((feature) => [feature, rows[feature] ?? otherwise])) as Capabilities
}

/** The rows of the tables of some meshes, in the order in which features are listed. */
export function capabilityRows(adapters: readonly MeshAdapter[]): CapabilityRow[] {
  return features().map((feature) => ({
    feature,
    name: featureNames[feature],
    support: adapters.map(({ capabilities }) => capabilities[feature]),
  }))
}

/** The tables as Markdown: one row per feature, then what is emulated how and what is missing why, mesh by mesh. */
export function capabilityMarkdown(adapters: readonly MeshAdapter[]): string {
  const rows = capabilityRows(adapters)
  const head = ['feature', ...adapters.map(({ name }) => name)]
  const table = [head, head.map(() => '---'), ...rows.map(({ name, support }) => [name, ...support.map(word)])]
  const sections = adapters.map((adapter, index) => {
    const notes = rows.flatMap(({ name, support }) => note(name, support[index]))
    return [`## ${adapter.name}`, '', ...(notes.length > 0 ? notes : ['Everything is native.'])].join('\n')
  })
  return [table.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n'), ...sections].join('\n\n')
}

function word(support: Support): string {
  return support.support === 'unsupported' ? 'no' : support.support
}

function note(name: string, support: Support | undefined): string[] {
  if (support === undefined || support.support === 'native') return []
  if (support.support === 'unsupported') return [`- **${name}**: no, as ${support.reason}. ${support.instead}`]
  const caveat = support.caveat === 'none' ? '' : `; ${support.caveat}`
  return [`- **${name}**: emulated by ${support.by}${caveat}.`]
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function features(): Feature[] {
  return Object.keys(featureNames).filter(isFeature)
}

function isFeature(name: string): name is Feature {
  return Object.hasOwn(featureNames, name)
}
