import type { KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { groupKind } from '../mesh/object-reading.ts'

type Enrolling = Pick<MeshAdapter, 'enrollment'>

/** The objects, with the labels on Namespaces by which the mesh looks after them: a simulated mesh is in all of them. */
export function enrolled(objects: readonly KubeObject[], { enrollment }: Enrolling): readonly KubeObject[] {
  if (enrollment === undefined) return objects
  return objects.map((object) => {
    if (groupKind(object) !== '/Namespace') return object
    const labels = { ...enrollment.namespaceLabels, ...object.metadata.labels }
    return { ...object, metadata: { ...object.metadata, labels } }
  })
}

/** The Namespace in which people begin, where it has to have labels. */
export function firstNamespaces(adapter: Enrolling): readonly KubeObject[] {
  if (adapter.enrollment === undefined) return []
  return enrolled([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }], adapter)
}
