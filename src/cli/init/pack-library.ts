import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { makeFolder } from '../make-folder.ts'
import { packageFolder } from '../package.ts'

const vendor = 'vendor'

/**
 * Packs this checkout into a project, since no registry has it, and resolves with what its package.json says of it.
 *
 * @throws DiagnosticError when npm cannot pack it, with what npm said, or is interrupted; what was made for it is gone then
 */
export async function packLibrary(folder: string, signal: AbortSignal): Promise<string> {
  const target = join(folder, vendor)
  const made = await makeFolder(target)
  try {
    await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', target], {
      cwd: packageFolder(),
      signal,
    })
  } catch (cause) {
    if (made !== undefined) await rm(made, { recursive: true, force: true })
    const said =
      cause instanceof Error && 'stdout' in cause && 'stderr' in cause ? [cause.stdout, cause.stderr] : [cause]
    const problem =
      said
        .join('\n')
        .split('\n')
        .find((line) => /\berror\b/i.test(line)) ?? 'it does not say why'
    throw new DiagnosticError([diagnostic('AP6006', { problem })], { cause })
  }
  const tarball = (await readdir(target)).find((name) => name.endsWith('.tgz'))
  return `file:${vendor}/${tarball}`
}
