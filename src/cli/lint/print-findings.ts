import { formatDiagnostic } from '../../diagnostics/diagnostic.ts'
import type { CommandIo } from '../io.ts'
import type { Finding, Level } from './finding.ts'
import type { LintedProject } from './lint-project.ts'
import { sarif } from './sarif.ts'

export const lintFormats = ['text', 'json', 'sarif'] as const
export type LintFormat = (typeof lintFormats)[number]

/** Prints the findings on stdout; as text, the level stands where it is not an error, and a count is the last line. */
export function printFindings(
  found: readonly Finding[],
  runsOn: LintedProject['runsOn'],
  format: LintFormat,
  io: CommandIo,
): void {
  if (format === 'text') {
    const lines = found.map(({ level, diagnostic }) => {
      return level === 'error' ? formatDiagnostic(diagnostic) : `${level}: ${formatDiagnostic(diagnostic)}`
    })
    io.stdout.write([...lines, ...verdict(runsOn), summary(found), ''].join('\n'))
    return
  }
  const data = format === 'sarif' ? sarif(found, io.cwd) : { findings: found.map(asJson), runsOn, ...counts(found) }
  io.stdout.write(`${JSON.stringify(data, null, 2)}\n`)
}

function asJson({ level, diagnostic: { code, message, remedy, position } }: Finding): object {
  return { level, code, ...position, message, remedy }
}

function counts(found: readonly Finding[]): Record<'errors' | 'warnings' | 'notes', number> {
  const count = (level: Level) => found.filter((one) => one.level === level).length
  return { errors: count('error'), warnings: count('warning'), notes: count('note') }
}

function summary(found: readonly Finding[]): string {
  const words = Object.entries(counts(found)).flatMap(([name, count]) => {
    return count === 0 ? [] : [`${count} ${count === 1 ? name.slice(0, -1) : name}`]
  })
  return words.length === 0 ? 'No findings' : words.join(', ')
}

/** Where the workflow runs, when that was asked of several meshes. */
function verdict(runsOn: LintedProject['runsOn']): string[] {
  if (runsOn.length < 2) return []
  const named = (runs: boolean) => runsOn.filter((one) => one.runs === runs).map(({ mesh }) => mesh)
  const [yes, no] = [named(true), named(false)]
  if (yes.length === 0) return [`Runs on none of ${no.join(', ')}`]
  return [`Runs on ${yes.join(', ')}${no.length === 0 ? '' : `; not on ${no.join(', ')}`}`]
}
