import { type Diagnostic, DiagnosticError, formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { explain } from '../kube/explain.ts'

/** Longest text of an error from user code. */
const longest = 500

/** An error as one line for people: what is known about it, else its message. The stack is for the log alone. */
export function describeFailure(error: unknown, server: string): string {
  if (error instanceof DiagnosticError) return formatAll(error.diagnostics)
  const explained = explain(error, { server })
  if (explained !== undefined) return formatDiagnostic(explained)
  const text = error instanceof Error ? error.message || error.name : safeText(error)
  const [line = ''] = text.trim().split('\n')
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line || 'an error without a message'
}

export function formatAll(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join(' ')
}

/** Anything can be thrown, also what cannot be turned into a string. */
function safeText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return typeof value
  }
}
