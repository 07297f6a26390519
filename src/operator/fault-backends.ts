import type { Logger } from 'pino'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Applier } from '../kube/applier.ts'
import type { KubeClient } from '../kube/client.ts'
import { ForeignObjectError } from '../kube/errors.ts'
import type { Informers } from '../kube/informers.ts'
import type { KubeObject } from '../kube/object.ts'
import { managedByLabel } from '../kube/ownership.ts'
import { ServerSideApplier } from '../kube/server-side-applier.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { faultBackendKinds, faultKindsFor } from '../mesh/adapter-kinds.ts'
import { checkTraffic } from '../mesh/check.ts'
import {
  type FaultBackend,
  type FaultBackendPod,
  faultBackendObjects,
  faultBackendsOf,
  isFaultBackend,
} from '../mesh/fault-backend-objects.ts'
import { mentionsService, withoutAbortsBy } from '../mesh/fault-effect.ts'
import { fieldsOf, listOf, textOf } from '../mesh/fields.ts'
import { mergeTraffic } from '../mesh/merge.ts'
import { sameService, serviceName } from '../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../mesh/traffic.ts'
import type { Project } from '../project/project.ts'
import type { Contributions } from './contributions.ts'
import type { SyncOutcome } from './controller.ts'
import type { ReadLog } from './dependencies.ts'
import { describeFailure } from './failure.ts'
import type { MeshObjects } from './mesh-objects.ts'
import { serviceDirectory } from './service-directory.ts'

const { configMap, deployment, service: serviceKind } = faultBackendKinds

export interface FaultBackendDeps {
  readonly adapter: MeshAdapter
  readonly pod: FaultBackendPod
  readonly client: KubeClient
  /** All Services, whoever made them. */
  readonly services: Informers
  /** Nothing but what fault backends are made of. */
  readonly informers: Informers
  readonly contributions: Contributions
  readonly meshObjects: MeshObjects
  /** The value of the managed-by label. */
  readonly manager: string
  readonly log: Logger
}

/** What has to be known of the fault backends of some traffic before it is written. */
export interface FaultPlan {
  /** The traffic with those faults alone that can take effect now. */
  readonly traffic: readonly ServiceTraffic[]
  /** Fault backends that are missing and that this operator cannot make. */
  readonly refused: readonly AbsentBackend[]
  /** Fault backends that are not there yet. */
  readonly waiting: readonly AbsentBackend[]
}

interface AbsentBackend {
  readonly apex: ServiceRef
  readonly problem: Diagnostic
}

type State =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly why: string }
  /** `cannot`: why this operator cannot make it. */
  | { readonly state: 'refused'; readonly cannot?: string }

export interface FaultBackendListener {
  /** What is there and what is needed in a namespace may differ: `reconcile` is due. */
  changed(namespace: string): void
  /** Something has become of a fault backend; `id` is what its readers have noted. */
  concerned(id: string): void
}

/** How dependencies call a fault backend: what becomes of it matters to whoever asked for it. */
function backendId(service: ServiceRef): string {
  return `fault backend ${serviceName(service)}`
}

/**
 * The Services that stand in for faults, on a mesh that has none: each is there as long as a fault of its namespace needs it, whoever asks
 * for that, and routes lead there only once it has a pod that answers. One that somebody else made is used as it is.
 *
 * Which are there is made true by `reconcile`, one call at a time for a namespace. It goes by what resources ask on their status, so that a
 * fault backend outlives any single one of them, and takes none away to which a route still leads. `plan` only looks; what it has
 * promised to a resource stays until `release`.
 */
export class FaultBackends {
  readonly #deps: FaultBackendDeps
  readonly #applier: Applier
  /** Why fault backends could not be made or taken away, by their names. */
  readonly #problems = new Map<string, string>()
  readonly #removing = new Set<string>()
  readonly #promised = new Map<string, readonly FaultBackend[]>()
  #listener: FaultBackendListener = { changed: () => {}, concerned: () => {} }

  constructor(deps: FaultBackendDeps) {
    this.#deps = deps
    this.#applier = new ServerSideApplier(deps)
  }

