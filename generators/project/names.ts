/** A kind in a sentence, as it is said in English: `an Example`, `a Canary`. */
export function aKind(kind: string): string {
  return `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** Names as a type, `'a' | 'b'`; none is `never`. */
export function unionOf(names: readonly string[]): string {
  return names.length === 0 ? 'never' : names.map((name) => `'${name}'`).join(' | ')
}

/** Names in a sentence; `nothing` for none. */
export function listOf(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? 'nothing'
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
