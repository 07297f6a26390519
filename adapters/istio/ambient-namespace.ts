import type { KubeObject } from '../../src/kube/object.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { authorizationPolicy, targetsOf } from './access-reading.ts'

/**
 * Whether the AuthorizationPolicies of a namespace are for ztunnel and waypoints and not for sidecars: its Namespace says so, or one
 * of them names a Service, of which only waypoints take notice.
 */
export function isAmbient(namespace: string, objects: readonly KubeObject[]): boolean {
  return objects.some((object) => {
    if (groupKind(object) === '/Namespace')
      return object.metadata.name === namespace && object.metadata.labels?.['istio.io/dataplane-mode'] === 'ambient'
    const isHere = (object.metadata.namespace ?? 'default') === namespace
    return (
      isHere && groupKind(object) === authorizationPolicy && targetsOf(object).some(({ kind }) => kind === 'Service')
    )
  })
}