  /** Starts to look at what there is. Returns how to stop. */
  follow(listener: FaultBackendListener): () => void {
    this.#listener = listener
    const stops = Object.values(faultBackendKinds).map((kind) =>
      this.#deps.informers.of(kind).listen(({ object: { metadata } }) => {
        const { name, namespace = '' } = metadata
        listener.changed(namespace)
        listener.concerned(backendId({ namespace, name }))
      }),
    )
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Something about routes or what is asked in a namespace has changed. Costs nothing where no fault backends are. */
  changed(namespace: string): void {
    if (this.#deps.contributions.faulting(namespace).length > 0 || this.#ours(namespace).length > 0)
      this.#listener.changed(namespace)
  }

  /** Looks at what traffic of a resource's apexes needs, and promises to leave it there until `release`. */
  plan(key: string, all: readonly ServiceTraffic[], reads: ReadLog): FaultPlan {
    const refused: AbsentBackend[] = []
    const waiting: AbsentBackend[] = []
    const traffic = all.map((one) => {
      const unusable = new Set<string>()
      for (const backend of faultBackendsOf([one])) {
        const state = this.#state(backend, reads)
        if (state.state === 'ready') continue
        this.changed(backend.service.namespace)
        const apex = one.service
        if (state.state === 'refused')
          refused.push(...this.#missing(one, backend, state.cannot).map((problem) => ({ apex, problem })))
        if (this.#isRouted(apex, backend)) continue
        unusable.add(backend.service.name)
        if (state.state === 'refused') continue
        const problem = diagnostic('AP4018', { backend: serviceName(backend.service), why: state.why })
        waiting.push({ apex, problem })
      }
      return withoutAbortsBy(one, (name) => unusable.has(name))
    })
    this.#promised.set(key, faultBackendsOf(traffic))
    return { traffic, refused, waiting }
  }

  /** The resource's traffic is written and on its status, or given up. */
  release(key: string): void {
    const promised = this.#promised.get(key)
    this.#promised.delete(key)
    for (const namespace of new Set(promised?.map(({ service }) => service.namespace))) this.changed(namespace)
  }

  /** Makes what a namespace needs, and takes away what is this operator's and nobody needs. */
  async reconcile(namespace: string, signal: AbortSignal, later: number): Promise<SyncOutcome> {
    const problems = new Map<string, string>()
    let isKnown = true
    try {
      await this.#deps.informers.ready(signal)
    } catch (error) {
      if (signal.aborted) return { result: 'done' }
      isKnown = false
      for (const { service } of this.#needed(namespace)) problems.set(serviceName(service), this.#describe(error))
    }
    if (isKnown) {
      for (const backend of this.#needed(namespace))
        await this.#attempt(backend.service, problems, () => this.#make(backend))
      // Needs are looked at and what nobody has is marked in one go: between the two nobody can be promised any of it.
      const unneeded = this.#unneeded(namespace, this.#needed(namespace))
      for (const service of unneeded) this.#removing.add(serviceName(service))
      for (const service of unneeded) {
        await this.#attempt(service, problems, () => this.#remove(service))
        this.#removing.delete(serviceName(service))
        this.#listener.concerned(backendId(service))
      }
    }
    this.#remember(namespace, problems)
    return problems.size === 0 ? { result: 'done' } : { result: 'resync', after: later }
  }

  /** What all resources ask of the apexes of a namespace, as far as it is not refused, and what has been promised to them. */
  #needed(namespace: string): FaultBackend[] {
    const { adapter, contributions, services } = this.#deps
    const here = (service: ServiceRef) => service.namespace === namespace
    const apexes = contributions.faulting(namespace).flatMap(({ faults }) => faults.filter(here))
    const asking = contributions.about({ apexes, routes: [], namespaces: [] })
    const directory = serviceDirectory(services)
    const merged = mergeTraffic(
      asking.map(({ request }) => request),
      directory,
    )
    const traffic = merged.traffic.filter((one) => {
      if (!apexes.some((apex) => sameService(apex, one.service))) return false
      return checkTraffic(one, adapter, directory).every(({ code }) => code === 'AP2145')
    })
    const promised = [...this.#promised.values()].flat().filter(({ service }) => here(service))
    return united([...faultBackendsOf(traffic), ...promised])
  }

  /** Of what this operator made, what nobody asks for and no route leads to. */
  #unneeded(namespace: string, needed: readonly FaultBackend[]): ServiceRef[] {
    const names = new Set(this.#ours(namespace).map(({ metadata }) => metadata.name))
    for (const { service } of needed) names.delete(service.name)
    if (names.size === 0) return []
    const routes = this.#deps.meshObjects.within(namespace).map(({ spec }) => spec)
    return [...names].filter((name) => !mentionsService(routes, name)).map((name) => ({ namespace, name }))
  }

  async #make(backend: FaultBackend): Promise<void> {
    const { informers, pod } = this.#deps
    const { service, ports } = backend
    const live = this.#live(service)
    if (live !== undefined && !this.#isOurs(live)) return
    // A port that is there stays as it is: its name is that of its endpoints.
    const before = portsOf(live)
    const all = [...before, ...ports.filter((port) => !before.includes(port))]
    for (const object of faultBackendObjects({ ...backend, ports: all }, pod)) {
      const kind = Object.values(faultBackendKinds).find((one) => one.kind === object.kind)
      if (kind === undefined) throw new Error(`a fault backend has a ${object.kind}, which is not among its kinds`)
      try {
        await this.#applier.apply({ kind, object }, [])
      } catch (error) {
        // Of what is not selected nothing more is heard.
        if (error instanceof ForeignObjectError) informers.forget(kind, object.metadata)
        throw error
      }
    }
  }

  async #remove(service: ServiceRef): Promise<void> {
    for (const kind of [serviceKind, deployment, configMap]) await this.#applier.remove(kind, service)
  }

  /** These are the problems of a namespace now; whoever wants what has another one than before is told. */
  #remember(namespace: string, problems: ReadonlyMap<string, string>): void {
    const before = [...this.#problems.keys()].filter((name) => name.startsWith(`${namespace}/`))
    for (const name of new Set([...before, ...problems.keys()])) {
      const problem = problems.get(name)
      if (problem === this.#problems.get(name)) continue
      if (problem === undefined) this.#problems.delete(name)
      else {
        this.#problems.set(name, problem)
        this.#deps.log.warn({ backend: name, problem }, 'fault backend neither made nor removed')
      }
      this.#listener.concerned(`fault backend ${name}`)
    }
  }

  async #attempt(service: ServiceRef, problems: Map<string, string>, action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      problems.set(serviceName(service), this.#describe(error))
    }
  }

  #state({ service, ports }: FaultBackend, reads: ReadLog): State {
    reads.object(serviceKind, service)
    reads.other(backendId(service))
    const live = this.#live(service)
    const known = portsOf(live)
    const isWhole = ports.every((port) => known.includes(port))
    const made = this.#deps.informers.of(deployment).store.get(service)
    if (live !== undefined && !this.#isOurs(live)) {
      if (!isWhole) return { state: 'refused' }
      return made === undefined ? { state: 'ready' } : availability(made)
    }
    if (this.#removing.has(serviceName(service))) return { state: 'waiting', why: 'the one before is being removed' }
    const available = isWhole && made !== undefined ? availability(made) : undefined
    if (available?.state === 'ready') return available
    const cannot = this.#problems.get(serviceName(service))
    if (cannot !== undefined) return { state: 'refused', cannot }
    return available ?? { state: 'waiting', why: 'it is being made' }
  }

  /** Whether routes of the apex lead there already: what was in effect is not taken back because a pod is restarted. */
  #isRouted(apex: ServiceRef, { service }: FaultBackend): boolean {
    return this.#deps.meshObjects.on(apex).some(({ object }) => mentionsService(object['spec'], service.name))
  }

  #missing({ service: apex }: ServiceTraffic, { answer, ports, service }: FaultBackend, cannot?: string): Diagnostic[] {
    const known = portsOf(this.#live(service))
    const mesh = this.#deps.adapter.name
    const status = 'status' in answer ? String(answer.status) : `the gRPC status ${answer.grpcStatus}`
    const facts = { mesh, apex: serviceName(apex), backend: serviceName(service), status }
    const missing = ports.filter((port) => !known.includes(port))
    return (missing.length > 0 ? missing : ports.slice(0, 1)).map((port) =>
      diagnostic('AP2145', { ...facts, port, ...(cannot !== undefined && { cannot }) }),
    )
  }

  #live(service: ServiceRef): KubeObject | undefined {
    return this.#deps.services.of(serviceKind).store.get(service)
  }

  /** The parts of fault backends in a namespace that this operator made. */
  #ours(namespace: string): KubeObject[] {
    const { informers } = this.#deps
    return Object.values(faultBackendKinds)
      .flatMap((kind) => informers.of(kind).store.list({ namespace }))
      .filter((object) => this.#isOurs(object) && object.metadata.deletionTimestamp === undefined)
  }

  #isOurs({ metadata }: KubeObject): boolean {
    return metadata.labels?.[managedByLabel] === this.#deps.manager && isFaultBackend({ metadata })
  }

  #describe(error: unknown): string {
    return describeFailure(error, this.#deps.client.server)
  }
}

