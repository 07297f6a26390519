import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { WorkloadAccess } from '../mesh/access.ts'
import { checkAccess, checkMtls, checkMtlsTogether, checkSharedPods } from '../mesh/access-check.ts'
import { type Asked, mergePolicies } from '../mesh/access-merge.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { describePods, type MtlsPolicy } from '../mesh/mtls.ts'
import { destinationKey, type WorkloadDirectory } from '../mesh/workloads.ts'
import type { Contribution } from './contributions.ts'
import { protectionOf } from './protection.ts'

/** What has to be so for the pods of some namespaces. */
export interface PolicyPlan {
  readonly namespaces: readonly string[]
  /** What keeps the resource from getting what it asks; then nothing of the plan is applied. */
  readonly refusals: readonly Diagnostic[]
  readonly objects: readonly {
    readonly protection: string
    readonly object: KubeObject
    readonly sources: readonly string[]
  }[]
  /** What is refused, perhaps to others: what runs there stays as it is. */
  readonly refused: ReadonlySet<string>
}

type What = Asked<WorkloadAccess | MtlsPolicy>

/**
 * The objects for all that is asked about the pods of some namespaces. A resource is told of what is wrong with what it asks, or
 * with pods that it shares; what is wrong with what others ask is theirs to mend.
 */
export function planPolicies(
  namespaces: readonly string[],
  own: Contribution,
  before: Contribution | undefined,
  asking: readonly Contribution[],
  { adapter, workloads }: { readonly adapter: MeshAdapter; readonly workloads: WorkloadDirectory },
): PolicyPlan {
  if (namespaces.length === 0) return { namespaces, refusals: [], objects: [], refused: new Set() }
  const merged = mergePolicies(asking.map(({ request }) => request))
  const here = <W extends WorkloadAccess | MtlsPolicy>(all: readonly Asked<W>[]) =>
    all.filter(({ what }) => namespaces.includes(namespaceOf(what)))
  const problems = new Map<What, Diagnostic[]>()
  const say = (one: What, said: readonly Diagnostic[]) => {
    if (said.length > 0) problems.set(one, [...(problems.get(one) ?? []), ...said])
  }
  const accesses = here(merged.accesses)
  for (const [index, one] of accesses.entries()) {
    say(one, checkAccess(one.what, adapter, workloads))
    for (const earlier of accesses.slice(0, index))
      say(one, checkSharedPods([earlier.what, one.what], adapter, workloads))
  }
  const mtls = here(merged.mtls)
  for (const [index, one] of mtls.entries()) {
    const protectedPods = accesses.map(({ what }) => what)
    say(one, checkMtls(one.what, protectedPods, adapter, workloads))
    for (const earlier of mtls.slice(0, index)) {
      const outputs = new Map([earlier, one].map(({ what, outputs: names }) => [what, names]))
      const said = checkMtlsTogether([earlier.what, one.what], adapter, (policy) => outputs.get(policy) ?? '')
      say(one, said)
      say(earlier, said)
    }
  }
  // Names are made of labels, of which two sets may make the same.
  for (const [index, one] of mtls.entries()) {
    const twin = mtls.slice(0, index).find(({ what }) => protectionOf(what) === protectionOf(one.what))
    if (twin === undefined) continue
    const facts = { mesh: adapter.name, first: describePods(twin.what), second: describePods(one.what) }
    say(one, [diagnostic('AP2175', facts)])
    say(twin, [diagnostic('AP2175', facts)])
  }
  const source = own.request.source
  const mine = (one: What) => one.sources.includes(source) || (before?.protects ?? []).includes(keyOf(one.what))
  const refused = [...here(merged.refused), ...problems.keys()]
  // Whoever shares what is refused has to wait too, and is told why.
  const concerned = new Set([source, ...refused.filter(mine).flatMap(({ sources }) => sources)])
  const wanted = [
    ...accesses.map((one) => ({ one, objects: () => adapter.access?.translate(one.what, workloads) ?? [] })),
    ...mtls.map((one) => ({ one, objects: () => adapter.mtls?.translate(one.what, workloads) ?? [] })),
  ]
  return {
    namespaces,
    refusals: [
      ...merged.diagnostics.filter(({ sources }) => sources.some((one) => concerned.has(one))),
      ...distinct([...problems].flatMap(([one, said]) => (mine(one) ? said : []))),
    ],
    objects: wanted.flatMap(({ one, objects }) => {
      if (problems.has(one)) return []
      return objects().map((object) => ({ protection: protectionOf(one.what), object, sources: one.sources }))
    }),
    refused: new Set(refused.map(({ what }) => protectionOf(what))),
  }
}

function namespaceOf(what: WorkloadAccess | MtlsPolicy): string {
  return 'destination' in what ? what.destination.namespace : what.namespace
}

function keyOf(what: WorkloadAccess | MtlsPolicy): string {
  return 'destination' in what ? destinationKey(what.destination) : what.namespace
}

function distinct(said: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(said.map((one) => [`${one.code} ${one.message}`, one])).values()]
}
