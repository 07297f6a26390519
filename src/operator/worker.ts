import type { Logger } from 'pino'
import type { KubeObject } from '../kube/object.ts'
import type { ObservedAccess, ObservedMtls } from '../mesh/access-adapter.ts'
import type { ObservedTraffic } from '../mesh/adapter.ts'
import type { WorkloadRef } from '../mesh/metric-queries.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import type { MetricResult } from '../metrics/metrics.ts'

/** Objects of one declared input kind, in the resource's namespace, as last seen. Whatever is read is watched for this resource. */
export interface Lister<T extends KubeObject> {
  get(name: string): T | undefined
  list(labels?: Readonly<Record<string, string>>): T[]
}

/** Measurements through the mesh's telemetry; windows are durations such as `1m`. The namespace is the resource's. */
export interface MetricsInput {
  successRate(question: { workload: string; window: string }): Promise<MetricResult>
  errorRate(question: { workload: string; window: string }): Promise<MetricResult>
  requestRate(question: { workload: string; window: string }): Promise<MetricResult>
  latency(question: { workload: string; window: string; quantile: number }): Promise<MetricResult>
  /** The same measurements for the calls of one workload to another, as the caller sees them. */
  edge(from: WorkloadRef, to: WorkloadRef): TargetMetrics
  /** … for all calls that were sent to the endpoints of a Service, as the callers see them. */
  service(name: string): TargetMetrics
  /** … for those that one backend of an apex Service got by way of the apex, where the mesh tells them apart from others. */
  backend(apex: string, service: string): TargetMetrics
  /** A query of autopilot.yaml by its name. */
  query(name: string, parameters: Readonly<Record<string, string>>): Promise<MetricResult>
}

/** Measurements of one thing that is given. */
export interface TargetMetrics {
  successRate(question: { window: string }): Promise<MetricResult>
  /** What is missing from the success rate: the share that failed. */
  errorRate(question: { window: string }): Promise<MetricResult>
  requestRate(question: { window: string }): Promise<MetricResult>
  latency(question: { window: string; quantile: number }): Promise<MetricResult>
}

/** What the mesh's objects say now, read back from the cluster. */
export interface TrafficInput {
  /** The traffic of an apex service of the resource's namespace. */
  observed(service: string): ObservedTraffic
}

/** Who may call the pods of the resource's namespace, as the mesh's objects say now. */
export interface AccessInput {
  observed(): ObservedAccess
}

/** The mutual TLS of these pods, likewise. */
export interface MtlsInput {
  observed(): ObservedMtls
}

/** Inputs by the names of autopilot.yaml. A phase sees only what it declares. */
export type InputOf<Name extends string, Kinds extends Record<string, KubeObject>> = Name extends 'metrics'
  ? MetricsInput
  : Name extends 'traffictargets'
    ? AccessInput
    : Name extends 'mtlspolicies'
      ? MtlsInput
      : Name extends keyof NeutralOutputs
        ? TrafficInput
        : Name extends keyof Kinds
          ? Lister<Kinds[Name]>
          : Lister<KubeObject>

/** An object that is wanted, ours from its creation on. */
export interface OwnedOutput<T extends KubeObject = KubeObject> {
  readonly object: T
  /** Fields that get a value at creation only, such as `['spec', 'replicas']`; later the live value is kept. */
  readonly initially?: readonly (readonly string[])[]
}

/**
 * Some fields of an object that belongs to the user, such as the selector of the apex Service. Set by merge patch (`null`
 * deletes), only where they differ, for as long as the worker says so; when it no longer does they stay as they are.
 */
export interface EditOutput {
  readonly edit: {
    readonly name: string
    readonly fields: Readonly<Record<string, unknown>>
  }
}

export type NativeOutput<T extends KubeObject = KubeObject> = OwnedOutput<T> | EditOutput

