import { type KubeObject, keyOf } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { type ClusterView, isOf } from './cluster-view.ts'

/**
 * The mesh's objects as its proxies know them: each in the last state that the mesh has taken up. What was written but is
 * still pending, or was rejected, leaves the proxies as they were.
 */
export class MeshDataPlane {
  readonly #adapter: MeshAdapter
  readonly #effective = new Map<string, KubeObject>()
  /** Changes whenever the proxies' configuration does. */
  revision = 0

  constructor(adapter: MeshAdapter, view: ClusterView) {
    this.#adapter = adapter
    view.onWrite(({ type, object }) => {
      if (!adapter.kinds.some((kind) => isOf(object, kind))) return
      const key = `${object.kind} ${keyOf(object.metadata)}`
      if (type === 'DELETED') this.#effective.delete(key)
      else if (this.#adapter.accepted(object).state === 'accepted') this.#effective.set(key, object)
      else return
      this.revision += 1
    })
  }

  objects(): KubeObject[] {
    return [...this.#effective.values()]
  }
}
