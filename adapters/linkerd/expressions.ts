import { hasAlternatives } from '../../src/mesh/regex.ts'
import { regexTokens } from '../../src/mesh/regex-tokens.ts'

/**
 * Whether the leftmost-first match of an expression, which is what Linkerd's proxy looks at, is sure to span each value that the
 * expression takes as a whole. `a|ab` and `a*(ab)?` miss `ab`. One with `$` or `.*` at its end, or with nothing to choose before
 * its end, misses nothing; of others it is not known.
 */
export function missesNothing(pattern: string): boolean {
  if (hasAlternatives(pattern)) return false
  const [first, ...others] = [...regexTokens(pattern)]
  if (first === undefined) return true
  const tokens = /^\(\?[a-zA-Z-]+\)$/.test(first.text) ? others : [first, ...others]
  const [last, before] = [tokens.at(-1), tokens.at(-2)]
  if (last?.kind === 'meta' && last.text === '$') return true
  const isQuantified = last?.kind === 'meta' && ['*', '+'].includes(last.text)
  if (isQuantified && before?.kind === 'any') return true
  const chosen = isQuantified ? tokens.slice(0, -1) : tokens
  return chosen.every(({ kind, text }) => kind !== 'meta' || text === '^')
}
