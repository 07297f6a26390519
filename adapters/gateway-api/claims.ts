import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { Claim } from '../../src/mesh/claim.ts'
import { fieldsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { readParents } from './http-route.ts'

const group = 'gateway.networking.k8s.io'

/** Routes of the Gateway API that can have a Service as parent, each in the versions that were ever served, the newest first. */
export const gatewayRoutes: readonly Kind[] = [
  ...versionsOf('HTTPRoute', 'httproutes', ['v1', 'v1beta1']),
  ...versionsOf('GRPCRoute', 'grpcroutes', ['v1', 'v1alpha2']),
  ...versionsOf('TCPRoute', 'tcproutes', ['v1', 'v1alpha2']),
  ...versionsOf('TLSRoute', 'tlsroutes', ['v1', 'v1alpha3', 'v1alpha2']),
]

const routeKinds = new Set(gatewayRoutes.map((kind) => `${group}/${kind.kind}`))

/** Whether it is a route of the Gateway API. */
export function isGatewayRoute(object: KubeObject): boolean {
  return routeKinds.has(groupKind(object))
}

/**
 * What the Services among the parents of a route are to expect; `because` tells what becomes of another route of ours. A route of
 * another namespace is followed by the clients there, in place of the Service's own (GEP-1294), unless `elsewhere` says otherwise.
 */
export function routeClaims({ metadata, spec }: KubeObject, because: string, elsewhere?: string): Claim[] {
  const namespace = metadata.namespace ?? 'default'
  return readParents(fieldsOf(spec)['parentRefs'], namespace).map(({ service, port }) => ({
    service,
    port,
    because:
      service.namespace === namespace
        ? because
        : (elsewhere ?? `clients in ${namespace} follow it, and no route of the Service itself`),
  }))
}

/** What becomes of an HTTPRoute of ours beside another route of that kind. */
export function besideHttpRoute({ kind }: KubeObject): string {
  return kind === 'HTTPRoute'
    ? 'their rules are mixed, and of equal matches those of the older route count'
    : 'routes of several kinds for one port are not mixed, and one of them has no effect'
}

function versionsOf(kind: string, plural: string, versions: readonly string[]): Kind[] {
  return versions.map((version) => ({ group, version, kind, plural, namespaced: true }))
}
