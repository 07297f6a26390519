import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import { isForbidden, isNotFound } from '../../kube/errors.ts'
import { leaseKind } from '../../kube/lease.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fieldsOf, textOf } from '../../mesh/fields.ts'
import { getOrNothing } from '../cluster/installation.ts'

export interface LeaseRemoval {
  readonly client: KubeClient
  readonly operatorName: string
  /** Where its Lease is. */
  readonly namespace: string
  readonly dryRun: boolean
  readonly signal: AbortSignal
  readonly say: (word: 'deleted' | 'kept', text: string) => void
}

/** Takes away the Lease of an operator that has stopped, which the operator itself may not; one that a process still holds stays, and is told. */
export async function removeLease({
  client,
  operatorName: name,
  namespace,
  dryRun,
  signal,
  say,
}: LeaseRemoval): Promise<void> {
  const called = `Lease ${namespace}/${name}`
  try {
    const lease = await getOrNothing(client, leaseKind, { name, namespace }, signal)
    if (lease === undefined) return
    const holder = holderOf(lease, `${name}-`)
    if (holder !== undefined) return say('kept', `${called}: held by ${holder}`)
    const { uid } = lease.metadata
    const preconditions = uid === undefined ? {} : { preconditions: { uid } }
    if (!dryRun) await client.delete(leaseKind, { name, namespace }, { ...preconditions, signal })
    say('deleted', called)
  } catch (error) {
    if (isNotFound(error)) return
    if (!isForbidden(error)) throw error
    say('kept', `${called}: you may not delete it`)
  }
}

/** Who holds it and is none of the pods that are gone, whose names begin like this; undefined when nobody does, or it has run out. */
function holderOf({ spec }: KubeObject, pods: string): string | undefined {
  const { holderIdentity, renewTime, leaseDurationSeconds } = fieldsOf(spec)
  const holder = textOf(holderIdentity) ?? ''
  const until = Date.parse(textOf(renewTime) ?? '') + Number(leaseDurationSeconds) * 1000
  return holder === '' || holder.startsWith(pods) || !(until > systemClock.now()) ? undefined : holder
}
