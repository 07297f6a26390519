import type { KubeObject, ObjectRef } from './object.ts'

/**
 * The last known state of all objects of one kind, as raw JSON without `managedFields`. Objects are shared and must not be
 * changed by readers.
 */
export interface Store {
  get(ref: ObjectRef): KubeObject | undefined
  list(filter?: { namespace?: string | undefined; labels?: Readonly<Record<string, string>> }): KubeObject[]
  /** Objects that name this uid in `metadata.ownerReferences`. */
  ownedBy(uid: string): KubeObject[]
}

export type StoreChange =
  | {
      readonly type: 'added'
      readonly object: KubeObject
      readonly initial: boolean
    }
  | {
      readonly type: 'changed'
      readonly object: KubeObject
      readonly previous: KubeObject
    }
  | { readonly type: 'deleted'; readonly object: KubeObject }
