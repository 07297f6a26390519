import type { MeshAdapter } from './adapter.ts'
import { disjoint } from './disjoint.ts'
import type { HttpMatch } from './match.ts'
import { normalMatch } from './normal-match.ts'
import { equalActions } from './normal-treatment.ts'
import type { PortTraffic, TrafficRule } from './traffic.ts'

/** Two rules of which a mesh may try the later one first, and some request could tell. */
export interface OrderConflict {
  readonly earlier: TrafficRule
  readonly later: TrafficRule
  /** Whether the mesh certainly prefers the later one; otherwise it does not say, or it depends on the request. */
  readonly reversed: boolean
}

/** Whether the order of two rules cannot be told from outside: no request satisfies both, or both treat and divide it alike. */
export function rulesCommute(a: TrafficRule, b: TrafficRule): boolean {
  if (equalActions(a, b)) return true
  return matchesOf(a).every((one) => matchesOf(b).every((other) => exclude(one, other)))
}

/**
 * The pairs of rules whose written order is not certain to survive the mesh's own order of matches. Without any, each request
 * gets the same backends by either order: the mesh can only prefer a later rule that divides the request alike.
 */
export function orderConflicts(
  { rules, protocol }: Pick<PortTraffic, 'rules' | 'protocol'>,
  precedence: MeshAdapter['precedence'],
): OrderConflict[] {
  if (precedence === 'listed') return []
  // In normal form more is provable; the mesh's order, though, is asked about the matches as they are.
  const all = rules.map((rule) => ({
    rule,
    matches: matchesOf(rule).map((match) => ({ match, normal: normalMatch(match) })),
  }))
  return all.flatMap(({ rule: later, matches: others }, index) =>
    all.slice(0, index).flatMap(({ rule: earlier, matches }) => {
      const ranks = matches.flatMap((one) =>
        others
          .filter((other) => !disjoint(one.normal, other.normal))
          .map((other) => precedence(one.match, other.match, protocol)),
      )
      if (ranks.every((rank) => rank <= 0) || equalActions(earlier, later)) return []
      return [{ earlier, later, reversed: ranks.some((rank) => rank > 0) }]
    }),
  )
}

/**
 * Which of two matches a mesh follows where both hold, of which the first was written earlier: not above 0 for the earlier, above
 * for the later one, NaN where that depends on the request or nobody says.
 */
export type ReadingOrder = (earlier: HttpMatch, later: HttpMatch) => number

/** Rules as a mesh follows them, and pairs of which it is not known which goes first although some request could tell. */
export interface FollowedRules {
  readonly rules: readonly TrafficRule[]
  readonly open: readonly (readonly [TrafficRule, TrafficRule])[]
}

/**
 * The rules of somebody's objects in the order in which a mesh follows them: as written, or, where the mesh would reorder them, a
 * rule for each match. Orders of matches need not be total, so each rule only waits for those that certainly go before it.
 */
export function inFollowedOrder(rules: readonly TrafficRule[], order: ReadingOrder): FollowedRules {
  const isAsWritten = rules.every((later, index) =>
    rules.slice(0, index).every((earlier) => equalActions(earlier, later) || follows(earlier, later, order) <= 0),
  )
  if (isAsWritten) return { rules, open: [] }
  const split = rules.flatMap((rule) => matchesOf(rule).map((match) => ({ ...rule, matches: [match] })))
  const open: [TrafficRule, TrafficRule][] = []
  const before = split.map(() => new Set<number>())
  for (const [index, later] of split.entries())
    for (const [position, earlier] of split.slice(0, index).entries()) {
      if (rulesCommute(earlier, later)) continue
      const which = follows(earlier, later, order)
      if (Number.isNaN(which)) open.push([earlier, later])
      else if (which > 0) before[position]?.add(index)
      else before[index]?.add(position)
    }
  return { rules: placed(split, before), open }
}

/** Always the first that waits for nobody any more; in a circle, which an order of matches does not have, the first. */
function placed(rules: readonly TrafficRule[], before: readonly ReadonlySet<number>[]): TrafficRule[] {
  const waiting = rules.map((_, index) => index)
  const ordered: TrafficRule[] = []
  while (waiting.length > 0) {
    const free = waiting.findIndex((one) => !waiting.some((other) => before[one]?.has(other)))
    for (const index of waiting.splice(Math.max(free, 0), 1)) ordered.push(...rules.slice(index, index + 1))
  }
  return ordered
}

/** The greatest of what an order says of matches of two rules that one request can satisfy; NaN if one of them is. */
function follows(earlier: TrafficRule, later: TrafficRule, order: ReadingOrder): number {
  const ranks = matchesOf(earlier).flatMap((one) =>
    matchesOf(later)
      .filter((other) => !exclude(one, other))
      .map((other) => order(one, other)),
  )
  return Math.max(0, ...ranks)
}

/** In normal form more is provable; the mesh's order, though, is asked about the matches as they are. */
function exclude(a: HttpMatch, b: HttpMatch): boolean {
  return disjoint(inNormalForm(a), inNormalForm(b))
}

/** Of matches that are compared with all others of their port. */
const normalForms = new WeakMap<HttpMatch, HttpMatch>()

function inNormalForm(match: HttpMatch): HttpMatch {
  const form = normalForms.get(match) ?? normalMatch(match)
  normalForms.set(match, form)
  return form
}

const always: readonly HttpMatch[] = [{}]

function matchesOf(rule: TrafficRule): readonly HttpMatch[] {
  return rule.matches.length === 0 ? always : rule.matches
}
