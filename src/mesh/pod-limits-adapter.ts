import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { ObjectProblem } from './object-reading.ts'
import type { PodLimit } from './pod-limits.ts'
import type { WorkloadDirectory } from './workloads.ts'

/** What there is besides what is translated. */
export interface LimitSurroundings {
  readonly workloads: WorkloadDirectory
  /** Objects of the adapter's kinds that belong to others, or that are about to be written for access and mutual TLS. */
  readonly others: readonly KubeObject[]
  /** Those that are there and our own: their names stay. */
  readonly own: readonly KubeObject[]
}

/** What came of one limit; the same object may be there for several. */
export interface WrittenLimit {
  readonly objects: readonly KubeObject[]
  /** What keeps it from being carried. */
  readonly problems: readonly Diagnostic[]
}

export interface ObservedLimits {
  readonly limits: readonly PodLimit[]
  /** Parts of the objects the neutral model has no words for. */
  readonly problems: readonly ObjectProblem[]
}

/**
 * Rate limits where the mesh has them for pods and not for the requests to a Service: `translate` of the adapter itself leaves them out
 * then.
 *
 * Guarantees, as of the adapter: pure; faithful, as `observe(translate(limits))` is `limits`, in their order; honest, as what cannot
 * be carried is among the problems.
 */
export interface PodLimitsAdapter {
  /** Kinds this may write, in the order in which they must exist. */
  readonly kinds: readonly Kind[]
  /** Kinds that tell more of the pods than what makes them does; read and watched where limits are asked for, and found by `workloads.beside`. */
  readonly consults?: readonly Kind[]
  /** One answer for each limit, in their order. No two limits are about the same pods and port. */
  translate(limits: readonly PodLimit[], surroundings: LimitSurroundings): WrittenLimit[]
  observe(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedLimits
  /** Whether an object is there for limits alone, and planned ones are about the same pods, so that it has to be gone before them. */
  yields(object: KubeObject, planned: readonly KubeObject[], workloads: WorkloadDirectory): boolean
}
