import type { Diagnostic } from '../../diagnostics/diagnostic.ts'

/** One line of `ap doctor`. `unknown`: it could not be found out from here, which is no failure. */
export interface Check {
  readonly check: 'node' | 'project' | 'cluster' | 'mesh' | 'prometheus' | 'rights' | 'operator'
  readonly state: 'ok' | 'failed' | 'unknown'
  readonly text: string
  /** What to do; where there is nothing to do, it is absent. */
  readonly remedy?: string
}

export function failed(check: Check['check'], { code, message, remedy }: Diagnostic): Check {
  return { check, state: 'failed', text: `${code} ${message}`, remedy }
}
