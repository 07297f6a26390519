import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { AttachableKind, AttachedSplit, DividedRule, RuleRecord } from './attachment.ts'
import { routeName } from './attachment.ts'
import { type Fields, fieldsOf, listOf, numberOf } from './fields.ts'
import type { FieldPath } from './object-reading.ts'
import { formOf, matchRecords, showsEdit, valueAtPath } from './rule-records.ts'
import { selectRules } from './select-rules.ts'

/** What other resources do to the same route. */
export interface RouteClaims {
  readonly splits: readonly AttachedSplit[]
  readonly records: readonly { readonly source: string; readonly rules: readonly RuleRecord[] }[]
}

/** A user's route as it should be, and what has to be known to undo that. */
export interface RouteEdit {
  readonly object: KubeObject
  /** Has to be remembered before the object is written: with it, the edited route and the one as it was are both restored. */
  readonly during: readonly RuleRecord[]
  /** Is enough once the object is written: a rule that is as it was needs none. */
  readonly after: readonly RuleRecord[]
  /** What keeps the splits from being carried out; then nothing is edited. */
  readonly problems: readonly Diagnostic[]
}

/**
 * Sets the weights of splits in the rules of a user's route, and restores the rules that no split is attached to any more.
 *
 * Guarantees:
 * - nothing but the field `weight` of the splits' backends, and backends that were not there, is touched;
 * - rules that would divide their requests as they did before are left, or put back, exactly as they were;
 * - restoring after editing gives what was there, and so does restoring what was never edited;
 * - what the user edits meanwhile, inside and outside of these rules, is kept;
 * - doing it twice changes nothing.
 *
 * While a rule is edited it has all backends of the split, those of weight 0 too. Added ones are copies of the rule's first
 * destination with another name, so that they have its port, its filters and whatever else it says.
 *
 * @param records what this resource's earlier edits of this very object have left
 */
export function editRoute(
  object: KubeObject,
  kind: AttachableKind,
  splits: readonly AttachedSplit[],
  records: readonly RuleRecord[],
  claims: RouteClaims = { splits: [], records: [] },
): RouteEdit {
  const rules = kind.rules(object)
  const known = matchRecords(object, rules, records)
  const taken = new Map<DividedRule, string>()
  for (const claim of claims.records)
    for (const rule of matchRecords(object, rules, claim.rules).keys()) taken.set(rule, claim.source)
  for (const split of claims.splits) for (const rule of selectRules(rules, split).rules) taken.set(rule, split.output)
  const problems: Diagnostic[] = []
  const wanted = new Map<DividedRule, AttachedSplit>()
  for (const split of splits) {
    const selected = selectRules(rules, split)
    problems.push(...selected.problems)
    for (const rule of selected.rules) {
      const other = wanted.get(rule)?.output ?? taken.get(rule)
      if (other !== undefined) {
        const facts = { route: routeName(split.route), rule: rule.called, first: other, second: split.output }
        problems.push(diagnostic('AP2217', facts))
      }
      const added = known.get(rule)?.added ?? []
      problems.push(...destinationProblems(rule, split, added))
      wanted.set(rule, split)
    }
  }
  if (problems.length > 0) return { object, during: records, after: records, problems }
  const during: RuleRecord[] = []
  const after: RuleRecord[] = []
  let edited = object
  rules.forEach((rule, index) => {
    const split = wanted.get(rule)
    const record = known.get(rule)
    if (split === undefined && record === undefined) return
    const noted = split === undefined ? record : recordOf(object, rule, { index, count: rules.length, split, record })
    const entries = destinationsOf(object, rule)
    const original = noted === undefined ? entries : originalEntries(entries, kind, noted)
    const asked = split === undefined ? original : weighed(original, kind, split.backends)
    edited = withValueAtPath(
      edited,
      rule.path,
      asked.map(({ entry }) => entry),
    )
    // A rule that is as it was needs no record.
    if (noted === undefined || (asked === original && record === undefined)) return
    during.push(noted)
    if (asked !== original) after.push(noted)
  })
  return { object: edited, during, after, problems }
}

/** Only what the split speaks of can be weighed: the share of anything else would change with it. */
function destinationProblems(rule: DividedRule, split: AttachedSplit, added: readonly string[]): Diagnostic[] {
  const facts = { output: split.output, route: routeName(split.route), rule: rule.called }
  const names = new Set([...split.backends.map(({ service }) => service), ...added])
  const isOurs = ({ service }: DividedRule['destinations'][number]) =>
    service !== undefined && service.namespace === split.route.namespace && names.has(service.name)
  const foreign = rule.destinations.filter((destination) => !isOurs(destination)).map(({ called }) => called)
  if (foreign.length > 0) return [diagnostic('AP2215', { ...facts, foreign: foreign.join(', ') })]
  const present = rule.destinations.map(({ service }) => service?.name ?? '')
  const twice = present.find((name, index) => present.indexOf(name) !== index)
  return twice === undefined ? [] : [diagnostic('AP2218', { ...facts, destination: twice })]
}

