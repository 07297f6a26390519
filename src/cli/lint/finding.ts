import type { Diagnostic } from '../../diagnostics/diagnostic.ts'

/** How much a finding matters: errors make the call fail, warnings are likely mistakes, notes are worth knowing. */
export type Level = 'error' | 'warning' | 'note'

export interface Finding {
  readonly level: Level
  readonly diagnostic: Diagnostic
}

/** Diagnostics of one level, as findings. */
export function findings(level: Level, diagnostics: readonly Diagnostic[]): Finding[] {
  return diagnostics.map((diagnostic) => ({ level, diagnostic }))
}

/** Each once, by file as first met, then by place. */
export function inOrder(all: readonly Finding[]): Finding[] {
  const distinct = [...new Map(all.map((one) => [keyOf(one), one])).values()]
  const files = [...new Set(distinct.map(({ diagnostic }) => diagnostic.position?.file))]
  const rank = ({ diagnostic: { position } }: Finding) => {
    return [files.indexOf(position?.file), position?.line ?? 0, position?.column ?? 0]
  }
  return distinct.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    return left.map((number, index) => number - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
  })
}

function keyOf({ diagnostic: { code, message, position } }: Finding): string {
  return `${code} ${message} ${position?.file}:${position?.line}:${position?.column}`
}