/** Outputs by the names of autopilot.yaml. */
export type OutputOf<Name extends string, Kinds extends Record<string, KubeObject>> = Name extends keyof NeutralOutputs
  ? NonNullable<NeutralOutputs[Name]>
  : readonly NativeOutput<Name extends keyof Kinds ? Kinds[Name] : KubeObject>[]

/** What a worker is called with. */
export interface WorkerContext<
  Resource extends KubeObject = KubeObject,
  Inputs = Readonly<Record<string, unknown>>,
  Given = unknown,
> {
  /** The resource as last seen, its spec defaulted. Not to be changed. */
  readonly resource: Resource
  readonly inputs: Inputs
  /** Milliseconds since the epoch, of the clock that the operator runs on. Workers use no other clock. */
  readonly now: number
  /** When the resource entered its present phase, in milliseconds since the epoch. */
  readonly entered: number
  /**
   * What somebody tells the resource to do, if it has not been done yet. It counts as done when the result has taken effect, and is given
   * again until then; a worker that cannot follow it says why in `refuses`, and one that does not look at it is told to have refused it.
   */
  readonly command: Given | undefined
  readonly log: Logger
  /** Aborts when the operator stops or the resource is deleted. */
  readonly signal: AbortSignal
}

/**
 * What a worker answers.
 *
 * - `outputs`: per kind, the whole set this resource wants of it from now on: `[]` deletes what it had, a kind that is left
 *   out keeps what is there. They are applied, in full, before the phase or the status changes. The order is: native objects
 *   are created and updated, and edits made that only add fields; then mesh objects; and when the mesh has taken these up,
 *   edits that change or remove a value, and deletions. Updates of native objects come first: to scale down what still gets
 *   traffic, drain it in one step and scale in the next. While the mesh has not taken the traffic of a result up, the
 *   status and the phase stay as they are and the worker is called again with them.
 * - `next`: the phase to go to; absent, or the present phase, means to stay.
 * - `status`: fields to merge into the resource's status; `null` deletes one. The operator's own fields cannot be set. What JSON
 *   does not have (functions, NaN, a Map) is an error; fields that are undefined are left out.
 * - `after`: when to be called again (`10s` or milliseconds, at least 100); otherwise on changes of the inputs and every `workInterval`.
 * - `reason`: one sentence without a full stop, of 1000 characters at most, shown in conditions, history and events.
 * - `problem`: what keeps the phase from going on until somebody mends it, such as a missing Deployment; one sentence without a
 *   full stop. `Ready` is False with it and an Event warns. No error: everything else in the result takes effect.
 * - `refuses`: why the command is not followed, likewise; it is done with then, and an Event warns.
 */
export interface PhaseResult<
  Next extends string = string,
  Outputs = Readonly<Record<string, unknown>>,
  Status = Readonly<Record<string, unknown>>,
  Refuses = string,
> {
  readonly outputs?: Outputs
  readonly next?: Next
  readonly status?: Status
  readonly after?: string | number
  readonly reason?: string
  readonly problem?: string
  readonly refuses?: Refuses
}

/**
 * The work of one phase. Called at least once per phase and again until it names another one; must be idempotent, and never
 * writes to the cluster itself. A thrown error leaves everything as it is and is retried with exponential back-off.
 */
export interface Worker<Context extends WorkerContext = WorkerContext, Result extends PhaseResult = PhaseResult> {
  sync(context: Context): Result | Promise<Result>
}

/**
 * Runs when the resource is deleted, until it answers `done`. Its outputs are applied like a phase's; what the resource owns
 * is deleted after that.
 */
export interface Finalizer<Context extends WorkerContext = WorkerContext> {
  sync(context: Context): FinalizerResult | Promise<FinalizerResult>
}

export interface FinalizerResult<
  Outputs = Readonly<Record<string, unknown>>,
  Status = Readonly<Record<string, unknown>>,
> {
  readonly done: boolean
  readonly outputs?: Outputs
  readonly status?: Status
  readonly after?: string | number
  readonly reason?: string
}
