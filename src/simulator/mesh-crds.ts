import type { Kind, KubeObject } from '../kube/object.ts'

/**
 * CustomResourceDefinitions that let a control plane store a mesh's objects: the right names, scope, version and status
 * subresource, but no schema of the fields. Whether the objects are valid is for the mesh's real CRDs to say.
 */
export function meshCrds(kinds: readonly Kind[]): KubeObject[] {
  return kinds.filter(({ group }) => group.includes('.')).map(crdOf)
}

function crdOf({ group, version, kind, plural, namespaced }: Kind): KubeObject {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Groups under k8s.io are refused without a word about their approval (kubernetes/enhancements KEP-2337).
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for simulation only' },
    },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
          subresources: { status: {} },
        },
      ],
    },
  }
}
