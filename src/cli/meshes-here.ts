import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { MeshProvider } from '../mesh/adapter.ts'
import { builtInMeshes } from '../meshes.ts'
import type { CommandIo } from './io.ts'

/**
 * The meshes that come along and, when one of `names` is none of them, those of the project in this folder. Its code is run for that
 * name only: a command about other meshes needs no code of anybody.
 *
 * @throws DiagnosticError when that code does not load
 */
export async function meshesHere(names: readonly unknown[], { cwd }: CommandIo): Promise<readonly MeshProvider[]> {
  const known = new Set<unknown>(builtInMeshes.map(({ name }) => name))
  const isStrange = names.some((name) => name !== undefined && !known.has(name))
  if (!isStrange || !existsSync(join(cwd, 'autopilot.yaml'))) return builtInMeshes
  const { loadDefinition } = await import('./load-definition.ts')
  try {
    return [...builtInMeshes, ...((await loadDefinition(cwd)).meshes ?? [])]
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics.every(({ code }) => code === 'AP6002'))
      return builtInMeshes
    throw error
  }
}
