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
  return rules.flatMap((later, index) =>
    rules.slice(0, index).flatMap((earlier) => {
      if (equalActions(earlier, later)) return []
      const ranks = matchesOf(earlier).flatMap((one) =>
        matchesOf(later)
          .filter((other) => !exclude(one, other))
          .map((other) => precedence(one, other, protocol)),
      )
      if (ranks.every((rank) => rank <= 0)) return []
      return [{ earlier, later, reversed: ranks.some((rank) => rank > 0) }]
    }),
  )
}

/** In normal form more is provable; the mesh's order, though, is asked about the matches as they are. */
function exclude(a: HttpMatch, b: HttpMatch): boolean {
  return disjoint(normalMatch(a), normalMatch(b))
}

function matchesOf(rule: TrafficRule): readonly HttpMatch[] {
  return rule.matches.length === 0 ? [{}] : rule.matches
}
