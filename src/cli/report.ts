import { DiagnosticError } from '../diagnostics/diagnostic.ts'

export function isDiagnosticError(error: unknown): error is DiagnosticError {
  return error instanceof DiagnosticError
}
