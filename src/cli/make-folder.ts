import { mkdir, rmdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are not there, and resolves with the uppermost that it made;
 * where it fails, none of them is left. Node's own `recursive` never comes
 * back where a file system answers ENOENT for a folder whose parent is there, as /proc does.
 *
 * @throws the system's error, by the path it is about
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const failure = await failureOf(path)
  if (failure === undefined) return path
  if (failure.code === 'EEXIST' && (await isFolder(path))) return undefined
  const above = dirname(path)
  if (failure.code !== 'ENOENT' || above === path) throw failure
  const made = await makeFolder(above)
  const again = await failureOf(path)
  if (again === undefined) return made ?? path
  if (again.code === 'EEXIST' && (await isFolder(path))) return made
  if (made !== undefined) await removeEmpty(above, made)
  throw again
}

/** Removes a folder and those above it, up to `top`, as long as nobody has put anything there. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch {
    return
  }
  if (folder !== top) await removeEmpty(dirname(folder), top)
}

async function failureOf(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path)
    return undefined
  } catch (error) {
    if (isErrno(error)) return error
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  // A link to nowhere is there, and leads to no folder.
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
