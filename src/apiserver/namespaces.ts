import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { objectOf } from './json.ts'
import { deleteObject } from './remove.ts'
import type { Bucket, Change } from './store.ts'

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export class NamespaceController {
  readonly #cluster: Cluster
  readonly #terminating = new Set<string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Takes a commit in; true when `settle` has something to do. */
  observe(bucket: Bucket, { type, object }: Change): boolean {
    const { namespace, name, deletionTimestamp } = object.metadata
    if (bucket.name !== 'namespaces') return type === 'DELETED' && this.#terminating.has(namespace ?? '')
    if (type === 'DELETED') this.#terminating.delete(name)
    else if (deletionTimestamp !== undefined) this.#terminating.add(name)
    return type !== 'DELETED' && deletionTimestamp !== undefined
  }

  settle(): void {
    for (const name of [...this.#terminating]) {
      let left = 0
      for (const resource of this.#cluster.registry.all()) {
        if (!resource.namespaced) continue
        for (const object of [...resource.bucket.list(name)]) {
          if (object.metadata.deletionTimestamp === undefined) deleteObject(this.#cluster, resource, object, {})
        }
        left += resource.bucket.list(name).length
      }
      if (left === 0) this.#release(name)
    }
  }

  #release(name: string): void {
    const namespaces = this.#cluster.store.bucket('namespaces')
    const object = namespaces.get('', name)
    if (object === undefined) return
    const released: KubeObject = { ...object, spec: { ...objectOf(object.spec), finalizers: [] } }
    if ((object.metadata.finalizers ?? []).length === 0) namespaces.remove(released)
  }
}
