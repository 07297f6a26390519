import type { HeaderMatch, PathMatch } from './match.ts'
import { normalMatch } from './normal-match.ts'
import { hasAlternatives } from './regex.ts'
import { regexTokens } from './regex-tokens.ts'

/**
 * SMI's `pathRegex` in neutral words. It is anchored at the start only, so that `/api` takes `/api/users` too
 * (smi-spec, traffic-specs v1alpha4); neutral expressions take the whole path. Undefined when every path satisfies it.
 */
export function readSmiPath(pathRegex: string): PathMatch | undefined {
  const pattern = pathRegex.startsWith('^') && !hasAlternatives(pathRegex) ? pathRegex.slice(1) : pathRegex
  return normalMatch({ path: { regex: wholePath(pattern) } }).path
}

/**
 * SMI's `headers` in neutral words: names with expressions that take the whole value. The specification's text shows one map,
 * its schema and SDK an array of maps with one key each; both are read.
 */
export function readSmiHeaders(headers: Readonly<Record<string, string>>): HeaderMatch[] {
  return Object.entries(headers).map(([name, regex]) => ({ name, regex }))
}

function wholePath(pattern: string): string {
  if (hasAlternatives(pattern)) return `(?:${pattern}).*`
  const last = [...regexTokens(pattern)].at(-1)
  if (last?.kind === 'meta' && last.text === '$') return pattern.slice(0, -1)
  return /(^|[^\\])\.\*$/.test(pattern) ? pattern : `${pattern}.*`
}
