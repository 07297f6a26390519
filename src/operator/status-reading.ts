import { type KubeObject, keyOf } from '../kube/object.ts'
import { isRecord } from '../kube/wire.ts'
import type { AttachmentRecord, RuleRecord } from '../mesh/attachment.ts'
import type { NeutralOutputs } from '../mesh/outputs.ts'
import type { CommandRecord } from './command.ts'
import type { Condition, PhaseVisit } from './status.ts'

/** The operator's own fields of a status, each of the shape it should have. */
export interface KnownStatus {
  /** Empty when the resource has not been worked on. */
  readonly phase: string
  readonly conditions: readonly Condition[]
  readonly phaseHistory: readonly PhaseVisit[]
  readonly outputs: NeutralOutputs
  readonly attachments: readonly AttachmentRecord[]
  readonly lastCommand: CommandRecord | undefined
  /** The whole status as it is, the workers' fields among it. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Reads a status that anybody may have written: what is not of the right shape counts as absent. */
export function readStatus({ status }: KubeObject): KnownStatus {
  const fields = isRecord(status) ? status : {}
  const { phase, conditions, phaseHistory, outputs, attachments, lastCommand } = fields
  return {
    phase: typeof phase === 'string' ? phase : '',
    conditions: Array.isArray(conditions) ? conditions.filter(isCondition) : [],
    phaseHistory: Array.isArray(phaseHistory) ? phaseHistory.filter(isVisit) : [],
    outputs: isRecord(outputs) ? outputs : {},
    attachments: Array.isArray(attachments) ? attachments.filter(isAttachment) : [],
    lastCommand: isCommandRecord(lastCommand) ? lastCommand : undefined,
    fields,
  }
}

function isCondition(value: unknown): value is Condition {
  return (
    isRecord(value) &&
    ['type', 'status', 'reason', 'message', 'lastTransitionTime'].every((field) => typeof value[field] === 'string')
  )
}

function isVisit(value: unknown): value is PhaseVisit {
  if (!isRecord(value)) return false
  const { phase, entered, left } = value
  return typeof phase === 'string' && typeof entered === 'string' && (left === undefined || typeof left === 'string')
}

function isCommandRecord(value: unknown): value is CommandRecord {
  if (!isRecord(value)) return false
  const { verb, at, phase, by, reason, refused } = value
  const optional = [by, reason, refused].every((field) => field === undefined || typeof field === 'string')
  return optional && [verb, at, phase].every((field) => typeof field === 'string')
}

function isAttachment(value: unknown): value is AttachmentRecord {
  return (
    isRecord(value) &&
    ['kind', 'namespace', 'name', 'uid'].every((field) => typeof value[field] === 'string') &&
    Array.isArray(value['rules']) &&
    value['rules'].every(isRuleRecord)
  )
}

function isRuleRecord(value: unknown): value is RuleRecord {
  if (!isRecord(value)) return false
  const { name, index, count, form, before, added } = value
  const isBefore = (one: unknown) =>
    isRecord(one) &&
    typeof one['service'] === 'string' &&
    (one['weight'] === undefined || typeof one['weight'] === 'number')
  return (
    (name === undefined || typeof name === 'string') &&
    typeof index === 'number' &&
    typeof count === 'number' &&
    typeof form === 'string' &&
    Array.isArray(before) &&
    before.every(isBefore) &&
    Array.isArray(added) &&
    added.every((service) => typeof service === 'string')
  )
}

/** How messages call a resource: `CanaryDeployment shop/web`. */
export function describe({ kind, metadata }: KubeObject): string {
  return `${kind} ${keyOf(metadata)}`
}
