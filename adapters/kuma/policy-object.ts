import type { KubeObject } from '../../src/kube/object.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'

/** A policy of the mesh `default`: that of the namespace's pods unless they say otherwise. */
export function policyObject(kind: string, { namespace, name }: ServiceRef, spec: object): KubeObject {
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind,
    metadata: { name, namespace, labels: { 'kuma.io/mesh': 'default' } },
    spec: { ...spec },
  }
}
