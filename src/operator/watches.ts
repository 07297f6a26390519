import { isDeepStrictEqual } from 'node:util'
import type { Kind, KubeObject } from '../kube/object.ts'
import { apiVersionOf, keyOf } from '../kube/object.ts'
import { managedByLabel } from '../kube/ownership.ts'
import type { StoreChange } from '../kube/store.ts'
import { consultedKinds, kindsFor, needsWorkloads, protectionOutputs, workloadKinds } from '../mesh/adapter-kinds.ts'
import { namespaceKind, serviceKind } from '../mesh/core-kinds.ts'
import { isNeutral } from '../project/native-kinds.ts'
import type { Scope } from './contributions.ts'
import { objectId } from './dependencies.ts'
import { foreignTrafficId, protectionId, trafficId } from './inputs.ts'
import { claimsId } from './rivals.ts'
import { finalizerName, type Runtime } from './runtime.ts'
import { faultsKey, type Scheduler } from './scheduler.ts'
import { type AddOptions, lowPriority } from './work-queue.ts'
import { besideId, workloadsId } from './workload-directory.ts'

/** Every kind that the operator has to see, each once: the resource's own, inputs, outputs, the mesh's, others' routes, and Services. */
export function watchedKinds({
  adapter,
  kind,
  kinds,
  project,
  rivals,
}: Pick<Runtime, 'adapter' | 'kind' | 'kinds' | 'project'> & { readonly rivals: Pick<Runtime['rivals'], 'kinds'> }) {
  const names = project.phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  const pods = needsWorkloads(adapter, names) ? workloadKinds : []
  const readsNamespaces =
    adapter.enrollment !== undefined && project.phases.some(({ outputs }) => outputs.some(isNeutral))
  const all = [
    kind,
    ...kindsFor(adapter, names),
    ...rivals.kinds,
    serviceKind,
    ...(readsNamespaces ? [namespaceKind] : []),
    ...consultedKinds(adapter, names),
    ...pods,
    ...names.flatMap((name) => kinds.get(name) ?? []),
  ]
  // The first of equal ones stays: the resource's own kind and the mesh's are told by identity below.
  return [...new Map(all.toReversed().map((one) => [`${apiVersionOf(one)}/${one.plural}`, one])).values()]
}

/**
 * Turns changes of the cluster into keys to work on. Returns how to stop.
 *
 * A resource is worked on again when it changes itself (but for what the operator writes on it), when something changes that
 * it read or missed, when an object it owns is changed by somebody or deleted, when a mesh object of its traffic changes in
 * any way, when somebody's route of its apex comes or goes, and when another resource asks something else of an apex that they share.
 */
export function watchCluster(
  runtime: Runtime,
  scheduler: Scheduler,
  enqueue: (key: string, options?: AddOptions) => void,
): () => void {
  const watcher = new Watcher(runtime, scheduler, enqueue)
  const stops = watchedKinds(runtime).map((kind) =>
    runtime.informers
      .of(kind)
      .listen(kind === runtime.kind ? (change) => watcher.resource(change) : (change) => watcher.other(kind, change)),
  )
  const unfollow = runtime.faults?.follow({
    changed: (namespace) => enqueue(faultsKey(namespace)),
    concerned: (id) => {
      for (const key of runtime.dependencies.readersOf(id)) enqueue(key)
    },
  })
  return () => {
    unfollow?.()
    for (const stop of stops) stop()
  }
}

class Watcher {
  readonly #runtime: Runtime
  readonly #scheduler: Scheduler
  readonly #enqueue: (key: string, options?: AddOptions) => void

  constructor(runtime: Runtime, scheduler: Scheduler, enqueue: (key: string, options?: AddOptions) => void) {
    this.#runtime = runtime
    this.#scheduler = scheduler
    this.#enqueue = enqueue
  }

  /** The resource itself. */
  resource(change: StoreChange): void {
    const { contributions, kind, project } = this.#runtime
    const key = keyOf(change.object.metadata)
    if (change.type === 'deleted' || isLeaving(change.object, finalizerName(project))) {
      const before = contributions.get(key)
      if (before !== undefined) this.#scheduler.gone(key, before)
      this.#enqueueSharers(key, contributions.delete(key))
    } else {
      this.#enqueueSharers(key, contributions.set(change.object))
    }
    if (change.type === 'deleted' || isNewlyDeleted(change)) this.#scheduler.interrupt(key)
    if (change.type === 'added' && change.initial) this.#enqueue(key, { priority: lowPriority })
    else if (change.type !== 'changed' || concernsWork(change)) this.#deliver(key, kind, change)
    this.#deliverToReaders(kind, change, key)
  }

