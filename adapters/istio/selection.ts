import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { hostOf, hostRank } from './hosts.ts'
import type { MatchRequest, VirtualService } from './virtual-service.ts'

/**
 * The VirtualService that decides for a Service. The most specific host wins; of several with the same host the first in
 * Istio's order wins entirely, and the losers have no effect at all. The client is taken to be in the namespace of the apex.
 */
export function chooseVirtualService(
  all: readonly VirtualService[],
  apex: ServiceRef,
  clusterDomain: string,
): { readonly chosen: VirtualService | undefined; readonly losers: readonly VirtualService[] } {
  const fullName = hostOf(apex, clusterDomain)
  const ranked = all
    .filter((virtualService) => isVisible(virtualService, apex.namespace))
    .flatMap((virtualService) => {
      const ranks = virtualService.hosts.map(
        (host) => hostRank(host, virtualService.namespace, fullName, clusterDomain) ?? -1,
      )
      const rank = Math.max(-1, ...ranks)
      return rank < 0 ? [] : [{ virtualService, rank }]
    })
  const best = Math.max(...ranked.map(({ rank }) => rank))
  const [chosen, ...losers] = ranked.filter(({ rank }) => rank === best).map(({ virtualService }) => virtualService)
  return { chosen, losers }
}

/** Whether pilot keeps a match for the sidecars of `namespace` on this port (sourceMatchHTTP); labels of clients are not modelled. */
export function appliesTo(match: MatchRequest, port: number, namespace: string): boolean {
  if (match.port !== undefined && match.port !== port) return false
  if (match.gateways.length > 0) return match.gateways.includes('mesh')
  return !match.hasSourceLabels && (match.sourceNamespace === undefined || match.sourceNamespace === namespace)
}

function isVisible({ exportTo, namespace }: VirtualService, client: string): boolean {
  return (
    exportTo.length === 0 ||
    exportTo.some((where) => where === '*' || where === client || (where === '.' && namespace === client))
  )
}
