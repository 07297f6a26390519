import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { hostOf, hostRank } from './hosts.ts'
import type { MatchRequest, VirtualService } from './virtual-service.ts'

/**
 * The VirtualServices that may decide for a Service, in Istio's order: those with the most specific host. Of these the first that has
 * a route for the port and the client decides alone, and others have no effect there; those with a less specific host have none at all.
 */
export function candidateVirtualServices(
  all: readonly VirtualService[],
  apex: ServiceRef,
  clusterDomain: string,
  client: string = apex.namespace,
): readonly VirtualService[] {
  const fullName = hostOf(apex, clusterDomain)
  const ranked = all
    .filter((virtualService) => isVisible(virtualService, client))
    .flatMap((virtualService) => {
      const ranks = virtualService.hosts.map(
        (host) => hostRank(host, virtualService.namespace, fullName, clusterDomain) ?? -1,
      )
      const rank = Math.max(-1, ...ranks)
      return rank < 0 ? [] : [{ virtualService, rank }]
    })
  const best = Math.max(...ranked.map(({ rank }) => rank))
  return ranked.filter(({ rank }) => rank === best).map(({ virtualService }) => virtualService)
}

/**
 * Whether pilot keeps a match for the sidecars of `namespace` on this port (sourceMatchHTTP); for some sidecar, where no namespace
 * is given. Labels of clients are not modelled.
 */
export function appliesTo(match: MatchRequest, port: number, namespace?: string): boolean {
  if (match.port !== undefined && match.port !== port) return false
  if (match.gateways.length > 0) return match.gateways.includes('mesh')
  if (namespace === undefined) return true
  return !match.hasSourceLabels && (match.sourceNamespace === undefined || match.sourceNamespace === namespace)
}

function isVisible({ exportTo, namespace }: VirtualService, client: string): boolean {
  return (
    exportTo.length === 0 ||
    exportTo.some((where) => where === '*' || where === client || (where === '.' && namespace === client))
  )
}
