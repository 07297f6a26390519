import type { AttachmentRecord } from '../mesh/attachment.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import type { CommandRecord } from './command.ts'

/** metav1.Condition. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
  readonly observedGeneration: number
}

/** One stay in a phase; `left` is absent for the present one. */
export interface PhaseVisit {
  readonly phase: string
  readonly entered: string
  readonly left?: string
  /** Why the phase was left. */
  readonly reason?: string
}

/**
 * The operator's own fields of a resource's status; workers' fields stand beside them.
 *
 * Conditions: `Ready` (the last sync did what it wanted, and nothing keeps the phase from going on), `TrafficAccepted` (the mesh took the objects up),
 * `CommandAccepted` (what was last commanded was possible and taken; absent when nothing was).
 */
export interface WorkflowStatus {
  readonly phase?: string
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  /** The last 20 visits, oldest first. */
  readonly phaseHistory?: readonly PhaseVisit[]
  /** What the resource last asked of the mesh, so that merging with others needs no worker to run. */
  readonly outputs?: NeutralOutputs
  /** What was in the routes of users that are edited, to be put back. */
  readonly attachments?: readonly AttachmentRecord[]
  /** The command that was handled last. */
  readonly lastCommand?: CommandRecord
}

/** Status fields that workers cannot set. */
export const reservedStatusFields: readonly (keyof WorkflowStatus)[] = [
  'phase',
  'observedGeneration',
  'conditions',
  'phaseHistory',
  'outputs',
  'attachments',
  'lastCommand',
]
