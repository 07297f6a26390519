import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { generateProject } from '../generate/generate-project.ts'

const deployFolder = 'deploy'

/**
 * The generated files of a project that are not what its YAML files and types give. A project that was never generated has none, and
 * files that are missing are no mistake: not everybody keeps them.
 */
export async function staleFiles(
  folder: string,
  cwd: string,
  providers: readonly MeshProvider[],
): Promise<Diagnostic[]> {
  const path = resolve(cwd, folder)
  const names = providers.map(({ name }) => name)
  const meshes = names.filter((name) => existsSync(join(path, deployFolder, 'overlays', name, 'kustomization.yaml')))
  try {
    const options = { folder: path, deployFolder, providers, meshes, overwrite: false, check: true }
    const { files } = await generateProject(options)
    return files.flatMap((file) => {
      const position = { file: join(folder, file.path), line: 1, column: 1 }
      if (file.state === 'changed') return [diagnostic('AP1223', { file: file.path }, position)]
      if (file.state === 'obsolete') return [diagnostic('AP1224', { file: file.path }, position)]
      if (file.state === 'edited') return [diagnostic('AP1225', { file: file.path }, position)]
      return []
    })
  } catch (error) {
    // What keeps a project from being generated is told for itself.
    if (error instanceof DiagnosticError) return []
    throw error
  }
}
