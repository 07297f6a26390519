import { normalBackends } from './normal-backends.ts'
import { withDistinctNames } from './server-names.ts'
import { compareText } from './service.ts'
import type { TrafficRule } from './traffic.ts'

/**
 * The rules of a TCP or TLS port in the form in which they are compared. Names decide by how specific they are, so that the order
 * of rules means nothing; those with the same backends are one.
 */
export function normalConnections(rules: readonly TrafficRule[]): TrafficRule[] {
  const byBackends = new Map<string, TrafficRule>()
  const unconditional = rules.find(({ matches }) => matches.length === 0)
  for (const { name, matches, backends } of withDistinctNames(rules.filter((rule) => rule.matches.length > 0))) {
    const normal = normalBackends(backends)
    const key = JSON.stringify(normal)
    const known = byBackends.get(key)?.matches ?? []
    byBackends.set(key, { name, matches: [...known, ...matches], backends: normal })
  }
  const named = withDistinctNames([...byBackends.values()]).sort((a, b) =>
    compareText(JSON.stringify(a.matches), JSON.stringify(b.matches)),
  )
  const last = unconditional && { ...unconditional, backends: normalBackends(unconditional.backends) }
  return [
    ...named.map((rule, index) => ({ ...rule, name: `rule-${index + 1}` })),
    ...(last ? [{ ...last, name: 'default' }] : []),
  ]
}
