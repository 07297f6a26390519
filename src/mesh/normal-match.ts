import { cookieValueRegex, readCookiePattern } from './cookie-pattern.ts'
import type { HeaderMatch, HttpMatch, PathMatch, StringMatch, ValueMatch } from './match.ts'
import { literalOf, unanchored } from './regex.ts'
import { compareText } from './service.ts'

/**
 * One match in its plainest words, with the same meaning: header names in lower case, methods in order, expressions that are
 * a text, a prefix or anything at all said as such, conditions that always hold left out, conditions on the `cookie` header
 * that ask for one cookie said as such, conditions in a stable order. Idempotent.
 */
export function normalMatch(match: HttpMatch): HttpMatch {
  const path = match.path && normalPath(match.path)
  const headers: HeaderMatch[] = []
  const cookies = (match.cookies ?? []).map(normalCookie)
  for (const header of (match.headers ?? []).map(normalHeader)) {
    const cookie = header.name === 'cookie' && 'regex' in header ? readCookiePattern(header.regex) : undefined
    if (cookie === undefined) headers.push(header)
    else cookies.push(normalCookie(cookie))
  }
  const queryParams = (match.queryParams ?? []).map((param) => normalValue(param, '.*'))
  return {
    ...(path && { path }),
    ...(match.methods && match.methods.length > 0 && { methods: [...new Set(match.methods)].sort(compareText) }),
    ...(headers.length > 0 && { headers: distinct(headers) }),
    ...(cookies.length > 0 && { cookies: distinct(cookies) }),
    ...(queryParams.length > 0 && { queryParams: distinct(queryParams) }),
    ...(match.sniHosts && {
      sniHosts: [...new Set(match.sniHosts.map((name) => name.toLowerCase()))].sort(compareText),
    }),
  }
}

/** Whether a match in normal form holds for every request. */
export function alwaysHolds(match: HttpMatch): boolean {
  return Object.keys(match).length === 0
}

/** The text before a final `.*`, when the rest is an escaped text and nothing more. */
export function prefixOf(pattern: string): string | undefined {
  return pattern.endsWith('.*') ? literalOf(pattern.slice(0, -2)) : undefined
}

function normalPath(path: PathMatch): PathMatch | undefined {
  if ('regex' in path) return normalPathRegex(unanchored(path.regex))
  if ('prefixString' in path) return path.prefixString.length <= 1 ? undefined : { prefixString: path.prefixString }
  if ('exact' in path) return { exact: path.exact }
  const prefix = path.prefixPath.replace(/\/+$/, '')
  return prefix === '' ? undefined : { prefixPath: prefix }
}

function normalPathRegex(regex: string): PathMatch | undefined {
  const exact = literalOf(regex)
  if (exact?.startsWith('/')) return { exact }
  const prefixString = prefixOf(regex)
  if (prefixString === '') return undefined
  if (prefixString?.startsWith('/')) return normalPath({ prefixString })
  const prefixPath = regex.endsWith('(/.*)?') ? literalOf(regex.slice(0, -'(/.*)?'.length)) : undefined
  if (prefixPath?.startsWith('/') && !prefixPath.endsWith('/')) return { prefixPath }
  return { regex }
}

function normalHeader(header: HeaderMatch): HeaderMatch {
  const name = header.name.toLowerCase()
  if ('present' in header) return { name, present: true }
  if ('absent' in header) return { name, absent: true }
  return { name, ...normalString(header) }
}

function normalString(condition: StringMatch): StringMatch | { present: true } {
  if ('exact' in condition) return { exact: condition.exact }
  if ('prefix' in condition) return condition.prefix === '' ? { present: true } : { prefix: condition.prefix }
  const regex = unanchored(condition.regex)
  const exact = literalOf(regex)
  if (exact !== undefined && exact !== '') return { exact }
  const prefix = prefixOf(regex)
  if (prefix !== undefined) return prefix === '' ? { present: true } : { prefix }
  return { regex }
}

function normalCookie(cookie: ValueMatch): ValueMatch {
  return normalValue('regex' in cookie ? { name: cookie.name, regex: cookieValueRegex(cookie.regex) } : cookie, '[^;]*')
}

/** `anything` is the expression that takes every value. */
function normalValue(condition: ValueMatch, anything: string): ValueMatch {
  const { name } = condition
  if ('present' in condition) return { name, present: true }
  if ('exact' in condition) return { name, exact: condition.exact }
  const regex = unanchored(condition.regex)
  if (regex === anything) return { name, present: true }
  const exact = literalOf(regex)
  return exact === undefined || exact === '' ? { name, regex } : { name, exact }
}

function distinct<Condition extends { readonly name: string }>(conditions: readonly Condition[]): readonly Condition[] {
  if (conditions.length === 1) return conditions
  const byText = new Map(conditions.map((condition) => [`${condition.name} ${JSON.stringify(condition)}`, condition]))
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, condition]) => condition)
}
