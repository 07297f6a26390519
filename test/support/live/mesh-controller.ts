import { apiVersionOf, type KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { PlainClient } from '../cluster/client.ts'
import type { Recorder } from './recorder.ts'

/**
 * Answers each new generation of a route with `Accepted` and `ResolvedRefs`, as the control planes of Linkerd and of GAMMA
 * meshes do (gateway.networking.k8s.io/v1 RouteParentStatus). Nothing to do for meshes without such a status.
 */
export function answerRoutes(adapter: MeshAdapter, recorder: Recorder, client: PlainClient): void {
  recorder.listen(({ type, kind, object }) => {
    if (type === 'DELETED' || !adapter.kinds.includes(kind) || adapter.accepted(object).state !== 'pending') return
    const { name, namespace } = object.metadata
    const path = `/apis/${apiVersionOf(kind)}/namespaces/${namespace}/${kind.plural}/${name}/status`
    // The route may be gone meanwhile, or have another generation that is answered next.
    client
      .call('PATCH', path, { status: { parents: answersTo(object) } }, 'application/merge-patch+json')
      .catch(() => {})
  })
}

function answersTo({ metadata, spec }: KubeObject): object[] {
  const parentRefs = typeof spec === 'object' && spec !== null && 'parentRefs' in spec ? spec.parentRefs : []
  const lastTransitionTime = new Date().toISOString()
  return (Array.isArray(parentRefs) ? parentRefs : []).map((parentRef: unknown) => ({
    parentRef,
    controllerName: 'mesh.example/controller',
    conditions: ['Accepted', 'ResolvedRefs'].map((type) => ({
      type,
      status: 'True',
      reason: type,
      message: '',
      observedGeneration: metadata.generation,
      lastTransitionTime,
    })),
  }))
}
