import { sep } from 'node:path'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError, formatDiagnostic } from '../diagnostics/diagnostic.ts'

/** Why the system refuses a file that a command reads or writes, by Node's code. Any other failure is a defect of ours. */
const refusals: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENOENT: 'the system lets nobody make it, or a part of the path is not there',
  EEXIST: 'something else is there',
  ENOSPC: 'there is no space left',
  EDQUOT: 'this user has no space left',
  EROFS: 'its file system is read-only',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its symbolic links go round in a circle',
}

/** What to tell a user of an error, with files named from the folder they are in; undefined for a defect of ours. */
export function told(error: unknown, cwd: string): string | undefined {
  const diagnostics = error instanceof DiagnosticError ? error.diagnostics : refusedFile(error)
  return diagnostics?.map((one) => formatFrom(cwd, one)).join('\n')
}

/** `formatDiagnostic`, with files named from a folder. */
export function formatFrom(cwd: string, { code, message, remedy, position }: Diagnostic): string {
  const below = cwd.endsWith(sep) ? cwd : `${cwd}${sep}`
  const named = (text: string) => (below === sep ? text : text.replaceAll(below, ''))
  const place = position && { position: { ...position, file: named(position.file) } }
  return formatDiagnostic({ code, message: named(message), remedy, ...place })
}

function refusedFile(error: unknown): readonly Diagnostic[] | undefined {
  if (!(error instanceof Error && 'code' in error && 'path' in error && 'syscall' in error)) return undefined
  // A program that cannot be started, or a socket, is none.
  if (typeof error.path !== 'string' || /^(spawn|connect|listen|bind)/.test(String(error.syscall))) return undefined
  const problem = refusals[String(error.code)]
  return problem === undefined ? undefined : [diagnostic('AP6060', { path: error.path, problem })]
}
