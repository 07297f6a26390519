import { cookiePattern } from '../../src/mesh/cookie-pattern.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from '../../src/mesh/match.ts'
import { anchored, quoteRegex } from '../../src/mesh/regex.ts'

/** One match of an HTTPRouteGroup. `headers` is a list of maps with one key each, as the schema and the SDK have it. */
export interface SmiMatch {
  readonly name: string
  readonly pathRegex?: string
  readonly methods?: readonly string[]
  readonly headers?: readonly Readonly<Record<string, string>>[]
}

/**
 * A neutral match in SMI's words. Expressions for headers are anchored: the specification does not say whether an expression
 * has to take the whole value, and anchored ones mean the same either way.
 */
export function smiMatch(name: string, { path, methods, headers = [], cookies = [] }: HttpMatch): SmiMatch {
  const conditions = [
    ...headers.map((header) => ({ [header.name]: headerPattern(header) })),
    ...cookies.map((cookie) => ({ cookie: `^${cookiePattern(cookie)}$` })),
  ]
  const said = {
    ...(path && { pathRegex: pathPattern(path) }),
    ...(methods && { methods }),
    ...(conditions.length > 0 && { headers: conditions }),
  }
  // A match has to have a condition; one that always holds takes every path.
  return { name, ...(Object.keys(said).length === 0 ? { pathRegex: '.*' } : said) }
}

/** SMI anchors the expression at the start of the path only. */
function pathPattern(path: PathMatch): string {
  if ('exact' in path) return `${quoteRegex(path.exact)}$`
  if ('prefixString' in path) return quoteRegex(path.prefixString)
  if ('regex' in path) return anchored(path.regex)
  const prefix = path.prefixPath.replace(/\/+$/, '')
  return prefix === '' ? '/' : `${quoteRegex(prefix)}(/.*)?$`
}

function headerPattern(header: HeaderMatch): string {
  if ('exact' in header) return `^${quoteRegex(header.exact)}$`
  if ('prefix' in header) return `^${quoteRegex(header.prefix)}.*$`
  return 'regex' in header ? anchored(header.regex) : '.*'
}
