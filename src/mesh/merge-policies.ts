import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { conjunction } from './conjunction.ts'
import type { HttpMatch } from './match.ts'
import { alwaysHolds } from './normal-match.ts'
import { normalMatches } from './normal-matches.ts'
import type { ReadPolicy } from './policy-reading.ts'
import type { TrafficRule } from './traffic.ts'

/** A policy with its matches; undefined means every request. */
type ResolvedPolicy = ReadPolicy & { readonly ruleMatches: readonly HttpMatch[] | undefined }

interface MergeContext {
  readonly port: number
  /** How messages call the port of the apex. */
  readonly apex: string
  /** A name that no rule of the port has yet. */
  nameOf(wanted: string): string
  report(problem: Diagnostic, ...about: readonly { readonly source: string }[]): void
}

/** Far above what any mesh takes, and below what takes long. */
const mostParts = 1000

/**
 * The rules of one port with policies applied, kind by kind. A policy that takes a part of a rule's requests makes a rule of
 * that part, right before what is left: the first rule that takes a request is then the meeting of the first split and the
 * first policy of each kind that take it. Rules that redirect are left as they are.
 */
export function withPolicies(
  rules: readonly TrafficRule[],
  kinds: readonly (readonly ResolvedPolicy[])[],
  context: MergeContext,
): TrafficRule[] {
  let treated = [...rules]
  for (const policies of kinds) {
    const parts = sizeOf(treated) * (1 + policies.reduce((sum, { ruleMatches }) => sum + (ruleMatches?.length ?? 0), 0))
    if (policies.length > 0 && parts > mostParts) {
      context.report(diagnostic('AP2143', { apex: context.apex, count: parts, limit: mostParts }), ...kinds.flat())
      return treated
    }
    treated = withKind(treated, policies, context)
  }
  return treated
}

function sizeOf(rules: readonly TrafficRule[]): number {
  return rules.reduce((sum, { matches }) => sum + Math.max(1, matches.length), 0)
}

function withKind(
  rules: readonly TrafficRule[],
  policies: readonly ResolvedPolicy[],
  context: MergeContext,
): TrafficRule[] {
  const conditional = policies.filter(({ ruleMatches }) => ruleMatches !== undefined)
  const [plain, ...others] = policies.filter(({ ruleMatches }) => ruleMatches === undefined)
  for (const other of others) {
    if (plain === undefined) break
    const facts = { apex: context.apex, first: plain.output, second: other.output }
    context.report(diagnostic('AP2141', facts), plain, other)
  }
  return rules.flatMap((rule) => (rule.redirect === undefined ? divide(rule, conditional, plain, context) : [rule]))
}

/** A rule, divided among the policies of one kind. */
function divide(
  rule: TrafficRule,
  conditional: readonly ResolvedPolicy[],
  plain: ResolvedPolicy | undefined,
  context: MergeContext,
): TrafficRule[] {
  const parts: TrafficRule[] = []
  const whole = JSON.stringify(normalMatches(rule.matches))
  for (const policy of conditional) {
    const matches = meet(rule.matches, policy.ruleMatches ?? [])
    if (matches === undefined) {
      context.report(diagnostic('AP2142', { apex: context.apex, output: policy.output, rule: rule.name }), policy)
      continue
    }
    if (matches === 'never') continue
    // Nothing is left of the rule for the policies after this one.
    if (JSON.stringify(normalMatches(matches)) === whole) return [...parts, treat(rule, policy, context.port)]
    const name = context.nameOf(rule.name === 'default' ? policy.name : joined(rule.name, policy.name))
    parts.push(treat({ ...rule, name, matches }, policy, context.port))
  }
  return [...parts, plain === undefined ? rule : treat(rule, plain, context.port)]
}

/** The matches of which one holds whenever one of both lists does; an empty list is no condition. */
function meet(as: readonly HttpMatch[], bs: readonly HttpMatch[]): HttpMatch[] | 'never' | undefined {
  if (as.some(alwaysHolds) || as.length === 0) return [...bs]
  const met = as.flatMap((a) => bs.map((b) => conjunction(a, b)))
  const possible = met.filter((match) => match !== 'never')
  if (possible.length === 0) return 'never'
  const said = possible.filter((match) => match !== undefined)
  return said.length < possible.length ? undefined : said
}

/** A redirect leaves nothing to be sent anywhere, or to be done about it. */
function treat(rule: TrafficRule, policy: ResolvedPolicy, port: number): TrafficRule {
  const treatment = policy.treatment(port)
  if (treatment.redirect === undefined) return { ...rule, ...treatment }
  const { name, matches } = rule
  return { name, matches, backends: [], redirect: treatment.redirect }
}

/** A DNS label of at most 63 characters. */
function joined(rule: string, policy: string): string {
  return `${rule}-${policy}`.slice(0, 63).replace(/-+$/, '')
}
