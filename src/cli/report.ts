import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError, formatDiagnostic } from '../diagnostics/diagnostic.ts'

export function isDiagnosticError(error: unknown): error is DiagnosticError {
  return error instanceof DiagnosticError
}

/** Why the system refuses a file that a command reads or writes, by Node's code. Any other failure is a defect of ours. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'something else is there',
  ENOSPC: 'there is no space left',
  EDQUOT: 'this user has no space left',
  EROFS: 'its file system is read-only',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its symbolic links go round in a circle',
}

/** What to tell of a file that the system refuses; undefined for any other error. */
export function refusedFile(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && 'path' in error && 'syscall' in error)) return undefined
  // A program that cannot be started, or a socket, is none.
  if (typeof error.path !== 'string' || /^(spawn|connect|listen|bind)/.test(String(error.syscall))) return undefined
  const problem = refusals[String(error.code)]
  return problem === undefined ? undefined : formatDiagnostic(diagnostic('AP6060', { path: error.path, problem }))
}
