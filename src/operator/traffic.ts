import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Applier } from '../kube/applier.ts'
import type { Clock } from '../kube/clock.ts'
import type { Informers } from '../kube/informers.ts'
import { KeyQueue } from '../kube/key-queue.ts'
import { apiVersionOf, type Kind, type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts'
import type { Owner } from '../kube/owners.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { kindsFor, protectionOutputs } from '../mesh/adapter-kinds.ts'
import { compareRoutes, routeName } from '../mesh/attachment.ts'
import { checkTraffic } from '../mesh/check.ts'
import { type MergedTraffic, mergeTraffic } from '../mesh/merge.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import { compareServices, sameService, serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { type AnnotationPlan, type ApexAnnotations, noAnnotations } from './apex-annotations.ts'
import { unfollowedRoutes } from './attached-enrollment.ts'
import { type AttachmentPlan, type Attachments, noAttachments } from './attachments.ts'
import type { Contest } from './contests.ts'
import type { Contribution, Contributions, Scope } from './contributions.ts'
import { objectId, type ReadLog } from './dependencies.ts'
import { deletedVersion, type Echoes } from './echoes.ts'
import type { FaultBackends, FaultPlan } from './fault-backends.ts'
import { protectionId } from './inputs.ts'
import { withLimits } from './limits.ts'
import { labelledFor, type MeshObject, type MeshObjects } from './mesh-objects.ts'
import { type PolicyPlan, planPolicies } from './policies.ts'
import { labelledAs, protectedBy } from './protection.ts'
import type { Rivals } from './rivals.ts'
import { serviceDirectory } from './service-directory.ts'
import { workloadDirectory } from './workload-directory.ts'

export interface TrafficDeps {
  readonly adapter: MeshAdapter
  /** Kinds that are looked at beside workloads. */
  readonly beside: readonly Kind[]
  readonly informers: Informers
  readonly applier: Applier
  readonly contributions: Contributions
  readonly meshObjects: MeshObjects
  readonly attachments: Attachments
  readonly annotations: ApexAnnotations
  readonly rivals: Rivals
  /** Absent where no faults are asked for, or the mesh has them. */
  readonly faults: FaultBackends | undefined
  readonly echoes: Echoes
  readonly clock: Clock
}

interface PlannedObject {
  readonly kind: Kind
  readonly object: KubeObject
  readonly owners: readonly Owner[]
}

/** What has to be so for all apexes a resource has to do with. Nothing of it may be applied while there are refusals. */
export interface TrafficPlan {
  readonly apexes: readonly ServiceRef[]
  readonly refusals: readonly Diagnostic[]
  /** The refusals are about what others have done, and end when they end it. */
  readonly blocked: boolean
  /** What of the resource's own faults cannot be written yet. */
  readonly waiting: readonly Diagnostic[]
  /** In the order in which they must exist. */
  readonly objects: readonly PlannedObject[]
  /** Routes of users, which are edited after the objects exist. */
  readonly attachments: AttachmentPlan
  /** What is written on Services of users, after the objects exist. */
  readonly annotations: AnnotationPlan
  /** Namespaces whose pods are protected, and what of that is to stay as it is. */
  readonly policies: Pick<PolicyPlan, 'namespaces' | 'refused'>
  /** Objects of ours that have to be gone before the planned ones are there, whatever else stays as it is. */
  readonly yielding: readonly MeshObject[]
}

/** What the mesh says of the objects of a plan, the worst of it. `objects` names those that it is about. */
export type TrafficAcceptance =
  | { readonly state: 'none' }
  | { readonly state: 'accepted' }
  | { readonly state: 'pending' | 'rejected'; readonly objects: string; readonly reason: string }

/**
 * The traffic of the apexes: what all resources ask for, merged, checked, translated and written.
 *
 * Whoever plans and writes does so within `exclusively`, up to and with the write of its own status: two resources that
 * share an apex would else write over each other what they do not know of each other yet.
 */
export class Traffic {
  readonly #deps: TrafficDeps
  readonly #locks = new KeyQueue()

  constructor(deps: TrafficDeps) {
    this.#deps = deps
  }

  /** Every apex and route that a resource has to do with: by what it asks, asked before, owns objects of, or has edited. */
  scope(resource: KubeObject, outputs: NeutralOutputs): Scope {
    const { contributions, meshObjects } = this.#deps
    const own = contributions.of(resource, outputs)
    const before = contributions.get(own.key)
    const all = [...own.apexes, ...(before?.apexes ?? []), ...meshObjects.apexesOwnedBy(own.owner.uid)]
    const routes = [...own.routes, ...(before?.routes ?? [])]
    const limited = all.filter((apex) => contributions.isLimited(apex))
    const namespaces = [
      ...limited.map(({ namespace }) => namespace),
      ...own.namespaces,
      ...(before?.namespaces ?? []),
      ...meshObjects.namespacesOwnedBy(own.owner.uid),
    ]
    return {
      apexes: [...new Map(all.map((apex) => [serviceName(apex), apex])).values()].sort(compareServices),
      routes: [...new Map(routes.map((route) => [routeName(route), route])).values()].sort(compareRoutes),
      namespaces: [...new Set(namespaces)].sort(),
    }
  }

  /** Runs the action for a resource while nobody else works on these apexes and routes. */
  exclusively<T>(key: string, { apexes, routes, namespaces }: Scope, action: () => Promise<T>): Promise<T> {
    // Always in the same order, so that two never wait for each other.
    const protections = namespaces.map((namespace) => `pods of ${namespace}`)
    const names = [...apexes.map(serviceName), ...routes.map(routeName), ...protections]
    const whole = () => action().finally(() => this.#deps.faults?.release(key))
    return names.reduceRight<() => Promise<T>>((inner, name) => () => this.#locks.run(name, inner), whole)()
  }

  /**
   * `outputs` undefined: the resource asks for nothing any more. What others ask of an apex that does not exist is theirs to
   * mend then: it has no traffic, and whoever leaves is not to wait for them.
   */
  plan(
    resource: KubeObject,
    outputs: NeutralOutputs | undefined,
    { apexes: all, routes, namespaces }: Scope,
    reads: ReadLog,
  ): TrafficPlan {
    const { adapter, attachments, contributions, faults, informers, meshObjects, rivals } = this.#deps
    const own = contributions.of(resource, outputs ?? {})
    const services = serviceDirectory(informers, reads, adapter.enrollment !== undefined)
    const isTheirs = (apex: ServiceRef) =>
      services.ports(apex) === undefined && [...contributions.to(apex)].some((key) => key !== own.key)
    const apexes = outputs === undefined ? all.filter((apex) => !isTheirs(apex)) : all
    // What is about the pods of a namespace is planned together.
    const concerned = [...apexes, ...contributions.limitedIn(namespaces)]
    const others = contributions.about({ apexes: concerned, routes, namespaces }).filter(({ key }) => key !== own.key)
    const asking = outputs === undefined ? others : [...others, own]
    const merged = mergeTraffic(
      asking.map(({ request }) => request),
      services,
    )
    const wanted = merged.traffic.filter(({ service }) => apexes.some((apex) => sameService(apex, service)))
    const refusals = [
      ...refusalsOf(merged, own, apexes, asking),
      ...wanted
        .flatMap((traffic) => checkTraffic(traffic, adapter, services))
        .filter(({ code }) => !faults || code !== 'AP2145'),
    ]
    const effective = refusals.length > 0 ? undefined : faults?.plan(own.key, wanted, reads)
    refusals.push(...concerning(own, effective?.refused))
    const attached = attachments.plan(own, merged.attached, others, reads)
    refusals.push(...attached.refusals, ...unfollowedRoutes(attached, adapter, services))
    const workloads = workloadDirectory(informers, reads, this.#deps.beside)
    const before = contributions.get(own.key)
    const protection = planPolicies(namespaces, own, before, asking, { adapter, workloads })
    if (adapter.podLimits !== undefined) for (const namespace of namespaces) reads.other(protectionId(namespace))
    const policies = withLimits(protection, own, before, asking, merged, { adapter, meshObjects, services, workloads })
    refusals.push(...policies.refusals)
    const waiting = concerning(own, effective?.waiting)
    const none = { objects: [], attachments: noAttachments, annotations: noAnnotations, yielding: [] }
    const nothing = { apexes, ...none, policies, waiting }
    if (refusals.length > 0) return { ...nothing, refusals, blocked: false }
    // Whoever leaves is not to wait for others: what stays of the traffic has been there before.
    const claimed = outputs === undefined ? [] : wanted.flatMap((traffic) => rivals.problems(traffic, reads))
    if (claimed.length > 0) return { ...nothing, refusals: claimed, blocked: true }
    const translated = (effective?.traffic ?? wanted).map((traffic) => ({
      traffic,
      objects: adapter.translate(traffic),
    }))
    const isAnnotation = (object: KubeObject) => this.#deps.annotations.isPart(object)
    const parts = translated.flatMap((one) => one.objects.filter(isAnnotation))
    const annotations = this.#deps.annotations.plan(apexes, parts, reads)
    if (annotations.refusals.length > 0 && outputs !== undefined)
      return { ...nothing, refusals: annotations.refusals, blocked: true }
    const objects = translated.flatMap(({ traffic, objects: all }) => {
      const sharers = asking.filter((one) => one.apexes.some((apex) => sameService(apex, traffic.service)))
      const owners = sharers.map(({ owner }) => owner)
      return all
        .filter((object) => !isAnnotation(object))
        .map((object) => ({ kind: kindOf(object, adapter), object: labelledFor(traffic.service, object), owners }))
    })
    // Whoever leaves is not to wait for others: what stays of the traffic has been there before.
    const conflicts = outputs === undefined ? [] : this.#conflicts(apexes, objects, reads)
    if (conflicts.length > 0) return { ...nothing, refusals: conflicts, blocked: false }
    const protecting = policies.objects.map(({ protection, object, sources }) => {
      const owners = asking.filter(({ request }) => sources.includes(request.source)).map(({ owner }) => owner)
      return { kind: kindOf(object, adapter), object: labelledAs(protection, object), owners }
    })
    const kinds = kindsFor(adapter, protectionOutputs)
    const order = (kind: Kind) => kinds.indexOf(kind)
    const ordered = [...objects, ...protecting].sort((a, b) => order(a.kind) - order(b.kind))
    const planned = ordered.map(({ object }) => object)
    const yielding = namespaces
      .flatMap((namespace) => meshObjects.protecting(namespace))
      .filter(({ object }) => adapter.podLimits?.yields(object, planned, workloads) === true)
    const rest = { attachments: attached, annotations, policies, yielding }
    return { apexes, refusals, blocked: false, waiting, objects: ordered, ...rest }
  }

  /** Whether somebody else insists on other weights in a route of the plan. */
  contest(writer: string, { attachments }: TrafficPlan): Promise<Contest | undefined> {
    return this.#deps.attachments.contest(writer, attachments)
  }

  /** The Services that may have annotations for a resource: the apexes that it asked about, and those that say so. */
  annotatedFor(key: string, apexes: readonly ServiceRef[]): ServiceRef[] {
    const all = [...apexes, ...this.#deps.annotations.writtenFor(key)]
    return [...new Map(all.map((apex) => [serviceName(apex), apex])).values()]
  }

  /** How annotations of ours are taken off some Services. */
  withoutAnnotations(apexes: readonly ServiceRef[]): AnnotationPlan {
    return this.#deps.annotations.plan(apexes, [])
  }

  /** The resource for which annotations of this operator are on a Service. */
  annotatedBy(service: KubeObject): string | undefined {
    return this.#deps.annotations.writerOf(service)
  }

  /** What objects that are not about these apexes make of the planned ones. Only kinds of which some are planned are looked at. */
  #conflicts(apexes: readonly ServiceRef[], planned: readonly PlannedObject[], reads: ReadLog): Diagnostic[] {
    const { adapter, informers, meshObjects } = this.#deps
    const { conflicts } = adapter
    const contested = planned.filter(({ kind }) => conflicts?.kinds.includes(kind.kind) === true)
    if (conflicts === undefined || contested.length === 0) return []
    const others = [...new Set(contested.map(({ kind }) => kind))].flatMap((kind) => {
      // One that comes, goes or changes is a reason to look again.
      reads.list(kind, undefined)
      return informers.of(kind).store.list()
    })
    return conflicts.find(
      planned.map(({ object }) => object),
      others.filter((object) => {
        const about = meshObjects.apexOf(object)
        return about === undefined || !apexes.some((apex) => sameService(apex, about))
      }),
    )
  }

  /**
   * Writes what is planned, and says whether there was anything to write. None of our own objects is taken away yet but those
   * in whose place another is to be. What the plan wants remembered about routes of users has to be on the resource's status.
   */
  async apply(writer: string, plan: TrafficPlan): Promise<boolean> {
    const { annotations, attachments, objects } = plan
    const { applier, echoes } = this.#deps
    for (const one of plan.yielding) await this.#remove(writer, one)
    let wrote = false
    for (const { kind, object, owners } of objects) {
      const id = objectId(kind, object.metadata)
      const { outcome } = await echoes.during(
        writer,
        id,
        () => applier.apply({ kind, object }, owners),
        (written) => written.object.metadata.resourceVersion,
      )
      wrote ||= outcome !== 'unchanged'
    }
    wrote = (await this.#deps.annotations.apply(writer, annotations)) || wrote
    return (await this.#deps.attachments.apply(writer, attachments)) || wrote
  }

  /** Resolves when the mesh owes no answer about the plan any more, when the signal aborts, or after so many milliseconds. */
  async answered(plan: TrafficPlan, longest: number, signal: AbortSignal): Promise<void> {
    const { clock, informers } = this.#deps
    const heard = new AbortController()
    const check = () => {
      if (this.acceptance(plan).state !== 'pending') heard.abort()
    }
    const kinds = new Set(this.#judged(plan).map(({ kind }) => kind))
    const stops = [...kinds].map((kind) => informers.of(kind).listen(check))
    check()
    await clock.sleep(longest, AbortSignal.any([signal, heard.signal]))
    for (const stop of stops) stop()
  }

  /** Takes away our objects of these apexes and pods that are not planned any more. What is refused stays as it is. */
  async prune(
    writer: string,
    plan: Pick<TrafficPlan, 'annotations' | 'apexes' | 'objects' | 'policies'>,
  ): Promise<void> {
    const { annotations, apexes, objects, policies } = plan
    const { adapter, meshObjects } = this.#deps
    const planned = new Set(objects.map(({ kind, object }) => objectId(kind, object.metadata)))
    const ours = [
      ...apexes.flatMap((apex) => meshObjects.on(apex)),
      ...policies.namespaces
        .flatMap((namespace) => meshObjects.protecting(namespace))
        .filter(({ object }) => !policies.refused.has(protectedBy(object) ?? '')),
    ]
    const order = kindsFor(adapter, protectionOutputs)
    // What shuts pods off goes before what opens them.
    for (const one of ours.toSorted((a, b) => order.indexOf(b.kind) - order.indexOf(a.kind)))
      if (!planned.has(objectId(one.kind, one.object.metadata))) await this.#remove(writer, one)
    await this.#deps.annotations.prune(writer, annotations)
  }

  async #remove(writer: string, { kind, object }: MeshObject): Promise<void> {
    if (object.metadata.deletionTimestamp !== undefined) return
    const { applier, echoes } = this.#deps
    await echoes.during(
      writer,
      objectId(kind, object.metadata),
      () => applier.remove(kind, object.metadata),
      () => deletedVersion,
    )
  }

  /** What the mesh says of the planned objects as they are in the cluster now. */
  acceptance(plan: TrafficPlan): TrafficAcceptance {
    const { adapter, informers } = this.#deps
    const judged = this.#judged(plan)
    const answers = judged.map(({ kind, ref }) => {
      const live = informers.of(kind).store.get(ref)
      const name = `${kind.kind} ${keyOf(ref)} (generation ${live?.metadata.generation ?? 1})`
      return { name, answer: live === undefined ? missing : adapter.accepted(live) }
    })
    for (const state of ['rejected', 'pending'] as const) {
      const such = answers.filter(({ answer }) => answer.state === state)
      if (such.length === 0) continue
      const reasons = such.flatMap(({ answer }) => ('reason' in answer ? [answer.reason] : []))
      return { state, objects: such.map(({ name }) => name).join(', '), reason: [...new Set(reasons)].join('; ') }
    }
    return judged.length === 0 ? { state: 'none' } : { state: 'accepted' }
  }

  /** What the mesh has to take up: objects of ours, and routes of users that splits are attached to. */
  #judged({ attachments, objects }: TrafficPlan): { readonly kind: Kind; readonly ref: ObjectRef }[] {
    return [
      ...objects.map(({ kind, object }) => ({ kind, ref: object.metadata })),
      ...attachments.routes.filter(({ splits }) => splits.length > 0).map(({ kind: { kind }, ref }) => ({ kind, ref })),
    ]
  }
}

const missing = { state: 'pending', reason: 'it is not there' } as const

/** What is wrong with what this resource asks, or with an apex that it shares. */
function refusalsOf(
  { refused, diagnostics }: MergedTraffic,
  own: Contribution,
  apexes: readonly ServiceRef[],
  all: readonly Contribution[],
): Diagnostic[] {
  const shared = refused.filter((service) => apexes.some((apex) => sameService(apex, service)))
  const concerned = new Set([own.request.source])
  for (const { apexes: asked, request } of all) {
    if (asked.some((apex) => shared.some((service) => sameService(apex, service)))) concerned.add(request.source)
  }
  return diagnostics.filter(({ sources }) => sources.some((source) => concerned.has(source)))
}

/** What is wrong about the faults that a resource asks for itself; of others' it is spared, and does without them meanwhile. */
function concerning({ faults }: Contribution, absent: FaultPlan['waiting'] = []): Diagnostic[] {
  const own = absent.filter(({ apex }) => faults.some((one) => sameService(one, apex)))
  return [...new Map(own.map(({ problem }) => [problem.message, problem])).values()]
}

function kindOf(object: KubeObject, adapter: MeshAdapter): Kind {
  const kind = kindsFor(adapter, protectionOutputs).find(
    (one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion,
  )
  if (kind !== undefined) return kind
  throw new Error(`${adapter.name} wrote a ${object.apiVersion} ${object.kind}, which is not among its kinds`)
}
