import { DiagnosticError, formatDiagnostic } from '../../src/diagnostics/diagnostic.ts'

/** The lines that a user sees when `load` refuses a file; fails when it does not. */
export function complaints(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map(formatDiagnostic)
    throw error
  }
  throw new Error('the file was accepted')
}

/** `complaints` without the remedies, which run to lists of everything known. */
export function shortComplaints(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    return error.diagnostics.map(
      ({ code, message, position }) => `${position?.line}:${position?.column} ${code} ${message}`,
    )
  }
  throw new Error('the file was accepted')
}
