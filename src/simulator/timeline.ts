import type { Clock } from '../kube/clock.ts'
import { type Kind, type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import type { WorkflowStatus } from '../operator/status.ts'
import { type ClusterView, isOf } from './cluster-view.ts'
import type { Endpoints } from './endpoints.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import type { MeshDataPlane } from './mesh-data-plane.ts'
import type { Traffic } from './traffic.ts'

/** Percent of the apex service's traffic, by the name of the backend. */
export type Shares = Readonly<Record<string, number>>

/** The resource went into a phase. */
export interface PhaseChange {
  readonly time: number
  readonly phase: string
  /** Why the phase before was left; empty for the first. */
  readonly reason: string
}

/** What was measured of one workload during one step. */
export interface StepMeasurement {
  requests: number
  failures: number
  readonly latencies: LatencyHistogram
}

/** A stretch of time with one division of the traffic. */
export interface Step {
  readonly time: number
  /** Undefined while it lasts. */
  end: number | undefined
  readonly phase: string
  /** What the resource asks for; undefined before it has said so. */
  requested: Shares | undefined
  /** What the mesh's objects say, as far as the mesh has taken them up. */
  observed: Shares
  /** Requests from inside the mesh, by the workload they were meant for. */
  readonly routed: Map<string, StepMeasurement>
}

export interface TimelineOptions {
  readonly view: ClusterView
  readonly plane: MeshDataPlane
  readonly endpoints: Endpoints
  readonly traffic: Traffic
  readonly adapter: MeshAdapter
  readonly clock: Clock
  readonly kind: Pick<Kind, 'group' | 'kind'>
  readonly resource: ObjectRef
  readonly apex: ServiceRef
  /** The port whose traffic is followed. */
  readonly port: number
}

/** What happened to one resource and to the traffic of its service: phases, and the steps of the weight. */
export class Timeline {
  readonly phases: PhaseChange[] = []
  readonly steps: Step[] = []
  /** Users who got at least one answer of 5xx. */
  readonly failedUsers = new Set<number>()
  requests = 0
  failures = 0
  readonly #options: TimelineOptions
  readonly #listeners: ((event: PhaseChange | Step) => void)[] = []
  #planeRevision = 0

  constructor(options: TimelineOptions) {
    this.#options = options
    options.view.onWrite(({ type, object }) => {
      if (options.plane.revision !== this.#planeRevision) this.#observe()
      const mine = isOf(object, options.kind) && keyOf(object.metadata) === keyOf(options.resource)
      if (mine && type !== 'DELETED') this.#read(object)
    })
    options.traffic.onAnswer(({ to, status, latency }, clients, user) => {
      this.requests += 1
      if (status >= 500) {
        this.failures += 1
        this.failedUsers.add(user)
      }
      const step = this.steps.at(-1)
      if (step === undefined || to === undefined || !clients.inMesh) return
      const measurement = step.routed.get(to.name) ?? { requests: 0, failures: 0, latencies: new LatencyHistogram() }
      step.routed.set(to.name, measurement)
      measurement.requests += 1
      if (status >= 500) measurement.failures += 1
      measurement.latencies.add(latency)
    })
  }

  /** Hears of each phase when it begins, and of each step when it is over. */
  onEvent(listener: (event: PhaseChange | Step) => void): void {
    this.#listeners.push(listener)
  }

  /** The phase the resource is in. */
  get phase(): string {
    return this.phases.at(-1)?.phase ?? ''
  }

  #read(object: KubeObject): void {
    const status = (object.status ?? {}) as WorkflowStatus
    const { apex } = this.#options
    const split = status.outputs?.trafficsplits?.find(({ service }) => service === apex.name)
    if (split !== undefined) this.#request(sharesOf(split.backends.map(({ service, weight }) => [service, weight])))
    if (status.phase === undefined || status.phase === this.phase) return
    const history = status.phaseHistory ?? []
    // An initial phase that is left at once is first heard of when it is over.
    if (this.phases.length === 0)
      for (const visit of history.slice(0, -1)) this.#enter(Date.parse(visit.entered), visit.phase, '')
    const reason = history.findLast(({ left }) => left !== undefined)?.reason ?? ''
    this.#enter(this.#options.clock.now(), status.phase, reason)
  }

  #enter(time: number, phase: string, reason: string): void {
    const change = { time, phase, reason }
    this.phases.push(change)
    this.#tell(change)
  }

  /** The weights may be seen in the mesh before they are seen in the status, or the other way round: both are one step. */
  #request(shares: Shares): void {
    const step = this.steps.at(-1)
    if (step !== undefined && step.requested === undefined) step.requested = shares
    else if (step === undefined || !same(step.requested ?? {}, shares)) this.#begin(shares, step?.observed ?? {})
  }

  #observe(): void {
    const { adapter, plane, endpoints, apex, port } = this.#options
    this.#planeRevision = plane.revision
    const { traffic } = adapter.observe(plane.objects(), apex, endpoints)
    const rules = traffic?.ports.find((candidate) => candidate.port === port)?.rules
    const backends = rules?.at(-1)?.backends ?? []
    const shares = sharesOf(backends.map(({ service, weight }) => [service.name, weight]))
    const step = this.steps.at(-1)
    if (step === undefined) this.#begin(undefined, shares)
    else if (same(step.observed, shares)) return
    else if (step.requested === undefined || same(step.requested, shares)) step.observed = shares
    else this.#begin(undefined, shares)
  }

  #begin(requested: Shares | undefined, observed: Shares): void {
    const time = this.#options.clock.now()
    const last = this.steps.at(-1)
    if (last !== undefined) {
      last.end = time
      this.#tell(last)
    }
    this.steps.push({ time, end: undefined, phase: this.phase, requested, observed, routed: new Map() })
  }

  #tell(event: PhaseChange | Step): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function sharesOf(weights: readonly (readonly [name: string, weight: number])[]): Shares {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  const shares: Record<string, number> = {}
  for (const [name, weight] of weights) shares[name] = (shares[name] ?? 0) + (total === 0 ? 0 : (weight / total) * 100)
  return shares
}

/** Backends without weight are the same as backends that are not there. */
function same(first: Shares, second: Shares): boolean {
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  return [...names].every((name) => Math.abs((first[name] ?? 0) - (second[name] ?? 0)) < 1e-6)
}