/** The fault backends of an operator; undefined where its workflow asks for no faults, or the mesh has them. */
export function faultBackendsFor({ phases }: Project, deps: FaultBackendDeps): FaultBackends | undefined {
  const outputs = phases.flatMap((phase) => phase.outputs)
  return faultKindsFor(deps.adapter, outputs).length > 0 ? new FaultBackends(deps) : undefined
}

function united(backends: readonly FaultBackend[]): FaultBackend[] {
  const byName = Map.groupBy(backends, ({ service }) => serviceName(service))
  return [...byName.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    return [{ ...first, ports: [...new Set([first, ...others].flatMap(({ ports }) => ports))] }]
  })
}

function portsOf(service: KubeObject | undefined): number[] {
  return listOf(fieldsOf(service?.['spec'])['ports']).flatMap((entry) => {
    const { port } = fieldsOf(entry)
    return typeof port === 'number' ? [port] : []
  })
}

function availability({ metadata, status }: KubeObject): State {
  const { availableReplicas, conditions } = fieldsOf(status)
  if (typeof availableReplicas === 'number' && availableReplicas > 0) return { state: 'ready' }
  const name = `Deployment ${serviceName({ namespace: metadata.namespace ?? '', name: metadata.name })}`
  const trouble = listOf(conditions)
    .map(fieldsOf)
    .find((one) => (one['type'] === 'Progressing' && one['status'] === 'False') || one['type'] === 'ReplicaFailure')
  const because = trouble === undefined ? '' : `: ${textOf(trouble['message']) ?? ''}`
  return { state: 'waiting', why: `${name} has no available pod${because}` }
}
