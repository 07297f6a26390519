import type { Condition } from './status.ts'

/** Longest message written; the API server takes 32768 characters, and nobody reads more than this. */
const longestMessage = 1_000

export interface ConditionChange {
  readonly type: 'Ready' | 'TrafficAccepted' | 'CommandAccepted'
  readonly status: Condition['status']
  /** CamelCase, as metav1.Condition asks. */
  readonly reason: string
  readonly message: string
}

/** The resource is as its worker wants it. */
export function isReady(reason: string, message: string): ConditionChange {
  return { type: 'Ready', status: 'True', reason, message }
}

/** Something is in the way; worth a Warning when it is new. */
export function notReady(reason: string, message: string): ConditionChange {
  return { type: 'Ready', status: 'False', reason, message }
}

/**
 * The conditions with one of them set: the same array when nothing is different. `lastTransitionTime` moves when the status
 * does, as metav1.Condition asks, or when `restart` says that a new wait begins under the same status.
 */
export function withCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  { generation, now, restart = false }: { generation: number; now: number; restart?: boolean },
): readonly Condition[] {
  const index = conditions.findIndex(({ type }) => type === change.type)
  const known = conditions[index]
  const message = shorten(change.message)
  if (
    known !== undefined &&
    !restart &&
    known.status === change.status &&
    known.reason === change.reason &&
    known.message === message &&
    known.observedGeneration === generation
  )
    return conditions
  const kept = known !== undefined && known.status === change.status && !restart
  const condition: Condition = {
    ...change,
    message,
    lastTransitionTime: kept ? known.lastTransitionTime : new Date(now).toISOString(),
    observedGeneration: generation,
  }
  return index < 0 ? [...conditions, condition] : conditions.with(index, condition)
}

export function withoutCondition(
  conditions: readonly Condition[],
  type: ConditionChange['type'],
): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions
}

/** Whether setting the condition would tell something new: then, and only then, it is worth an Event. */
export function isNews(conditions: readonly Condition[], { type, status, reason, message }: ConditionChange): boolean {
  const known = conditions.find((condition) => condition.type === type)
  return known?.status !== status || known.reason !== reason || known.message !== shorten(message)
}

/** A text as it is stored: no longer than anybody reads, and without halves of characters, which the API server would replace. */
export function shorten(message: string): string {
  const cut = message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
  return cut.toWellFormed()
}
