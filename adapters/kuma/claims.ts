import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { Claim } from '../../src/mesh/claim.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { gatewayRoutes, isGatewayRoute, routeClaims } from '../gateway-api/claims.ts'
import { policyTargets } from './policies.ts'

/** Kuma turns routes of the Gateway API with a Service as parent into its own. */
export const rivals: readonly Kind[] = gatewayRoutes

const routes = ['kuma.io/MeshHTTPRoute', 'kuma.io/MeshTCPRoute']

/** What counts beside a MeshHTTPRoute of ours. Timeouts and retries alone route nothing. */
export function claims(object: KubeObject): Claim[] {
  if (isGatewayRoute(object)) return routeClaims(object, 'Kuma makes a route of its own from it, and merges the two')
  if (!routes.includes(groupKind(object))) return []
  const because = 'rules for one service are merged, and those of the more specific or later policy count'
  return policyTargets(object).map((service) => ({ service, port: undefined, because }))
}
