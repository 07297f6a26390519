import type { KubeObject, OwnerReference } from './object.ts'

/** Uids of owners that cannot be in `ownerReferences` because they are in another namespace; separated by commas. */
export const distantOwnersAnnotation = 'mesh-autopilot.dev/owners'

/**
 * Who an object is made for. `namespace` is that of the owner, absent if it is cluster-scoped: owner references only work
 * within a namespace or towards a cluster-scoped owner, and the garbage collector deletes objects with others.
 */
export interface Owner extends OwnerReference {
  readonly namespace?: string
}

/** Uids of everything that owns an object, near or distant. */
export function ownerUids({ metadata }: KubeObject): string[] {
  const near = metadata.ownerReferences?.map(({ uid }) => uid) ?? []
  const distant = metadata.annotations?.[distantOwnersAnnotation]
  return distant === undefined || distant === '' ? near : [...near, ...distant.split(',')]
}

export interface MergedOwners {
  readonly references: OwnerReference[]
  readonly distant: string[]
}

/**
 * The owners that an object has and those it is to have as well: an object made for several resources keeps all of them.
 * At most one is its controller (the API server refuses two), and the present one stays it.
 */
export function mergeOwners(
  live: KubeObject | undefined,
  namespace: string | undefined,
  owners: readonly Owner[],
): MergedOwners {
  const references = new Map((live?.metadata.ownerReferences ?? []).map((reference) => [reference.uid, reference]))
  const known = new Set(live === undefined ? [] : ownerUids(live))
  const distant = [...known].filter((uid) => !references.has(uid))
  for (const { namespace: ownerNamespace, ...reference } of owners) {
    if (known.has(reference.uid)) continue
    known.add(reference.uid)
    if (ownerNamespace !== undefined && ownerNamespace !== namespace) distant.push(reference.uid)
    else references.set(reference.uid, withOneController([...references.values()], reference))
  }
  return { references: [...references.values()], distant: distant.toSorted() }
}

function withOneController(present: readonly OwnerReference[], added: OwnerReference): OwnerReference {
  if (added.controller !== true || !present.some(({ controller }) => controller)) return added
  const { controller: _, ...reference } = added
  return reference
}
