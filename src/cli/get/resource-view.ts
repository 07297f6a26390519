import { type KubeObject, keyOf } from '../../kube/object.ts'
import type { Condition, PhaseVisit } from '../../operator/status.ts'
import { readStatus } from '../../operator/status-reading.ts'
import type { Project } from '../../project/project.ts'
import type { TrafficView } from './observe-resource.ts'

/** A resource as people want to know it. */
export interface ResourceView {
  readonly name: string
  readonly created: string | undefined
  readonly phase: string
  readonly isFinal: boolean
  readonly isDeleted: boolean
  readonly history: readonly PhaseVisit[]
  readonly conditions: readonly Condition[]
  readonly traffic: readonly TrafficView[]
  /** Why it does not go on at the moment, in the operator's words. */
  readonly waits: string
  /** The phases it may go to from here. */
  readonly next: readonly string[]
}

export function viewOf(resource: KubeObject, project: Project, traffic: readonly TrafficView[]): ResourceView {
  const status = readStatus(resource)
  const { metadata } = resource
  const phase = project.phases.find(({ name, initial }) => (status.phase === '' ? initial : name === status.phase))
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  const accepted = status.conditions.find(({ type, status: is }) => type === 'TrafficAccepted' && is !== 'True')
  const others = project.phases.map(({ name }) => name).filter((name) => name !== phase?.name)
  return {
    name: keyOf(metadata),
    created: metadata.creationTimestamp,
    phase: phase?.name ?? status.phase,
    isFinal: phase?.final ?? false,
    isDeleted: metadata.deletionTimestamp !== undefined,
    history: status.phaseHistory,
    conditions: status.conditions,
    traffic,
    waits: accepted?.message ?? ready?.message ?? 'no operator has looked at it yet (`ap status`)',
    next: phase === undefined || phase.final ? [] : (phase.next ?? others),
  }
}
