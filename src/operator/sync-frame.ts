import type { Logger } from 'pino'
import { type KubeObject, keyOf } from '../kube/object.ts'
import type { Owner } from '../kube/owners.ts'
import type { AttachmentRecord } from '../mesh/attachment.ts'
import type { CommandRecord } from './command.ts'
import { type ConditionChange, isNews, withCondition } from './conditions.ts'
import type { ReadLog } from './dependencies.ts'
import { withVisit } from './history.ts'
import { commandCondition } from './orders.ts'
import type { Runtime } from './runtime.ts'
import type { Condition } from './status.ts'
import { type KnownStatus, readStatus } from './status-reading.ts'

/** What one sync of one resource is about; taken once, when it begins. */
export interface Frame {
  readonly key: string
  readonly resource: KubeObject
  readonly status: KnownStatus
  readonly generation: number
  readonly namespace: string
  /** The resource as an owner of others. */
  readonly owner: Owner
  readonly reads: ReadLog
  readonly log: Logger
  /** Aborts when the operator stops, or the resource is deleted in the middle. */
  readonly signal: AbortSignal
}

export function openFrame(runtime: Runtime, resource: KubeObject, reads: ReadLog, signal: AbortSignal): Frame {
  const key = keyOf(resource.metadata)
  return {
    key,
    resource,
    status: readStatus(resource),
    generation: resource.metadata.generation ?? 1,
    namespace: resource.metadata.namespace ?? '',
    owner: runtime.contributions.of(resource, {}).owner,
    reads,
    log: runtime.log.child({ resource: key }),
    signal,
  }
}

/** What is to be said on the resource after a sync. */
export interface Report {
  /** The phase the resource was worked on in; absent when there is none yet. */
  readonly phase?: string | undefined
  readonly next?: string | undefined
  readonly reason?: string | undefined
  readonly ready: ConditionChange
  /** Conditions as they are before `ready`; those of the resource unless given. */
  readonly conditions?: readonly Condition[] | undefined
  /** Changes of the workers' own fields; `null` deletes one. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined
  /** What the resource asks of the mesh; as before unless given. */
  readonly outputs?: object | undefined
  /** What is edited in routes of users; as before unless given. */
  readonly attachments?: readonly AttachmentRecord[] | undefined
  /** The command that was handled; the last one unless given. */
  readonly command?: CommandRecord | undefined
}

/** Writes the report to the resource's status, if it says anything new, and tells what is news as Events. */
export async function report(runtime: Runtime, frame: Frame, what: Report): Promise<void> {
  const { clock, events, statusWriter } = runtime
  const { generation, resource, status } = frame
  const now = clock.now()
  const { phase, next = phase, reason, ready, conditions = status.conditions, outputs = status.outputs } = what
  const { attachments = status.attachments, command } = what
  const commanded = command && commandCondition(undefined, command)
  const about = { generation, now }
  const fields: Record<string, unknown> = { ...status.fields, ...what.fields }
  for (const [name, value] of Object.entries(fields)) if (value === null) delete fields[name]
  const written = await statusWriter.write(resource, {
    ...fields,
    ...(next !== undefined && { phase: next }),
    observedGeneration: generation,
    conditions: withCondition(commanded ? withCondition(conditions, commanded, about) : conditions, ready, about),
    ...(phase !== undefined &&
      next !== undefined && { phaseHistory: withVisit(status.phaseHistory, { phase, next, now, reason }) }),
    ...(Object.keys(outputs).length > 0 && { outputs }),
    attachments: attachments.length > 0 ? attachments : undefined,
    ...(command && { lastCommand: command }),
  })
  if (ready.status === 'False' && isNews(status.conditions, ready)) {
    events.record({ regarding: written, type: 'Warning', reason: ready.reason, note: ready.message })
  }
}
