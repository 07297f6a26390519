import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { type ClusterView, isOf } from './cluster-view.ts'
import { serviceKind } from './endpoints.ts'

interface ObjectReferenceFields {
  readonly group?: string
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly port?: number
}

interface RouteFields {
  readonly spec?: {
    readonly parentRefs?: readonly ObjectReferenceFields[]
    readonly rules?: readonly { readonly backendRefs?: readonly ObjectReferenceFields[] }[]
  }
  readonly status?: { readonly parents?: readonly ParentStatus[] }
}

export interface MeshControllerOptions {
  readonly adapter: MeshAdapter
  readonly view: ClusterView
  readonly client: KubeClient
  readonly clock: Clock
  /** Milliseconds from a write to the status that answers it. */
  readonly delay: number
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

interface ParentStatus {
  readonly parentRef: ObjectReferenceFields
  readonly controllerName: string
  readonly conditions: readonly Condition[]
}

/**
 * The mesh's own control plane, as far as writers of routes can tell: it answers each new generation of a route with
 * `Accepted` and `ResolvedRefs` for every parent (gateway.networking.k8s.io/v1 RouteParentStatus), and again when a backend
 * that was missing appears. Meshes without such a status, of which the adapter says `accepted` at once, never see it at work.
 */
export class MeshController {
  readonly #options: MeshControllerOptions
  readonly #answering = new Set<string>()
  #writing = 0

  constructor(options: MeshControllerOptions) {
    this.#options = options
    const { adapter, view } = options
    view.onWrite(({ type, object }) => {
      if (isOf(object, serviceKind)) {
        for (const kind of adapter.kinds) for (const route of view.list(kind)) this.#consider(kind, route)
        return
      }
      const kind = adapter.kinds.find((candidate) => isOf(object, candidate))
      if (kind !== undefined && type !== 'DELETED') this.#consider(kind, object)
    })
  }

  /** Whether an answer is being written right now. */
  busy(): boolean {
    return this.#writing > 0
  }

  #consider(kind: Kind, object: KubeObject): void {
    const { adapter, clock, view } = this.#options
    if (adapter.accepted(object).state !== 'pending') return
    const { namespace, name, uid = '' } = object.metadata
    if (this.#answering.has(uid)) return
    this.#answering.add(uid)
    clock.after(this.#options.delay, () => {
      this.#answering.delete(uid)
      const current = view.get(kind, { namespace, name })
      if (current?.metadata.uid === uid) this.#answer(kind, current)
    })
  }

  #answer(kind: Kind, object: KubeObject): void {
    const { namespace, name } = object.metadata
    const parents = this.#parents(object)
    if (JSON.stringify(parents) === JSON.stringify((object as RouteFields).status?.parents)) return
    this.#writing += 1
    const done = () => {
      this.#writing -= 1
    }
    // A route that was deleted in the meantime needs no answer, and any other failure is answered by the next write.
    this.#options.client
      .patch(
        kind,
        { namespace, name },
        { status: { parents } },
        { type: 'merge', subresource: 'status', fieldManager: controllerName },
      )
      .then(done, done)
  }

  #parents(object: KubeObject): ParentStatus[] {
    const { spec, status } = object as RouteFields
    const missing = this.#missingBackends(object)
    const resolved =
      missing.length === 0
        ? ({ status: 'True', reason: 'ResolvedRefs', message: '' } as const)
        : ({ status: 'False', reason: 'BackendNotFound', message: `no Service ${missing.join(', ')}` } as const)
    const facts = [
      { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' } as const,
      { type: 'ResolvedRefs', ...resolved },
    ]
    return (spec?.parentRefs ?? []).map((parentRef, index) => ({
      parentRef,
      controllerName,
      conditions: facts.map((fact) => {
        const before = status?.parents?.[index]?.conditions.find(({ type }) => type === fact.type)
        const lastTransitionTime =
          before?.status === fact.status ? before.lastTransitionTime : new Date(this.#options.clock.now()).toISOString()
        return { ...fact, observedGeneration: object.metadata.generation ?? 0, lastTransitionTime }
      }),
    }))
  }

  #missingBackends(object: KubeObject): string[] {
    const { spec } = object as RouteFields
    const backends = (spec?.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs)
    const names = backends.map(({ name, namespace = object.metadata.namespace }) => ({ namespace, name }))
    const missing = names.filter((ref) => this.#options.view.get(serviceKind, ref) === undefined)
    return [...new Set(missing.map(({ namespace, name }) => `${namespace}/${name}`))]
  }
}

const controllerName = 'autopilot.examples.io/simulated-mesh'
