import type { TrafficRule } from './traffic.ts'

/** A name that a TLS client may ask for: a DNS name in lower case, or `*.` and a domain for every name below it. */
const serverName = /^(?=.{1,253}$)(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/
const address = /^(\*\.)?\d+(\.\d+){3}$/

/** Why no mesh can compare a name with what clients ask for; undefined when all can. */
export function serverNameProblem(name: string): string | undefined {
  if (!serverName.test(name)) return 'it is not a DNS name in lower case, with *. before it at most'
  return address.test(name) ? 'clients ask for no addresses (RFC 6066)' : undefined
}

/**
 * How specifically one of these names takes the one that a client asked for: an exact name before a longer domain before a
 * shorter one, as Envoy and the Gateway API compare them. Undefined when none does; no names at all take everything, last.
 */
export function serverNameRank(names: readonly string[], asked: string | undefined): number | undefined {
  if (names.length === 0) return 0
  if (asked === undefined) return undefined
  const name = asked.toLowerCase()
  const ranks = names.flatMap((one) => {
    if (one === name) return [Number.POSITIVE_INFINITY]
    return one.startsWith('*.') && name.endsWith(one.slice(1)) && name.length >= one.length ? [one.length] : []
  })
  return ranks.length === 0 ? undefined : Math.max(...ranks)
}

/** The names of all matches of a rule, each once and in order; none where the rule takes every connection. */
export function serverNamesOf({ matches }: Pick<TrafficRule, 'matches'>): string[] {
  const names = matches.flatMap(({ sniHosts = [] }) => sniHosts)
  return [...new Set(names)].sort()
}

/**
 * The rules of a TLS port with each name in the first of them that has it, in one match, and without rules that are left with
 * none. A proxy refuses all of its configuration when a name is there twice.
 */
export function withDistinctNames(rules: readonly TrafficRule[]): TrafficRule[] {
  const taken = new Set<string>()
  return rules.flatMap((rule) => {
    if (rule.matches.length === 0) return [rule]
    const names = serverNamesOf(rule).filter((name) => !taken.has(name))
    for (const name of names) taken.add(name)
    return names.length === 0 ? [] : [{ ...rule, matches: [{ sniHosts: names }] }]
  })
}
