import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Informers } from '../kube/informers.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { AttachedRule, MeshAdapter, ObservedTraffic } from '../mesh/adapter.ts'
import { serviceKind } from '../mesh/core-kinds.ts'
import { mergeTraffic } from '../mesh/merge.ts'
import { withPolicies } from '../mesh/normal-form.ts'
import { limitAmong } from '../mesh/pod-limits.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import { observeRules } from '../mesh/select-rules.ts'
import { sameService, serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { isNeutral, metricsInput as metricsName } from '../project/native-kinds.ts'
import type { Contributions } from './contributions.ts'
import type { ReadLog } from './dependencies.ts'
import type { MeshObjects } from './mesh-objects.ts'
import { serviceDirectory } from './service-directory.ts'
import type { AccessInput, Lister, MetricsInput, MtlsInput, TrafficInput } from './worker.ts'
import { workloadDirectory } from './workload-directory.ts'

export interface InputSources {
  readonly informers: Informers
  readonly adapter: MeshAdapter
  /** Kinds that are looked at beside workloads. */
  readonly beside: readonly Kind[]
  readonly meshObjects: MeshObjects
  readonly contributions: Contributions
  /** Kinds by the names of autopilot.yaml. */
  readonly kinds: ReadonlyMap<string, Kind>
}

export interface InputScope {
  readonly phase: string
  readonly declared: readonly string[]
  readonly namespace: string
  readonly metrics: MetricsInput
  readonly reads: ReadLog
}

/**
 * The inputs of one call of a worker: what its phase declares and nothing else. Asking for another one throws a
 * DiagnosticError that names the declaration to add. What workers get are copies; the stores stay as they are.
 */
export function createInputs(sources: InputSources, scope: InputScope): Readonly<Record<string, unknown>> {
  const inputs: Record<string, unknown> = {}
  for (const name of scope.declared) inputs[name] = createInput(name, sources, scope)
  return new Proxy(inputs, {
    get(target, name) {
      // Symbols and `then` are asked for by the language itself: when printing, and when a promise resolves with the inputs.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON' || Object.hasOwn(target, name)) {
        return Reflect.get(target, name)
      }
      throw new DiagnosticError([diagnostic('AP4003', { phase: scope.phase, input: name })])
    },
  })
}

function createInput(name: string, sources: InputSources, scope: InputScope): unknown {
  if (name === metricsName) return scope.metrics
  if (name === 'traffictargets' || name === 'mtlspolicies') return createProtectionInput(name, sources, scope)
  if (isNeutral(name)) return createTrafficInput(sources, scope)
  const kind = sources.kinds.get(name)
  return kind === undefined ? undefined : createLister(kind, sources.informers, scope)
}

function createLister(kind: Kind, informers: Informers, { namespace, reads }: InputScope): Lister<KubeObject> {
  const scope = kind.namespaced ? namespace : undefined
  return {
    get(name) {
      const ref = { namespace: scope, name }
      reads.object(kind, ref)
      return structuredClone(informers.of(kind).store.get(ref))
    },
    list(labels) {
      reads.list(kind, scope, labels)
      return informers
        .of(kind)
        .store.list({ namespace: scope, ...(labels !== undefined && { labels }) })
        .map((object) => structuredClone(object))
    },
  }
}

function createTrafficInput(sources: InputSources, { namespace, reads }: InputScope): TrafficInput {
  const { adapter, informers, meshObjects } = sources
  return {
    observed(service) {
      const apex = { namespace, name: service }
      reads.other(trafficId(apex))
      reads.other(foreignTrafficId(namespace))
      const services = serviceDirectory(informers, reads)
      const routed = adapter.observe([...meshObjects.candidates(apex), ...annotated(apex, sources)], apex, services)
      const observed = withLimit(routed, apex, services, sources, reads)
      const attached = observeAttached(apex, services, sources, reads)
      return { ...observed, ...(attached !== undefined && { attached }) }
    },
  }
}

/** What was observed, with the rate limit of the pods that get requests of the apex, where the mesh has it for pods. */
function withLimit(
  observed: ObservedTraffic,
  apex: ServiceRef,
  services: ServiceDirectory,
  { adapter, beside, informers, meshObjects }: InputSources,
  reads: ReadLog,
): ObservedTraffic {
  if (adapter.podLimits === undefined) return observed
  const workloads = workloadDirectory(informers, reads, beside)
  reads.other(protectionId(apex.namespace))
  const { limits } = adapter.podLimits.observe(meshObjects.within(apex.namespace), workloads)
  const traffic = observed.traffic ?? { service: apex, ports: [] }
  const found = limitAmong(limits, traffic, services, workloads)
  if (found === undefined) return observed
  return { ...observed, traffic: withPolicies(traffic, { ...traffic.policies, rateLimit: found.limit }) }
}

/** The apex itself, where the mesh is told something by its annotations. */
function annotated(apex: ServiceRef, { adapter, informers }: InputSources): KubeObject[] {
  if (adapter.annotates === undefined) return []
  const found = informers.of(serviceKind).store.get(apex)
  return found === undefined ? [] : [{ ...found, apiVersion: 'v1', kind: serviceKind.kind }]
}

/** What routes of users say now in which splits of the apex set the weights; undefined where there are no such splits. */
function observeAttached(
  apex: ServiceRef,
  services: ServiceDirectory,
  { adapter, contributions, informers }: InputSources,
  reads: ReadLog,
): AttachedRule[] | undefined {
  const asking = contributions
    .about({ apexes: [apex], routes: [], namespaces: [] })
    .filter(({ routes }) => routes.length > 0)
  if (asking.length === 0) return undefined
  const splits = mergeTraffic(
    asking.map(({ request }) => request),
    services,
  ).attached.filter((split) => sameService(split.apex, apex))
  if (splits.length === 0) return undefined
  return splits.flatMap((split) => {
    const kind = adapter.attachable?.find((one) => one.kind.kind === split.route.kind)
    if (kind === undefined) return []
    reads.object(kind.kind, split.route)
    const live = informers.of(kind.kind).store.get(split.route)
    return live === undefined ? [] : observeRules(live, kind, split)
  })
}

function createProtectionInput(
  name: 'traffictargets' | 'mtlspolicies',
  { adapter, beside, informers, meshObjects }: InputSources,
  { namespace, reads }: InputScope,
): AccessInput | MtlsInput {
  const workloads = workloadDirectory(informers, reads, beside)
  const objects = () => {
    reads.other(protectionId(namespace))
    return meshObjects.within(namespace)
  }
  if (name === 'traffictargets')
    return { observed: () => adapter.access?.observe(objects(), workloads) ?? { accesses: [], problems: [] } }
  return { observed: () => adapter.mtls?.observe(objects(), workloads) ?? { policies: [], problems: [] } }
}

/** How dependencies call what protects the pods of a namespace, whoever wrote it. */
export function protectionId(namespace: string): string {
  return `protection ${namespace}`
}

/** How dependencies call the traffic of an apex. */
export function trafficId(apex: ServiceRef): string {
  return `traffic ${serviceName(apex)}`
}

/** How dependencies call the mesh objects of a namespace that are not this operator's: any of them may be about any apex. */
export function foreignTrafficId(namespace: string): string {
  return `foreign traffic ${namespace}`
}
