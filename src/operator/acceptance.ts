import { diagnostic } from '../diagnostics/catalogue.ts'
import { formatDiagnostic } from '../diagnostics/diagnostic.ts'
import { type ConditionChange, withCondition, withoutCondition } from './conditions.ts'
import type { Condition } from './status.ts'
import type { TrafficAcceptance } from './traffic.ts'

/** What the mesh's answer means for a resource. */
export interface Verdict {
  readonly conditions: readonly Condition[]
  /** How to go on: `go`, or `wait` until the objects change, for `pending` no longer than `for` milliseconds. */
  readonly step:
    | { readonly go: true }
    | { readonly wait: 'pending'; readonly for: number }
    | { readonly wait: 'rejected' }
  /** What is to be told as an Event, if it is new. */
  readonly change: ConditionChange | undefined
}

/**
 * Judges the mesh's answer. How long it has been waited for is on the resource: the condition names the objects with their
 * generations, so a new write is a new wait, which counts from `began`, and a restart goes on with the old one.
 */
export function judge(
  acceptance: TrafficAcceptance,
  conditions: readonly Condition[],
  { generation, now, began, timeout }: { generation: number; now: number; began: number; timeout: number },
): Verdict {
  const at = { generation, now }
  if (acceptance.state === 'none') {
    return { conditions: withoutCondition(conditions, 'TrafficAccepted'), step: { go: true }, change: undefined }
  }
  if (acceptance.state === 'accepted') {
    const change = condition('True', 'Accepted', 'the mesh has taken the traffic up')
    return { conditions: withCondition(conditions, change, at), step: { go: true }, change: undefined }
  }
  if (acceptance.state === 'rejected') {
    const facts = { object: acceptance.objects, reason: acceptance.reason }
    const change = condition('False', 'Rejected', formatDiagnostic(diagnostic('AP4016', facts)))
    return { conditions: withCondition(conditions, change, at), step: { wait: 'rejected' }, change }
  }
  const pending = condition('Unknown', 'Pending', `the mesh has not answered about ${acceptance.objects}`)
  const waiting = withCondition(conditions, pending, { generation, now: began, restart: true })
  const known = conditions.find(({ type }) => type === 'TrafficAccepted')
  // A wait that has yet to begin was begun by a clock that was ahead, and would last until ours has caught up.
  const same =
    known?.status === 'Unknown' &&
    known.message === waiting.find(isOwn)?.message &&
    !(Date.parse(known.lastTransitionTime) > now)
  const since = same ? Date.parse(known.lastTransitionTime) : began
  const left = Number.isNaN(since) ? 0 : since + timeout - now
  if (left > 0)
    return { conditions: same ? conditions : waiting, step: { wait: 'pending', for: left }, change: undefined }
  const silent = { ...pending, reason: 'NoAnswer' }
  return { conditions: withCondition(conditions, silent, at), step: { go: true }, change: silent }
}

function condition(status: Condition['status'], reason: string, message: string): ConditionChange {
  return { type: 'TrafficAccepted', status, reason, message }
}

function isOwn({ type }: Condition): boolean {
  return type === 'TrafficAccepted'
}
