import type { KubeObject } from '../kube/object.ts'
import { type Cluster, nowOf, subjectOf } from './cluster.ts'
import { withAt } from './json.ts'
import type { Resource } from './resource.ts'
import { conflict, forbidden } from './status.ts'

/** `meta.k8s.io/v1 DeleteOptions`, as far as they matter here. */
export interface DeleteOptions {
  readonly propagationPolicy?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly dryRun?: boolean
}

/** What became of a delete. */
export interface Deletion {
  readonly object: KubeObject
  /** False while finalizers hold the object. */
  readonly removed: boolean
}

const lasting = new Set(['default', 'kube-system', 'kube-public'])

/**
 * Deletes an object, or marks it for deletion while finalizers hold it. `Foreground` and `Orphan` hold it by the finalizers
 * that the garbage collector serves.
 *
 * @throws 409 when a precondition fails, 403 for the namespaces a cluster cannot be without
 */
export function deleteObject(
  cluster: Cluster,
  resource: Resource,
  object: KubeObject,
  options: DeleteOptions,
): Deletion {
  checkPreconditions(resource, object, options)
  const { metadata } = object
  const isNamespace = resource.group === '' && resource.plural === 'namespaces'
  if (isNamespace && lasting.has(metadata.name)) {
    throw forbidden(subjectOf(resource, metadata.name), 'this namespace may not be deleted')
  }
  const finalizers = finalizersFor(metadata.finalizers ?? [], options.propagationPolicy)
  if (finalizers.length === 0 && !isNamespace) {
    if (options.dryRun === true) return { object, removed: true }
    return { object: resource.bucket.remove(object), removed: true }
  }
  const marked = mark(cluster, object, finalizers)
  const pending = isNamespace ? terminating(marked) : marked
  if (options.dryRun === true || pending === object) return { object: pending, removed: false }
  return { object: resource.bucket.put(pending), removed: false }
}

function checkPreconditions(
  resource: Resource,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const subject = { group: resource.group, kind: resource.kind, name: metadata.name }
  if (uid !== undefined && uid !== metadata.uid) {
    const text = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`
    throw conflict(subject, text)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const text = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`
    throw conflict(subject, text)
  }
}

function finalizersFor(current: readonly string[], policy: string | undefined): string[] {
  const others = current.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion')
  if (policy === 'Foreground') return [...others, 'foregroundDeletion']
  if (policy === 'Orphan') return [...others, 'orphan']
  return policy === 'Background' ? others : [...current]
}

function mark(cluster: Cluster, object: KubeObject, finalizers: readonly string[]): KubeObject {
  const { metadata } = object
  const same = finalizers.join() === (metadata.finalizers ?? []).join()
  if (metadata.deletionTimestamp !== undefined && same) return object
  const marked = {
    ...metadata,
    deletionTimestamp: metadata.deletionTimestamp ?? nowOf(cluster),
    deletionGracePeriodSeconds: 0,
  }
  if (metadata.deletionTimestamp === undefined && marked.generation !== undefined) marked.generation += 1
  if (finalizers.length > 0) return { ...object, metadata: { ...marked, finalizers: [...finalizers] } }
  const { finalizers: _gone, ...rest } = marked
  return { ...object, metadata: rest }
}

function terminating(namespace: KubeObject): KubeObject {
  const changed = withAt(namespace, ['status', 'phase'], 'Terminating')
  return { ...namespace, status: changed.status }
}