  /** Any object but the resources. */
  other(kind: Kind, change: StoreChange): void {
    const { adapter, contributions, dependencies, faults, meshObjects, rivals, traffic } = this.#runtime
    const keys = new Set<string>()
    const drift = isDrift(change)
    if (kindsFor(adapter, protectionOutputs).includes(kind)) {
      const isProtection = [change.object, ...(change.type === 'changed' ? [change.previous] : [])].some((object) =>
        meshObjects.protects(object),
      )
      const apex = meshObjects.apexOf(change.type === 'changed' ? change.previous : change.object)
      meshObjects.update(kind, change)
      if (apex !== undefined) for (const key of contributions.to(apex)) keys.add(key)
      const { namespace = '' } = change.object.metadata
      faults?.changed(namespace)
      if (isProtection) for (const key of contributions.protecting(namespace)) keys.add(key)
      if (drift) for (const key of dependencies.readersOf(protectionId(namespace))) keys.add(key)
      const observed = apex === undefined ? foreignTrafficId(namespace) : trafficId(apex)
      if (drift) for (const key of dependencies.readersOf(observed)) keys.add(key)
    }
    if (drift && workloadKinds.some(({ group, plural }) => group === kind.group && plural === kind.plural)) {
      for (const key of dependencies.readersOf(workloadsId(change.object.metadata.namespace ?? ''))) keys.add(key)
    }
    const { name, namespace } = change.object.metadata
    if (drift) for (const key of dependencies.readersOf(besideId(kind, namespace ?? name))) keys.add(key)
    if (rivals.concerns(kind)) {
      const claimed = rivals.update(kind, change)
      if (drift) for (const apex of claimed) for (const key of dependencies.readersOf(claimsId(apex))) keys.add(key)
    }
    // Its resource may have gone while no operator was there to see it.
    const writer = change.type === 'added' && kind === serviceKind ? traffic.annotatedBy(change.object) : undefined
    if (writer !== undefined && writer !== '') this.#enqueue(writer, { priority: lowPriority })
    // Before the first list everything is new to us, and every resource is in the queue anyway.
    if (change.type === 'added' && change.initial) return
    if (drift) for (const key of this.#ownersOf(change.object)) keys.add(key)
    for (const key of keys) this.#deliver(key, kind, change)
    this.#deliverToReaders(kind, change)
  }

  #deliverToReaders(kind: Kind, change: StoreChange, except?: string): void {
    for (const key of this.#runtime.dependencies.readersOfChange(kind, change)) {
      if (key !== except) this.#deliver(key, kind, change)
    }
  }

  #deliver(key: string, kind: Kind, change: StoreChange): void {
    this.#runtime.echoes.deliver(key, objectId(kind, change.object.metadata), change, () => this.#enqueue(key))
  }

  #enqueueSharers(key: string, scope: Scope): void {
    for (const namespace of new Set(scope.apexes.map((apex) => apex.namespace)))
      this.#runtime.faults?.changed(namespace)
    for (const other of this.#runtime.contributions.sharing(scope)) if (other !== key) this.#enqueue(other)
  }

  /** Keys of the resources that an object of this operator was made for. */
  #ownersOf({ metadata }: KubeObject): string[] {
    const { kind, project } = this.#runtime
    if (metadata.labels?.[managedByLabel] !== project.operatorName) return []
    return (metadata.ownerReferences ?? [])
      .filter((owner) => owner.kind === kind.kind && owner.apiVersion.startsWith(`${kind.group}/`))
      .map(({ name }) => keyOf({ namespace: metadata.namespace, name }))
  }
}

/** A resource that is being deleted, with nothing left for this operator to do: it asks for nothing any more. */
function isLeaving({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && !metadata.finalizers?.includes(finalizer)
}

function isNewlyDeleted(change: StoreChange): boolean {
  return (
    change.type === 'changed' &&
    change.object.metadata.deletionTimestamp !== undefined &&
    change.previous.metadata.deletionTimestamp === undefined
  )
}

/** Whether a change of a resource is one of what users say. A status that somebody else wrote counts: the phase is in it. */
function concernsWork({ object, previous }: StoreChange & { type: 'changed' }): boolean {
  const now = object.metadata
  const before = previous.metadata
  return (
    now.generation !== before.generation ||
    now.deletionTimestamp !== before.deletionTimestamp ||
    !isDeepStrictEqual(now.labels, before.labels) ||
    !isDeepStrictEqual(now.annotations, before.annotations) ||
    !isDeepStrictEqual(object.status, previous.status)
  )
}

/** Whether an object is not what it was: deleted, or another generation. Without a generation any change counts. */
function isDrift(change: StoreChange): boolean {
  if (change.type !== 'changed') return true
  const { object, previous } = change
  if (object.metadata.generation === undefined) return true
  return (
    object.metadata.generation !== previous.metadata.generation ||
    !isDeepStrictEqual(object.metadata.labels, previous.metadata.labels) ||
    !isDeepStrictEqual(object.metadata.annotations, previous.metadata.annotations)
  )
}
