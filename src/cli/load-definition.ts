import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { OperatorDefinition } from '../operator/definition.ts'

/** Where the code of a project may be: as written, or compiled. */
const entries = [
  'src/generated/operator.ts',
  'src/operator.ts',
  'dist/src/generated/operator.js',
  'src/operator.js',
  'dist/src/operator.js',
  'operator.js',
]

/**
 * The file that holds the code of the project in `folder`.
 *
 * @throws DiagnosticError when there is none
 */
export function projectEntry(folder: string): string {
  const file = entries.map((entry) => join(folder, entry)).find((path) => existsSync(path))
  if (file === undefined) throw new DiagnosticError([diagnostic('AP6002', { folder, entries: entries.join(', ') })])
  return file
}

/**
 * Imports the code of the project in `folder`.
 *
 * @throws DiagnosticError when there is none, when it does not load (with the cause), or when its default export is no operator
 */
export async function loadDefinition(folder: string): Promise<OperatorDefinition> {
  const file = projectEntry(folder)
  const definition = await importDefault(file)
  if (!isOperatorDefinition(definition)) throw new DiagnosticError([diagnostic('AP6003', { file })])
  return definition
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(file).href)
    return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new DiagnosticError([diagnostic('AP6004', { file, problem })], { cause })
  }
}

function isOperatorDefinition(value: unknown): value is OperatorDefinition {
  if (typeof value !== 'object' || value === null) return false
  if (!('spec' in value && 'status' in value && 'workers' in value)) return false
  const { spec, status, workers } = value
  return isSchema(spec) && isSchema(status) && typeof workers === 'object' && workers !== null
}

/** By shape and not by class: a project may have a zod of its own. */
function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function'
}
