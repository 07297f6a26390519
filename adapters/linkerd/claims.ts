import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { Claim } from '../../src/mesh/claim.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { besideHttpRoute, gatewayRoutes, isGatewayRoute, routeClaims } from '../gateway-api/claims.ts'
import { policyRoute } from './reading.ts'
import { profiledService, serviceProfile } from './service-profile.ts'

/** Besides the Gateway API's: Linkerd's own copy of the HTTPRoute, and ServiceProfiles. */
export const rivals: readonly Kind[] = [
  ...gatewayRoutes,
  ...['v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'].map((version) => ({
    group: 'policy.linkerd.io',
    version,
    kind: 'HTTPRoute',
    plural: 'httproutes',
    namespaced: true,
  })),
  { group: 'linkerd.io', version: 'v1alpha2', kind: 'ServiceProfile', plural: 'serviceprofiles', namespaced: true },
]

/** What counts beside an HTTPRoute of ours. */
export function claims(object: KubeObject, clusterDomain: string): Claim[] {
  if (isGatewayRoute(object) || groupKind(object) === policyRoute) return routeClaims(object, besideHttpRoute(object))
  if (groupKind(object) !== serviceProfile) return []
  const service = profiledService(object, clusterDomain)
  if (service === undefined) return []
  const { namespace } = object.metadata
  const clients = namespace === service.namespace ? '' : `, for clients in ${namespace ?? 'default'}`
  return [
    {
      service,
      port: undefined,
      because: `Linkerd follows the ServiceProfile and no route${clients}`,
      hidesAnnotations: true,
    },
  ]
}
