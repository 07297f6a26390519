import { disjoint } from './disjoint.ts'
import { pathHolds, stringHolds } from './http-match.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from './match.ts'
import { normalMatch } from './normal-match.ts'

/**
 * The match that holds exactly when both do. `never` when no request satisfies both; undefined when it takes more than one
 * condition on the path to say, which a match has no place for.
 */
export function conjunction(a: HttpMatch, b: HttpMatch): HttpMatch | 'never' | undefined {
  const [one, other] = [normalMatch(a), normalMatch(b)]
  if (disjoint(one, other)) return 'never'
  const path =
    one.path === undefined || other.path === undefined ? (one.path ?? other.path) : both(one.path, other.path)
  if (path === undefined && one.path !== undefined && other.path !== undefined) return undefined
  const methods =
    one.methods === undefined || other.methods === undefined
      ? (one.methods ?? other.methods)
      : one.methods.filter((method) => other.methods?.includes(method))
  const headers = join<HeaderMatch>(one.headers, other.headers, headerImplies)
  const cookies = [...(one.cookies ?? []), ...(other.cookies ?? [])]
  const queryParams = join<ValueMatch>(one.queryParams, other.queryParams, valueImplies)
  return normalMatch({
    ...(path && { path }),
    ...(methods && { methods }),
    ...(headers.length > 0 && { headers }),
    ...(cookies.length > 0 && { cookies }),
    ...(queryParams.length > 0 && { queryParams }),
  })
}

/** Of two conditions that some path satisfies, the narrower one; undefined when neither implies the other. */
function both(a: PathMatch, b: PathMatch): PathMatch | undefined {
  if (JSON.stringify(a) === JSON.stringify(b)) return a
  if (pathImplies(a, b)) return a
  return pathImplies(b, a) ? b : undefined
}

function pathImplies(a: PathMatch, b: PathMatch): boolean {
  if ('exact' in a) return pathHolds(b, a.exact)
  if ('exact' in b || 'regex' in a || 'regex' in b) return false
  const narrow = 'prefixPath' in a ? a.prefixPath : a.prefixString
  if ('prefixString' in b) return narrow.startsWith(b.prefixString)
  return narrow.startsWith(`${b.prefixPath}/`) || ('prefixPath' in a && a.prefixPath === b.prefixPath)
}

/** All conditions of both but for those that another one makes superfluous. */
function join<Condition extends { readonly name: string }>(
  as: readonly Condition[] = [],
  bs: readonly Condition[] = [],
  implies: (a: Condition, b: Condition) => boolean,
): Condition[] {
  const narrower = (condition: Condition, others: readonly Condition[]) =>
    others.some((other) => other.name === condition.name && implies(other, condition))
  const kept = as.filter((a) => !narrower(a, bs))
  return [...kept, ...bs.filter((b) => !narrower(b, kept))]
}

function headerImplies(a: HeaderMatch, b: HeaderMatch): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true
  if ('absent' in a || 'absent' in b) return false
  if ('present' in b) return true
  return 'exact' in a && stringHolds(b, a.exact)
}

function valueImplies(a: ValueMatch, b: ValueMatch): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true
  if ('present' in b) return true
  return 'exact' in a && stringHolds(b, a.exact)
}
