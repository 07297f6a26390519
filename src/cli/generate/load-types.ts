import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { OperatorDefinition } from '../../operator/definition.ts'

type ResourceTypes = Pick<OperatorDefinition, 'spec' | 'status'>

/** Where a project defines the types of its resource: by itself, or as a part of its only file. */
const entries = ['src/spec.ts', 'src/operator.ts']

/** The file that defines the types of the project in `folder`; undefined when there is none. */
export function typesEntry(folder: string): string | undefined {
  return entries.map((entry) => join(folder, entry)).find((path) => existsSync(path))
}

/**
 * The zod definitions of a project, without its workers: they may not compile yet.
 *
 * @throws DiagnosticError when there are none or they do not load, with the cause
 */
export async function loadTypes(folder: string): Promise<ResourceTypes> {
  const file = typesEntry(folder)
  if (file === undefined) throw new DiagnosticError([diagnostic('AP6002', { folder, entries: entries.join(', ') })])
  const module = await importFile(file)
  const types = isTypes(module) ? module : module['default']
  if (!isTypes(types)) throw new DiagnosticError([diagnostic('AP6005', { file })])
  return { spec: types.spec, status: types.status }
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new DiagnosticError([diagnostic('AP6004', { file, problem })], { cause })
  }
}

function isTypes(value: unknown): value is ResourceTypes {
  if (typeof value !== 'object' || value === null || !('spec' in value && 'status' in value)) return false
  return [value.spec, value.status].every(
    (schema) => typeof schema === 'object' && schema !== null && 'safeParse' in schema,
  )
}
