import type { Informers } from '../kube/informers.ts'
import { apiVersionOf, type Kind, type KubeObject } from '../kube/object.ts'
import { managedByLabel } from '../kube/ownership.ts'
import type { StoreChange } from '../kube/store.ts'
import { serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { objectId } from './dependencies.ts'
import { protectedBy } from './protection.ts'

/** Names the service whose traffic a mesh object carries, so that the objects of an apex can be found without any other record. */
const apexLabel = 'mesh-autopilot.dev/apex'
/** Its namespace, where that is not the object's own. */
const apexNamespaceLabel = 'mesh-autopilot.dev/apex-namespace'

export interface MeshObject {
  readonly kind: Kind
  readonly object: KubeObject
}

/** The mesh objects of this operator by the apex they are about. */
export class MeshObjects {
  readonly #informers: Informers
  readonly #manager: string
  readonly #kinds: readonly Kind[]
  readonly #byApex = new Map<string, Map<string, MeshObject>>()
  readonly #byNamespace = new Map<string, Map<string, MeshObject>>()

  /** `manager` is the value of the managed-by label. */
  constructor(informers: Informers, kinds: readonly Kind[], manager: string) {
    this.#informers = informers
    this.#kinds = kinds
    this.#manager = manager
  }

  /** Takes over a change of a mesh object. To be called before anybody asks. */
  update(kind: Kind, change: StoreChange): void {
    const id = objectId(kind, change.object.metadata)
    this.#updateProtection(kind, change, id)
    const before = this.apexOf(change.type === 'changed' ? change.previous : change.object)
    if (before !== undefined) this.#remove(before, id)
    const apex = change.type === 'deleted' ? undefined : this.apexOf(change.object)
    if (apex === undefined) return
    const objects = this.#byApex.get(serviceName(apex)) ?? new Map<string, MeshObject>()
    this.#byApex.set(serviceName(apex), objects)
    objects.set(id, { kind, object: change.object })
  }

  /** Our objects that protect pods of a namespace. */
  protecting(namespace: string): MeshObject[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])]
  }

  /** Whether an object is one of ours that protect pods. */
  protects(object: KubeObject): boolean {
    return object.metadata.labels?.[managedByLabel] === this.#manager && protectedBy(object) !== undefined
  }

  /** The namespaces of all objects that protect pods and name this owner. */
  namespacesOwnedBy(uid: string): string[] {
    const all = this.#kinds.flatMap((kind) => this.#informers.of(kind).store.ownedBy(uid))
    const namespaces = all.filter((object) => this.protects(object)).map(({ metadata }) => metadata.namespace ?? '')
    return [...new Set(namespaces)]
  }

  /** All objects of these kinds in a namespace, whoever wrote them. */
  within(namespace: string): KubeObject[] {
    return this.#kinds.flatMap((kind) => {
      const objects = this.#informers.of(kind).store.list({ namespace })
      return objects.map((object) => ({ ...object, apiVersion: apiVersionOf(kind), kind: kind.kind }))
    })
  }

  #updateProtection(kind: Kind, change: StoreChange, id: string): void {
    const { namespace = '' } = change.object.metadata
    const objects = this.#byNamespace.get(namespace) ?? new Map<string, MeshObject>()
    if (change.type !== 'deleted' && this.protects(change.object)) {
      this.#byNamespace.set(namespace, objects)
      objects.set(id, { kind, object: change.object })
    } else if (objects.delete(id) && objects.size === 0) this.#byNamespace.delete(namespace)
  }

  #remove(apex: ServiceRef, id: string): void {
    const objects = this.#byApex.get(serviceName(apex))
    if (objects?.delete(id) && objects.size === 0) this.#byApex.delete(serviceName(apex))
  }

  /** Our objects about one apex. */
  on(apex: ServiceRef): MeshObject[] {
    return [...(this.#byApex.get(serviceName(apex))?.values() ?? [])]
  }

  /** The apex that an object of ours is about; undefined for all other objects. */
  apexOf({ metadata }: KubeObject): ServiceRef | undefined {
    const name = metadata.labels?.[apexLabel]
    if (name === undefined || metadata.labels?.[managedByLabel] !== this.#manager) return undefined
    return { namespace: metadata.labels[apexNamespaceLabel] ?? metadata.namespace ?? '', name }
  }

  /** The apexes of all objects that name this owner. */
  apexesOwnedBy(uid: string): ServiceRef[] {
    return this.#kinds.flatMap((kind) =>
      this.#informers
        .of(kind)
        .store.ownedBy(uid)
        .flatMap((object) => this.apexOf(object) ?? []),
    )
  }

  /** What may say something about an apex: our objects about it, and all others of its namespace that are not ours. */
  candidates(apex: ServiceRef): KubeObject[] {
    const foreign = this.#kinds.flatMap((kind) =>
      this.#informers
        .of(kind)
        .store.list({ namespace: apex.namespace })
        .filter((object) => this.apexOf(object) === undefined),
    )
    return [...this.on(apex).map(({ object }) => object), ...foreign]
  }
}

/** The object with the labels that say which apex it is about. */
export function labelledFor(apex: ServiceRef, object: KubeObject): KubeObject {
  const labels = {
    ...object.metadata.labels,
    [apexLabel]: apex.name,
    ...(object.metadata.namespace !== apex.namespace && { [apexNamespaceLabel]: apex.namespace }),
  }
  return { ...object, metadata: { ...object.metadata, labels } }
}
