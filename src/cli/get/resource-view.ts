import { type KubeObject, keyOf } from '../../kube/object.ts'
import { describeCommand } from '../../operator/command.ts'
import { type Orders, ordersOf, verbsOf } from '../../operator/orders.ts'
import { pauseOf } from '../../operator/pause.ts'
import type { Condition, PhaseVisit } from '../../operator/status.ts'
import { readStatus } from '../../operator/status-reading.ts'
import type { Phase, Project, Verb } from '../../project/project.ts'
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
  /** What it was told to do, if the operator has not handled that yet. */
  readonly orders: Orders
  /** What people may tell it to do now. */
  readonly verbs: readonly Pick<Verb, 'name' | 'description'>[]
}

export function viewOf(resource: KubeObject, project: Project, traffic: readonly TrafficView[]): ResourceView {
  const status = readStatus(resource)
  const { metadata } = resource
  const phase = project.phases.find(({ name, initial }) => (status.phase === '' ? initial : name === status.phase))
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  const accepted = status.conditions.find(({ type, status: is }) => type === 'TrafficAccepted' && is !== 'True')
  const orders = phase === undefined ? {} : ordersOf(resource, status, phase, project)
  const isDeleted = metadata.deletionTimestamp !== undefined
  const others = project.phases.map(({ name }) => name).filter((name) => name !== phase?.name)
  const waits = accepted?.message ?? ready?.message ?? 'no operator has looked at it yet (`ap status`)'
  return {
    name: keyOf(metadata),
    created: metadata.creationTimestamp,
    phase: phase?.name ?? status.phase,
    isFinal: phase?.final ?? false,
    isDeleted,
    history: status.phaseHistory,
    conditions: status.conditions,
    traffic,
    waits: orders.command === undefined ? waits : `${waits}; ${describeCommand(orders.command)} is not handled yet`,
    next: phase === undefined || phase.final ? [] : (phase.next ?? others),
    orders,
    verbs:
      phase === undefined || isDeleted
        ? []
        : [...verbsOf(project, phase.name), ...runtimeVerbs(resource, phase, project)],
  }
}

const pause = { name: 'pause', description: 'It is held in its phase, with its traffic as it is' }
const resume = { name: 'resume', description: 'It goes on' }

function runtimeVerbs(resource: KubeObject, { final }: Phase, project: Project) {
  if (final) return []
  return [pauseOf(resource, project) === undefined ? pause : resume]
}
