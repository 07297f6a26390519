import { copyFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import type { PlannedFile } from './plan-files.ts'

/** Writes what is created or changed and removes what is obsolete. What a user wrote is kept as `<file>.orig` when it is replaced. */
export async function writeFiles(folder: string, files: readonly PlannedFile[]): Promise<void> {
  for (const { path, state, text, replaces } of files) {
    const target = join(folder, path)
    if (state === 'obsolete') await rm(target)
    if (text === undefined) continue
    if (replaces === 'user') await copyFile(target, `${target}.orig`)
    await makeFolder(dirname(target))
    await writeFile(target, text)
  }
}
