import type { Kind } from '../kube/object.ts'

/** Kinds of Kubernetes itself that meshes' own rules refer to (core/v1). */
export const serviceKind: Kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true }
export const namespaceKind: Kind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
