import type { ValueMatch } from './match.ts'
import { literalOf, matchesWhole, quoteRegex, unanchored } from './regex.ts'
import { regexTokens } from './regex-tokens.ts'

const before = String.raw`(.*?;\s*)?`
const after = '(;.*)?'
const anyValue = '[^;]*'

/**
 * A condition on one cookie as a condition on the `cookie` header, which carries them all: no mesh knows cookies themselves.
 * It takes the header exactly when one of its `;`-separated parts, without the white space before it, is the cookie; the
 * SMI specification's own example forgets the white space and misses every cookie but the first. Still to be anchored.
 */
export function cookiePattern(cookie: ValueMatch): string {
  return `${before}${quoteRegex(cookie.name)}=${valuePattern(cookie)}${after}`
}

/** The cookie condition that a condition on the `cookie` header was made of; undefined when it is something else. */
export function readCookiePattern(pattern: string): ValueMatch | undefined {
  const inside = unanchored(pattern)
  if (!inside.startsWith(before) || !inside.endsWith(after)) return undefined
  const pair = inside.slice(before.length, -after.length)
  const equals = pair.indexOf('=')
  const name = equals < 0 ? undefined : literalOf(pair.slice(0, equals))
  if (name === undefined || name === '') return undefined
  const value = pair.slice(equals + 1)
  if (value === anyValue) return { name, present: true }
  const exact = literalOf(value)
  if (exact !== undefined) return { name, exact }
  const regex = unanchored(value)
  return regex === value ? undefined : { name, regex }
}

/**
 * The expression for a cookie's value in the form that cannot reach beyond the `;`: `.` becomes `[^;]` and so on.
 * The whole value is compared. Idempotent.
 */
export function cookieValueRegex(pattern: string): string {
  let bounded = ''
  for (const { kind, text } of regexTokens(pattern)) {
    if (kind === 'any') bounded += '[^;]'
    else if (kind === 'escape' && '\\S\\D\\W'.includes(text)) bounded += `[^;${text.toLowerCase()}]`
    else if (kind === 'class' && text.startsWith('[^') && !text.startsWith('[^;')) {
      const rest = text.slice(2)
      bounded += `[^;${/^[\]-]/.test(rest) ? '\\' : ''}${rest}`
    } else bounded += text
  }
  return bounded
}

/** Why an expression cannot be one for a cookie's value, or undefined. */
export function cookieRegexProblem(pattern: string): string | undefined {
  for (const { kind, text } of regexTokens(pattern)) {
    if (kind === 'meta' && (text === '^' || text === '$'))
      return 'leave out ^ and $: the whole value of the cookie is compared'
    if (kind === 'escape' && /^\\[AzZxpPa]/.test(text)) return `${text} cannot be used in the value of a cookie`
    if (kind === 'escape' && text === '\\;') return 'the value of a cookie has no ;'
    if (kind === 'literal' && text === ';') return 'the value of a cookie has no ;'
    if (kind === 'class' && !text.startsWith('[^') && matchesWhole(text, ';'))
      return `${text} takes the ; that ends a cookie`
  }
  return undefined
}

function valuePattern(cookie: ValueMatch): string {
  if ('present' in cookie) return anyValue
  return 'exact' in cookie ? quoteRegex(cookie.exact) : `(?:${cookieValueRegex(cookie.regex)})`
}
