import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { isGenerated, isIntact, type ProjectFile } from '../../../generators/project/project-file.ts'

/** What is to be done about one file of a project. */
export interface PlannedFile {
  readonly path: string
  /**
   * `created`, `changed`: it is written; `unchanged`: it is as it should be, or the user's; `edited`: somebody changed what is
   * generated; `taken`: a file of the user's is where a generated one belongs; `obsolete`: it was generated and no longer is.
   */
  readonly state: 'created' | 'changed' | 'unchanged' | 'edited' | 'taken' | 'obsolete'
  readonly text?: string
  /** Set when what is written replaces what a user wrote; a copy of that is kept beside it. */
  readonly replaces?: 'user'
}

/**
 * Compares the files a project should have with those in its folder. `generatedFolders` are looked through for generated files that
 * are none of them any more; copies of what was replaced (`.orig`) are the user's. With `overwrite`, what people changed is written anew, their own files included.
 */
export async function planFiles(
  folder: string,
  files: readonly ProjectFile[],
  generatedFolders: readonly string[],
  overwrite: boolean,
): Promise<PlannedFile[]> {
  const planned = await Promise.all(files.map((file) => planFile(folder, file, overwrite)))
  const wanted = new Set(files.map(({ path }) => path))
  const found = (await Promise.all(generatedFolders.map((name) => filesIn(folder, name)))).flat()
  const obsolete = await Promise.all(
    found
      .filter((path) => !wanted.has(path) && !path.endsWith('.orig'))
      .map((path) => planObsolete(folder, path, overwrite)),
  )
  return [...planned, ...obsolete.flat()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function planFile(folder: string, { path, text, owner }: ProjectFile, overwrite: boolean): Promise<PlannedFile> {
  const before = await textOf(join(folder, path))
  const isStarted = owner === 'starter' && existsSync(dirname(join(folder, path)))
  if (before === undefined) return isStarted ? { path, state: 'unchanged' } : { path, state: 'created', text }
  if (before === text) return { path, state: 'unchanged' }
  if (owner === 'starter') return { path, state: 'unchanged' }
  if (owner === 'generated' && isGenerated(before) && isIntact(before)) return { path, state: 'changed', text }
  if (overwrite) return { path, state: 'changed', text, replaces: 'user' }
  if (owner === 'user') return { path, state: 'unchanged' }
  if (!isGenerated(before)) return { path, state: 'taken' }
  return { path, state: 'edited' }
}

async function planObsolete(folder: string, path: string, overwrite: boolean): Promise<PlannedFile[]> {
  const before = (await textOf(join(folder, path))) ?? ''
  if (!isGenerated(before)) return []
  return [{ path, state: overwrite || isIntact(before) ? 'obsolete' : 'edited' }]
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Paths of all files below a folder of the project, with `/` between their parts. */
async function filesIn(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${name}/${relative(join(folder, name), join(entry.parentPath, entry.name)).split(sep).join('/')}`)
}