interface Recorded {
  readonly index: number
  readonly count: number
  readonly split: AttachedSplit
  readonly record: RuleRecord | undefined
}

/**
 * What to remember of a rule. One that has lost all that was added has been written anew by its owner, so it is itself what was
 * there before.
 */
function recordOf(object: KubeObject, rule: DividedRule, { index, count, split, record }: Recorded): RuleRecord {
  const kept = record === undefined || (record.added.length > 0 && !showsEdit(rule, record)) ? undefined : record
  const before =
    kept?.before ??
    destinationsOf(object, rule).map(({ service, entry }) => {
      const weight = numberOf(entry['weight'])
      return { service, ...(weight !== undefined && { weight }) }
    })
  const present = new Set(before.map(({ service }) => service))
  const missing = split.backends.map(({ service }) => service).filter((name) => !present.has(name))
  const added = [...new Set([...(kept?.added ?? []), ...missing])].sort()
  return {
    ...(rule.name !== undefined && { name: rule.name }),
    index,
    count,
    form: formOf(object, rule),
    before,
    added,
  }
}

interface Destination {
  readonly service: string
  readonly entry: Fields
}

function destinationsOf(object: KubeObject, { path, destinations }: DividedRule): Destination[] {
  const entries = listOf(valueAtPath(object, path))
  return destinations.map(({ service }, index) => ({ service: service?.name ?? '', entry: fieldsOf(entries[index]) }))
}

/** The user's own destinations with the weights they had. One that the user has added since keeps the one it has. */
function originalEntries(entries: readonly Destination[], kind: AttachableKind, { added, before }: RuleRecord) {
  const weights = new Map(before.map((one) => [one.service, one]))
  const own = entries.filter(({ service }) => weights.has(service) || !added.includes(service))
  // A rule whose owner took out all but what was added would have no destination at all.
  const like = entries[0]?.entry ?? {}
  const kept = own.length > 0 ? own : before.map(({ service }) => ({ service, entry: kind.redirected(like, service) }))
  return kept.map(({ service, entry }) => {
    const known = weights.get(service)
    return { service, entry: known === undefined ? entry : withWeight(entry, known.weight) }
  })
}

/** The destinations with the weights of the backends; the very same where they divide requests so already. */
function weighed(
  original: readonly Destination[],
  kind: AttachableKind,
  backends: AttachedSplit['backends'],
): readonly Destination[] {
  if (sameShares(kind, original, backends)) return original
  const weights = new Map(backends.map(({ service, weight }) => [service, weight]))
  const present = new Set(original.map(({ service }) => service))
  const like = original[0]?.entry ?? {}
  const added = backends.filter(({ service }) => !present.has(service))
  return [
    ...original.map(({ service, entry }) => ({ service, entry: { ...entry, weight: weights.get(service) ?? 0 } })),
    ...added.map(({ service, weight }) => ({ service, entry: { ...kind.redirected(like, service), weight } })),
  ]
}

/** The same entry where it has this weight already; without the field where there was none. */
function withWeight(entry: Fields, weight: number | undefined): Fields {
  if (entry['weight'] === weight) return entry
  if (weight !== undefined) return { ...entry, weight }
  const { weight: _, ...rest } = entry
  return rest
}

/** Whether destinations divide requests as the backends would. Exact, as weights are whole numbers. */
function sameShares(
  kind: AttachableKind,
  destinations: readonly Destination[],
  backends: AttachedSplit['backends'],
): boolean {
  const present = new Map(
    destinations.map(({ service, entry }) => [service, kind.weightOf(entry['weight'], destinations.length === 1)]),
  )
  const asked = new Map(backends.map(({ service, weight }) => [service, weight]))
  const [all, sum] = [total(present), total(asked)]
  if (all <= 0) return false
  return [...new Set([...present.keys(), ...asked.keys()])].every(
    (service) => (present.get(service) ?? 0) * sum === (asked.get(service) ?? 0) * all,
  )
}

function total(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((sum, weight) => sum + weight, 0)
}

function withValueAtPath(object: KubeObject, path: FieldPath, value: unknown): KubeObject {
  const [first, ...rest] = path
  return typeof first === 'string' ? { ...object, [first]: replaced(object[first], rest, value) } : object
}

function replaced(inner: unknown, [first, ...rest]: FieldPath, value: unknown): unknown {
  if (first === undefined) return value
  if (typeof first === 'number')
    return listOf(inner).map((entry, i) => (i === first ? replaced(entry, rest, value) : entry))
  const fields = fieldsOf(inner)
  return { ...fields, [first]: replaced(fields[first], rest, value) }
}
