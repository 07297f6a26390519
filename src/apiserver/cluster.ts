import type { Clock } from '../kube/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import { Registry } from './registry.ts'
import type { Resource } from './resource.ts'
import { notFound, type Subject } from './status.ts'
import { Store } from './store.ts'
import { timestamp } from './time.ts'

/** What every part of the control plane works on: the objects, the kinds, the time and the source of uids. */
export interface Cluster {
  readonly store: Store
  readonly registry: Registry
  readonly clock: Clock
  readonly newUid: () => string
}

export function createCluster(clock: Clock, keep: number, newUid: () => string): Cluster {
  return { store: new Store(keep), registry: new Registry(), clock, newUid }
}

export function nowOf(cluster: Cluster): string {
  return timestamp(cluster.clock.now())
}

/** How errors name an object: by its plural resource. */
export function subjectOf(resource: Resource, name?: string): Subject {
  return { group: resource.group, kind: resource.plural, ...(name === undefined ? {} : { name }) }
}

/** @throws 404 */
export function existing(resource: Resource, namespace: string | undefined, name: string): KubeObject {
  const object = resource.bucket.get(namespace ?? '', name)
  if (object === undefined) throw notFound(subjectOf(resource, name))
  return object
}
