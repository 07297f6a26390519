import { cookieValueRegex } from './cookie-pattern.ts'
import type { HeaderMatch, HttpMatch, PathMatch, StringMatch, ValueMatch } from './match.ts'
import { matchesWhole } from './regex.ts'
import type { MeshRequest } from './routing.ts'

/** Whether a rule with these matches takes the request: one of them holds, or there is none. */
export function anyMatchHolds(matches: readonly HttpMatch[], request: MeshRequest): boolean {
  return matches.length === 0 || matches.some((match) => matchHolds(match, request))
}

/** The neutral meaning of a match: all of its conditions hold. */
export function matchHolds(match: HttpMatch, request: MeshRequest): boolean {
  return (
    (match.path === undefined || pathHolds(match.path, request.path)) &&
    (match.methods === undefined || match.methods.includes(request.method)) &&
    (match.headers ?? []).every((header) => headerHolds(header, request)) &&
    (match.cookies ?? []).every((cookie) => cookieHolds(cookie, request.headers['cookie'])) &&
    (match.queryParams ?? []).every((param) => valueHolds(param, request.query[param.name]))
  )
}

export function pathHolds(condition: PathMatch, path: string): boolean {
  if ('exact' in condition) return path === condition.exact
  if ('prefixString' in condition) return path.startsWith(condition.prefixString)
  if ('regex' in condition) return matchesWhole(condition.regex, path)
  const prefix = condition.prefixPath.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** Whether a value satisfies a condition. */
export function stringHolds(condition: StringMatch, value: string): boolean {
  if ('exact' in condition) return value === condition.exact
  if ('prefix' in condition) return value.startsWith(condition.prefix)
  return matchesWhole(condition.regex, value)
}

/** The values of one cookie, in the order of the header; white space before a cookie is not part of it. */
export function cookieValues(name: string, header: string | undefined): string[] {
  if (header === undefined) return []
  const parts = header.split(';').map((part, index) => (index === 0 ? part : part.replace(/^[\t\n\f\r ]+/, '')))
  return parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))
}

function headerHolds(condition: HeaderMatch, request: MeshRequest): boolean {
  const value = request.headers[condition.name.toLowerCase()]
  if ('absent' in condition) return value === undefined
  if (value === undefined) return false
  return 'present' in condition || stringHolds(condition, value)
}

/** A cookie that is sent twice satisfies a condition with either of its values. */
function cookieHolds(condition: ValueMatch, header: string | undefined): boolean {
  const bounded = 'regex' in condition ? { ...condition, regex: cookieValueRegex(condition.regex) } : condition
  return cookieValues(condition.name, header).some((value) => valueHolds(bounded, value))
}

function valueHolds(condition: ValueMatch, value: string | undefined): boolean {
  return value !== undefined && ('present' in condition || stringHolds(condition, value))
}
