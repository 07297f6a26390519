import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { Claim } from '../../src/mesh/claim.ts'
import { type Fields, fieldsOf, listOf, numberOf, textsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { isGatewayRoute, routeClaims } from '../gateway-api/claims.ts'
import { serviceOf } from './hosts.ts'

const group = 'networking.istio.io'

export const virtualServices: readonly Kind[] = ['v1', 'v1beta1', 'v1alpha3'].map((version) => ({
  group,
  version,
  kind: 'VirtualService',
  plural: 'virtualservices',
  namespaced: true,
}))

/** What counts beside a VirtualService of ours. */
export function claims(object: KubeObject, clusterDomain: string): Claim[] {
  if (isGatewayRoute(object))
    return routeClaims(object, 'a route with the Service as parent replaces its VirtualService, whichever is older')
  return virtualServiceClaims(object, clusterDomain, 'of two VirtualServices for a host Istio follows the older alone')
}

/**
 * The hosts that are Services; one with an asterisk counts less than the full name and claims nothing. Without a route for the port
 * of a request Istio looks further (`candidateVirtualServices`), so that conditions on ports bound the claim.
 */
export function virtualServiceClaims(object: KubeObject, clusterDomain: string, because: string): Claim[] {
  if (groupKind(object) !== `${group}/VirtualService`) return []
  const { metadata, spec } = object
  const fields = fieldsOf(spec)
  const namespace = metadata.namespace ?? 'default'
  const gateways = textsOf(fields['gateways'])
  const exportTo = textsOf(fields['exportTo'])
  if (gateways.length > 0 && !gateways.includes('mesh')) return []
  if (exportTo.length > 0 && exportTo.every((where) => where === '~')) return []
  const seen = new Set(exportTo.map((where) => (where === '.' ? namespace : where)))
  const clients = seen.size === 0 || seen.has('*') ? '' : `, for clients in ${[...seen].join(', ')}`
  const ports = portsOf(fields)
  return textsOf(fields['hosts']).flatMap((host) => {
    const service = serviceOf(host, namespace, clusterDomain)
    if (service === undefined) return []
    return ports.map((port) => ({ service, port, because: `${because}${clients}` }))
  })
}

/** The ports of which some route takes requests from sidecars; `undefined` among them: of all. */
function portsOf(fields: Fields): (number | undefined)[] {
  const ports = ['http', 'tcp', 'tls'].flatMap((protocol) =>
    listOf(fields[protocol]).flatMap((route) => {
      const matches = listOf(fieldsOf(route)['match']).map(fieldsOf)
      if (matches.length === 0) return [undefined]
      const applying = matches.filter((match) => {
        const gateways = textsOf(match['gateways'])
        return gateways.length === 0 || gateways.includes('mesh')
      })
      return applying.map((match) => numberOf(match['port']))
    }),
  )
  return ports.includes(undefined) ? [undefined] : [...new Set(ports)]
}
