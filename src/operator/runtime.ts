import type { Logger } from 'pino'
import type { Applier } from '../kube/applier.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Informers } from '../kube/informers.ts'
import type { Kind } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { MetricsSource } from '../metrics/metrics.ts'
import type { Project } from '../project/project.ts'
import type { Contributions } from './contributions.ts'
import type { OperatorDefinition } from './definition.ts'
import type { Dependencies } from './dependencies.ts'
import type { Echoes } from './echoes.ts'
import type { FaultBackends } from './fault-backends.ts'
import type { MeshObjects } from './mesh-objects.ts'
import type { NativeOutputs } from './native-outputs.ts'
import type { Rivals } from './rivals.ts'
import type { StatusWriter } from './status-writer.ts'
import type { Traffic } from './traffic.ts'

/** What happens to workflows, for metrics. */
export interface WorkflowObserver {
  workerCalled(phase: string, durationMs: number): void
  phaseChanged(from: string, to: string): void
  workerFailed(phase: string): void
}

/** What may change while the operator runs, and bounds that tests choose. Milliseconds. */
export interface Settings {
  /** Between two syncs of a resource to which nothing happens. */
  workInterval: number
  /** How long the mesh has time to take objects up before the workflow goes on without its answer. */
  readonly acceptanceTimeout: number
  /** Bound of one call of a worker. */
  readonly workerTimeout: number
}

/** Everything one operator works with: made once, in `operator.ts`. */
export interface Runtime {
  readonly project: Project
  readonly definition: OperatorDefinition
  /** The resource's own kind. */
  readonly kind: Kind
  /** Kinds of inputs and outputs by the names of autopilot.yaml. */
  readonly kinds: ReadonlyMap<string, Kind>
  readonly client: KubeClient
  readonly informers: Informers
  readonly applier: Applier
  readonly events: Pick<EventRecorder, 'record'>
  readonly adapter: MeshAdapter
  /** Kinds that are looked at beside workloads. */
  readonly beside: readonly Kind[]
  readonly metrics: MetricsSource
  readonly clock: Clock
  readonly log: Logger
  readonly settings: Settings
  readonly observer: WorkflowObserver
  readonly contributions: Contributions
  readonly dependencies: Dependencies
  readonly echoes: Echoes
  /** Absent where no faults are asked for, or the mesh has them. */
  readonly faults: FaultBackends | undefined
  readonly meshObjects: MeshObjects
  readonly natives: NativeOutputs
  readonly rivals: Rivals
  readonly statusWriter: StatusWriter
  readonly traffic: Traffic
}

/** The finalizer that `enableFinalizer` puts on resources: a qualified name, as the API server demands. */
export function finalizerName({ group, operatorName }: Pick<Project, 'group' | 'operatorName'>): string {
  return `${group}/${operatorName}`
}
