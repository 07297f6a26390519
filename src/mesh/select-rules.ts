import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { AttachedRule } from './adapter.ts'
import { type AttachableKind, type AttachedSplit, type DividedRule, routeName } from './attachment.ts'
import { fieldsOf, listOf } from './fields.ts'
import { valueAtPath } from './rule-records.ts'

export interface SelectedRules {
  readonly rules: readonly DividedRule[]
  readonly problems: readonly Diagnostic[]
}

/**
 * The rules a split is attached to. Without names it is the only one that has one of the backends: where there are several, some
 * may be there to stay as they are, such as a header that leads testers to the new version.
 */
export function selectRules(rules: readonly DividedRule[], split: AttachedSplit): SelectedRules {
  const facts = { output: split.output, route: routeName(split.route) }
  if (split.rules === undefined) {
    const candidates = rules.filter((rule) => hasBackend(rule, split))
    if (candidates.length === 1) return { rules: candidates, problems: [] }
    const called = candidates.length === 0 ? 'no rule' : `each of ${listed(candidates)}`
    return { rules: [], problems: [diagnostic('AP2216', { ...facts, candidates: called })] }
  }
  const selected = split.rules.map((selector) => {
    const named = rules.filter(({ name, index }) => (typeof selector === 'string' ? name : index) === selector)
    return { selector, named }
  })
  const problems = selected
    .filter(({ named }) => named.length !== 1)
    .map(({ selector, named }) => {
      const rule = typeof selector === 'string' ? selector : `number ${selector}`
      const found = named.length === 0 ? 'no such rule' : `${named.length} such rules`
      return diagnostic('AP2214', { ...facts, rule, found, known: listed(rules) })
    })
  return { rules: [...new Set(selected.flatMap(({ named }) => (named.length === 1 ? named : [])))], problems }
}

/** What the rules that a split is attached to say now. */
export function observeRules(object: KubeObject, kind: AttachableKind, split: AttachedSplit): AttachedRule[] {
  return selectRules(kind.rules(object), split).rules.map(({ called, path, destinations }) => {
    const entries = listOf(valueAtPath(object, path)).map(fieldsOf)
    const backends = destinations.flatMap(({ service }, index) => {
      const weight = kind.weightOf(entries[index]?.['weight'], destinations.length === 1)
      return service === undefined ? [] : [{ service, weight }]
    })
    return { name: `${called} of ${routeName(split.route)}`, backends }
  })
}

function hasBackend({ destinations }: DividedRule, { backends, route }: AttachedSplit): boolean {
  return destinations.some(
    ({ service }) =>
      service?.namespace === route.namespace && backends.some((backend) => backend.service === service.name),
  )
}

function listed(rules: readonly DividedRule[]): string {
  return rules.length === 0 ? 'none' : rules.map(({ called }) => called).join(', ')
}
