import type { KubeObject } from '../kube/object.ts'
import type { Cluster } from './cluster.ts'
import { bucketName, cleanupFinalizer, customResource } from './crd.ts'
import { at, listOf, objectOf, stringOf } from './json.ts'
import { deleteObject } from './remove.ts'
import type { Bucket, Change } from './store.ts'

/**
 * Serves what CustomResourceDefinitions define, from the moment they are stored; on deletion removes the objects first, then
 * lets the definition go, then stops serving.
 */
export class Definitions {
  readonly #cluster: Cluster
  /** Definitions on their way out, by the bucket of their objects. */
  readonly #terminating = new Map<string, string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Takes a commit in; true when `settle` has something to do. */
  observe(bucket: Bucket, change: Change): boolean {
    if (bucket.name !== 'customresourcedefinitions')
      return change.type !== 'ADDED' && this.#terminating.has(bucket.name)
    const definition = change.object
    const { registry, store } = this.#cluster
    if (change.type === 'DELETED') {
      registry.remove(stringOf(at(definition.spec, 'group')), stringOf(at(definition.spec, 'names', 'plural')))
      this.#terminating.delete(bucketName(definition))
      store.drop(bucketName(definition))
      return false
    }
    registry.set(customResource(this.#cluster, definition))
    if (definition.metadata.deletionTimestamp === undefined) return false
    this.#terminating.set(bucketName(definition), definition.metadata.name)
    return true
  }

  /** Empties the resources of deleted definitions and releases the definitions that have no objects left. */
  settle(): void {
    const definitions = this.#cluster.store.bucket('customresourcedefinitions')
    for (const [bucket, name] of [...this.#terminating]) {
      const definition = definitions.get('', name)
      if (definition === undefined) continue
      this.#empty(definition)
      if (this.#cluster.store.bucket(bucket).size > 0) continue
      const finalizers = (definition.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer)
      if (finalizers.length === (definition.metadata.finalizers ?? []).length) continue
      const released: KubeObject = { ...definition, metadata: { ...definition.metadata, finalizers } }
      if (finalizers.length > 0) definitions.put(released)
      else definitions.remove(released)
    }
  }

  #empty(definition: KubeObject): void {
    const spec = objectOf(definition.spec)
    const resource = this.#cluster.registry.get(stringOf(spec.group), stringOf(objectOf(spec.names).plural))
    if (resource === undefined || listOf(spec.versions).length === 0) return
    for (const object of [...resource.bucket.list()]) {
      if (object.metadata.deletionTimestamp === undefined) deleteObject(this.#cluster, resource, object, {})
    }
  }
}
