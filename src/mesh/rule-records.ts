import { fingerprint } from '../kube/desired-fields.ts'
import type { KubeObject } from '../kube/object.ts'
import type { DividedRule, RuleRecord } from './attachment.ts'
import { type Fields, isFields } from './fields.ts'
import type { FieldPath } from './object-reading.ts'

/** The value at a path; undefined when there is none. */
export function valueAtPath(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (typeof part === 'number') return Array.isArray(inner) ? inner[part] : undefined
    return isFields(inner) ? inner[part] : undefined
  }, value)
}

/** What a rule is besides its destinations, as a fingerprint. */
export function formOf(object: KubeObject, { path }: DividedRule): string {
  const destinations = path.at(-1) ?? ''
  const { [destinations]: _, ...rest }: Fields = asFields(valueAtPath(object, path.slice(0, -1)))
  return fingerprint(rest)
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/**
 * Finds the rules that records are about, though rules may have been inserted, removed, reordered or edited since. A name
 * decides, then being otherwise the same, then the place. A rule whose destinations no edit of ours can have made is not taken.
 */
export function matchRecords(
  object: KubeObject,
  rules: readonly DividedRule[],
  records: readonly RuleRecord[],
): ReadonlyMap<DividedRule, RuleRecord> {
  const found = new Map<DividedRule, RuleRecord>()
  const left = new Set(records)
  const forms = new Map(rules.map((rule) => [rule, formOf(object, rule)]))
  const pair = (fits: (rule: DividedRule, record: RuleRecord, index: number) => boolean) => {
    for (const record of left) {
      const rule = rules.find((one, index) => !found.has(one) && fits(one, record, index))
      if (rule === undefined) continue
      found.set(rule, record)
      left.delete(record)
    }
  }
  const sameForm = (rule: DividedRule, { form }: RuleRecord) => forms.get(rule) === form
  const inPlace = (_: DividedRule, record: RuleRecord, index: number) =>
    index === record.index && rules.length === record.count
  pair((rule, { name }) => name !== undefined && rule.name === name)
  pair((rule, record, index) => sameForm(rule, record) && index === record.index && isEdited(rule, record))
  pair((rule, record, index) => sameForm(rule, record) && inPlace(rule, record, index) && mayBe(rule, record))
  pair((rule, record) => sameForm(rule, record) && isEdited(rule, record))
  pair((rule, record) => sameForm(rule, record) && mayBe(rule, record))
  pair((rule, record, index) => index === record.index && mayBe(rule, record))
  pair((rule, record) => isEdited(rule, record))
  return found
}

/** Whether the rule has a destination that was added. */
export function showsEdit(rule: DividedRule, { added }: RuleRecord): boolean {
  return namesOf(rule).some((name) => added.includes(name))
}

/** Whether the destinations are those that were there and all that was added. */
function isEdited(rule: DividedRule, record: RuleRecord): boolean {
  return record.added.length > 0 && mayBe(rule, record) && record.added.every((name) => namesOf(rule).includes(name))
}

/** Whether the destinations are those that were there, with or without some that were added. */
function mayBe(rule: DividedRule, { added, before }: RuleRecord): boolean {
  const names = namesOf(rule)
  const own = before.map(({ service }) => service)
  return own.every((name) => names.includes(name)) && names.every((name) => own.includes(name) || added.includes(name))
}

function namesOf({ destinations }: DividedRule): string[] {
  return destinations.map(({ service }) => service?.name ?? '')
}
