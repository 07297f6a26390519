import { pathHolds, stringHolds } from './http-match.ts'
import type { HeaderMatch, HttpMatch, PathMatch, StringMatch, ValueMatch } from './match.ts'

/**
 * Whether it is certain that no request satisfies both matches. `false` says nothing: two expressions that exclude each other
 * are not compared. Cookies never exclude, as a request may send one twice; a request that repeats a header line with
 * two values is outside the model.
 */
export function disjoint(a: HttpMatch, b: HttpMatch): boolean {
  return (
    disjointMethods(a.methods, b.methods) ||
    (a.path !== undefined && b.path !== undefined && disjointPaths(a.path, b.path)) ||
    exclusive(a.headers, b.headers, disjointHeaders) ||
    exclusive(a.queryParams, b.queryParams, disjointValues)
  )
}

function disjointMethods(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && !a.some((method) => b.includes(method))
}

function disjointPaths(a: PathMatch, b: PathMatch): boolean {
  if ('exact' in a) return !pathHolds(b, a.exact)
  if ('exact' in b) return !pathHolds(a, b.exact)
  if ('regex' in a || 'regex' in b) return false
  if ('prefixPath' in a)
    return 'prefixPath' in b ? apart(`${a.prefixPath}/`, `${b.prefixPath}/`) : apart(`${a.prefixPath}/`, b.prefixString)
  return apart(a.prefixString, 'prefixPath' in b ? `${b.prefixPath}/` : b.prefixString)
}

/** Whether no text begins with both. A prefix by segments stands for its path followed by `/`, which meets the same prefixes. */
function apart(a: string, b: string): boolean {
  return !a.startsWith(b) && !b.startsWith(a)
}

function exclusive<Condition extends { readonly name: string }>(
  as: readonly Condition[] | undefined,
  bs: readonly Condition[] | undefined,
  exclude: (a: Condition, b: Condition) => boolean,
): boolean {
  if (as === undefined || bs === undefined) return false
  return as.some((a) => bs.some((b) => a.name === b.name && exclude(a, b)))
}

function disjointHeaders(a: HeaderMatch, b: HeaderMatch): boolean {
  if ('absent' in a) return !('absent' in b)
  if ('absent' in b) return true
  if ('present' in a || 'present' in b) return false
  return disjointStrings(a, b)
}

function disjointValues(a: ValueMatch, b: ValueMatch): boolean {
  if ('present' in a || 'present' in b) return false
  return disjointStrings(a, b)
}

function disjointStrings(a: StringMatch, b: StringMatch): boolean {
  if ('exact' in a) return !stringHolds(b, a.exact)
  if ('exact' in b) return !stringHolds(a, b.exact)
  if ('regex' in a || 'regex' in b) return false
  return apart(a.prefix, b.prefix)
}
