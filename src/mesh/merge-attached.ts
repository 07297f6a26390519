import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AttachedSplit } from './attachment.ts'
import type { ReadSplit } from './output-reading.ts'
import type { AttachTo } from './outputs.ts'
import { serviceName } from './service.ts'
import type { ServiceRef } from './traffic.ts'

/** Anything else that is asked of an apex. */
interface OwnOutput {
  readonly output: string
  readonly source: string
}

interface MergedAttachments {
  readonly attached: readonly AttachedSplit[]
  readonly refused: readonly ServiceRef[]
  readonly diagnostics: readonly (Diagnostic & { readonly sources: readonly string[] })[]
}

/**
 * The splits that are attached to routes of users. They make no rules of their own, so that an apex has either these, in as
 * many routes as there are, or what the operator writes itself. An apex that has both is refused with all of it.
 */
export function mergeAttached(
  splits: readonly ReadSplit[],
  ownOf: (apex: ServiceRef) => readonly OwnOutput[],
): MergedAttachments {
  const diagnostics: MergedAttachments['diagnostics'][number][] = []
  const broken = new Map<string, ServiceRef>()
  const report = ({ source, apex }: ReadSplit, problem: Diagnostic, other = source) => {
    diagnostics.push({ ...problem, sources: [...new Set([source, other])] })
    broken.set(serviceName(apex), apex)
  }
  const attached = splits.flatMap(({ attachTo }, index) => {
    const split = splits[index]
    return attachTo === undefined || split === undefined ? [] : [{ split, attachTo }]
  })
  for (const { split } of attached) {
    for (const problem of split.problems) report(split, problem)
    const namesake = splits.find(({ source, name }) => source === split.source && name === split.name)
    if (namesake !== split && split.name !== '') report(split, diagnostic('AP2111', { output: split.output }))
    for (const backend of repeated(split)) report(split, diagnostic('AP2110', { output: split.output, backend }))
    for (const own of ownOf(split.apex)) {
      const facts = { apex: serviceName(split.apex), attached: split.output, own: own.output }
      report(split, diagnostic('AP2211', facts), own.source)
    }
  }
  return {
    attached: attached
      .filter(({ split }) => !broken.has(serviceName(split.apex)))
      .map(({ split, attachTo }) => attachedSplit(split, attachTo)),
    refused: [...broken.values()],
    diagnostics,
  }
}

function attachedSplit({ output, source, apex, backends }: ReadSplit, { kind, name, rules }: AttachTo): AttachedSplit {
  return { output, source, apex, route: { kind, namespace: apex.namespace, name }, rules, backends }
}

function repeated({ backends }: ReadSplit): string[] {
  const names = backends.map(({ service }) => service)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
