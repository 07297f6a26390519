import type { HttpMatch, PathMatch } from './match.ts'
import { alwaysHolds, normalMatch } from './normal-match.ts'
import { compareText } from './service.ts'

/** Methods a path is asked for; `any` is all of them, named or not. */
type Methods = ReadonlySet<string> | 'any'
/** The paths of the matches that agree on everything else. */
interface Family {
  readonly rest: HttpMatch
  readonly paths: Map<string, { readonly path: PathMatch | undefined; methods: Methods }>
}

/**
 * The matches of one rule, of which any may hold, in a form that does not tell how a mesh had to spell them: methods that
 * differ in nothing else share a match, `/foo` together with everything under `/foo/` is one prefix by segments, duplicates
 * are gone, the order is stable. Empty when one of them always holds, as then the rule has no condition. Idempotent.
 */
export function normalMatches(matches: readonly HttpMatch[]): HttpMatch[] {
  const normal = matches.map(normalMatch)
  if (normal.some(alwaysHolds)) return []
  if (normal.length === 1) return normal
  const families = new Map<string, Family>()
  for (const match of normal) addMatch(families, match)
  const spelled = [...families.values()].flatMap((family) => spell(foldPrefixes(family)))
  const byText = new Map(spelled.map((match) => [JSON.stringify(match), match]))
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, match]) => match)
}

function addMatch(families: Map<string, Family>, match: HttpMatch): void {
  const { path, methods, ...rest } = match
  const key = JSON.stringify(rest)
  const family = families.get(key) ?? { rest, paths: new Map() }
  families.set(key, family)
  for (const part of pathParts(path)) addMethods(family, part, methods === undefined ? 'any' : new Set(methods))
}

/** A prefix by segments is its own path and everything below it. */
function pathParts(path: PathMatch | undefined): (PathMatch | undefined)[] {
  if (path === undefined || !('prefixPath' in path)) return [path]
  return [{ exact: path.prefixPath }, { prefixString: `${path.prefixPath}/` }]
}

function addMethods(family: Family, path: PathMatch | undefined, methods: Methods): void {
  const key = JSON.stringify(path ?? null)
  const known = family.paths.get(key)
  family.paths.set(key, { path, methods: known === undefined ? methods : union(known.methods, methods) })
}

function foldPrefixes(family: Family): Family {
  const folded: Family = { rest: family.rest, paths: new Map(family.paths) }
  for (const below of family.paths.values()) {
    if (below.path === undefined || !('prefixString' in below.path) || !below.path.prefixString.endsWith('/')) continue
    const prefixPath = below.path.prefixString.slice(0, -1)
    const itself = family.paths.get(JSON.stringify({ exact: prefixPath }))
    if (itself === undefined) continue
    const common = intersection(itself.methods, below.methods)
    if (common !== 'any' && common.size === 0) continue
    addMethods(folded, { prefixPath }, common)
    keepRest(folded, itself, common)
    keepRest(folded, below, common)
  }
  return folded
}

function keepRest(family: Family, entry: { path: PathMatch | undefined; methods: Methods }, taken: Methods): void {
  const key = JSON.stringify(entry.path ?? null)
  const rest = difference(entry.methods, taken)
  if (rest === 'any' || rest.size > 0) family.paths.set(key, { path: entry.path, methods: rest })
  else family.paths.delete(key)
}

function spell(family: Family): HttpMatch[] {
  return [...family.paths.values()].map(({ path, methods }) =>
    normalMatch({ ...family.rest, ...(path && { path }), ...(methods !== 'any' && { methods: [...methods] }) }),
  )
}

function union(a: Methods, b: Methods): Methods {
  return a === 'any' || b === 'any' ? 'any' : new Set([...a, ...b])
}

function intersection(a: Methods, b: Methods): Methods {
  if (a === 'any') return b
  return b === 'any' ? a : new Set([...a].filter((method) => b.has(method)))
}

/** All but some methods cannot be said: what is left of `any` stays `any`, which the folded match repeats. */
function difference(from: Methods, taken: Methods): Methods {
  if (taken === 'any') return new Set()
  return from === 'any' ? 'any' : new Set([...from].filter((method) => !taken.has(method)))
}
