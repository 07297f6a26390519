import type { KubeObject } from '../../src/kube/object.ts'
import { selects } from '../../src/mesh/access.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { compareRanks } from '../../src/mesh/ranks.ts'
import { routeMatchHolds } from '../gateway-api/dialect.ts'
import { readRouteMatch } from '../gateway-api/http-route.ts'
import { readServer, serverGroupKind, serverParents } from './access-reading.ts'
import { linkerdRoutes } from './routes.ts'

const policyGroup = 'policy.linkerd.io'

/**
 * Whether the proxy of the called pod lets a call in: by an AuthorizationPolicy of the Server of the port, or, where the Server has
 * routes, of the one that takes the request; requests that none takes are refused (linkerd2-proxy, inbound policy).
 */
export function decideCall(call: AccessCall, objects: readonly KubeObject[]): boolean | undefined {
  const { pod, port, request } = call
  const server = objects.find((one) => {
    if (groupKind(one) !== serverGroupKind || (one.metadata.namespace ?? 'default') !== pod.namespace) return false
    const { labels, port: own } = readServer(one, () => {})
    return own === port && selects(labels, pod.labels)
  })
  if (server === undefined) return undefined
  // Calls are by pods of the mesh, so that any other policy lets them in.
  if ((fieldsOf(server.spec)['accessPolicy'] ?? 'deny') !== 'deny') return true
  const routes = objects.filter((one) => {
    const isRoute = groupKind(one) === `${policyGroup}/HTTPRoute`
    return isRoute && one.metadata.namespace === server.metadata.namespace && hasParent(one, server)
  })
  if (request === undefined || routes.length === 0) return isAuthorized([server], call, objects)
  const taking = routeOf(request, call, routes)
  return taking !== undefined && isAuthorized([server, taking], call, objects)
}

function hasParent(route: KubeObject, { metadata }: KubeObject): boolean {
  return serverParents(route).includes(metadata.name)
}

/** The route with the most specific match; of equals the first. */
function routeOf(
  request: NonNullable<AccessCall['request']>,
  { pod, port }: AccessCall,
  routes: readonly KubeObject[],
): KubeObject | undefined {
  const asked = { service: { namespace: pod.namespace, name: pod.name }, port, ...request }
  const candidates = routes.flatMap((route) =>
    listOf(fieldsOf(route.spec)['rules'])
      .flatMap((rule) => listOf(fieldsOf(rule)['matches']))
      .map(readRouteMatch)
      .filter((match) => routeMatchHolds(match, asked, linkerdRoutes))
      .map((match) => ({ route, rank: linkerdRoutes.rank(match, asked) })),
  )
  const [best] = candidates.toSorted((a, b) => compareRanks(a.rank, b.rank))
  return best?.route
}

/** Of a policy all authentications have to be met, and of several policies one. */
function isAuthorized(targets: readonly KubeObject[], call: AccessCall, objects: readonly KubeObject[]): boolean {
  return objects
    .filter((one) => groupKind(one) === `${policyGroup}/AuthorizationPolicy`)
    .filter(({ metadata, spec }) => {
      const { kind, name } = fieldsOf(fieldsOf(spec)['targetRef'])
      return targets.some((target) => {
        const isThere = target.kind === kind && target.metadata.name === name
        return isThere && target.metadata.namespace === metadata.namespace
      })
    })
    .some(({ metadata, spec }) =>
      listOf(fieldsOf(spec)['requiredAuthenticationRefs']).every((ref) => {
        const { kind, name, namespace = metadata.namespace } = fieldsOf(ref)
        const found = objects.find((one) => {
          return one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace
        })
        // Of the networks only the widest are known to have the caller in them.
        if (kind === 'NetworkAuthentication')
          return listOf(fieldsOf(found?.spec)['networks']).some((one) => fieldsOf(one)['cidr'] === '0.0.0.0/0')
        return kind === 'MeshTLSAuthentication' && found !== undefined && isIdentity(found, call)
      }),
    )
}

function isIdentity({ metadata, spec }: KubeObject, { source }: AccessCall): boolean {
  const { identities, identityRefs } = fieldsOf(spec)
  const text = `${source.name}.${source.namespace}.serviceaccount.identity.`
  return (
    textsOf(identities).some((identity) => identity.startsWith(text)) ||
    listOf(identityRefs).some((ref) => {
      const { kind, name, namespace } = fieldsOf(ref)
      const isThere = (textOf(namespace) ?? metadata.namespace) === source.namespace
      return kind === 'ServiceAccount' && name === source.name && isThere
    })
  )
}
