/** Where in a file something stands; lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * Something a user has to know about what they wrote, or about what their cluster holds.
 * `code` is stable and never reused; `docs/reference/errors.md` has an entry for each.
 */
export interface Diagnostic {
  readonly code: string
  /** What is wrong, with the names of the things it is about; one sentence without a full stop. */
  readonly message: string
  /** What to do next; a whole sentence. */
  readonly remedy: string
  readonly position?: SourcePosition
}

/** One entry of the catalogue: the text is made from facts, so that a message never misses the object it is about. */
export interface DiagnosticEntry<Facts> {
  readonly title: string
  readonly text: (facts: Facts) => string
  readonly remedy: string | ((facts: Facts) => string)
}

/** `file:line:col CODE message. Remedy`: the one form in which diagnostics are printed. */
export function formatDiagnostic({ code, message, remedy, position }: Diagnostic): string {
  const place = position === undefined ? '' : `${position.file}:${position.line}:${position.column} `
  return `${place}${code} ${message}. ${remedy}`
}

/** Diagnostics as an exception, for the places that cannot go on. The message is all of them, a line each. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[], options?: ErrorOptions) {
    super(diagnostics.map(formatDiagnostic).join('\n'), options)
    this.diagnostics = diagnostics
  }
}
