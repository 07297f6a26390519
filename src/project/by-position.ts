import type { Diagnostic } from '../diagnostics/diagnostic.ts'

/** Diagnostics of one file in the order in which a reader of the file meets their places. */
export function byPosition(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted(
    ({ position: a }, { position: b }) => (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  )
}
