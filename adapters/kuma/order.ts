import type { HttpMatch } from '../../src/mesh/match.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import type { RouteMatch } from './mesh-http-route.ts'

/**
 * Kuma orders matches as the Gateway API does: an exact path, the longest prefix, a method, the number of headers, of query
 * parameters. What is greatest, most significant number first, is followed; of equals the first written.
 */
export function rankOf({ path, method, headers, queryParams }: RouteMatch): readonly number[] {
  const kind = path.type === 'Exact' ? 2 : path.type === 'PathPrefix' ? 1 : 0
  // A slash at the end of a prefix says nothing.
  const length = kind === 1 ? Math.max(1, path.value.replace(/\/+$/, '').length) : path.value.length
  return [kind, length, method === undefined ? 0 : 1, headers.length, queryParams.length]
}

/** The same as an order of neutral matches; NaN for expressions, of whose rank the API says nothing. */
export function precedence(a: HttpMatch, b: HttpMatch): number {
  return compareRanks(neutralRank(a), neutralRank(b))
}

/** A cookie is a condition on a header; no path is the prefix `/`. */
function neutralRank({ path = { prefixPath: '/' }, methods, headers = [], cookies = [], queryParams = [] }: HttpMatch) {
  if ('regex' in path || 'prefixString' in path) return undefined
  const value = 'exact' in path ? path.exact : path.prefixPath.replace(/\/+$/, '') || '/'
  return [
    'exact' in path ? 2 : 1,
    value.length,
    methods === undefined ? 0 : 1,
    headers.length + cookies.length,
    queryParams.length,
  ]
}
