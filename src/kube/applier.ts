import type { Kind, KubeObject, ObjectRef } from './object.ts'
import type { Owner } from './owners.ts'

export type ApplyOutcome = 'created' | 'configured' | 'unchanged'

export interface DesiredObject {
  readonly kind: Kind
  /** The fields this program wants; everything else in the live object is left to its owners. */
  readonly object: KubeObject
  /**
   * Paths such as `['spec', 'replicas']` that are only given a value when the object is created: afterwards the live value is
   * kept, whoever set it, even when it changes while this write is under way.
   */
  readonly initially?: readonly (readonly string[])[]
}

/**
 * Writes objects by server-side apply and takes them away again.
 *
 * Guarantees:
 * - no write when nothing changed: the desired fields are those of the last apply (by a hash in an annotation, so that it
 *   holds after a restart too) and the live object still has them as the API server stored them then;
 * - no read from the API server but one to resolve a conflict: it works on the informers' stores, whose first list must be there;
 * - an object that exists and is not ours (no managed-by label of this operator) is never applied over: `ForeignObjectError`;
 * - the stores have what was written when the promise resolves.
 */
export interface Applier {
  /** Owners are added to those the object has; give their namespace where they have one. */
  apply(desired: DesiredObject, owners: readonly Owner[]): Promise<{ outcome: ApplyOutcome; object: KubeObject }>
  /**
   * Sets some fields of an object that belongs to someone else, by merge patch (`null` deletes a field). Never creates it.
   * Does nothing when the live object has them already. The object's uid is a precondition where the API offers one.
   */
  edit(
    kind: Kind,
    ref: ObjectRef,
    fields: Record<string, unknown>,
  ): Promise<{ outcome: ApplyOutcome; object: KubeObject }>
  /** Deletes an object of ours; one that is gone already, or is not ours, is left. */
  remove(kind: Kind, ref: ObjectRef): Promise<'deleted' | 'absent'>
  /** The objects of a kind that are ours and name this owner, from the store. */
  owned(kind: Kind, ownerUid: string): KubeObject[]
}
