import type { MeshRequest, ServiceDirectory } from '../../src/mesh/routing.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { hostOf, hostRank, isLiteral, serviceOf } from './hosts.ts'
import type { ConnectionRoute, MatchRequest, VirtualService } from './virtual-service.ts'

/**
 * The VirtualServices that may decide for a Service, in Istio's order: those with the most specific host. Of these the first that has
 * a route for the port and the client decides alone, and others have no effect there; those with a less specific host have none at all.
 * `isNamed`: whether one counts for the host as the client wrote it, besides those for the Service.
 */
export function candidateVirtualServices(
  all: readonly VirtualService[],
  apex: ServiceRef,
  clusterDomain: string,
  client: string = apex.namespace,
  isNamed: (one: VirtualService) => boolean = () => false,
): readonly VirtualService[] {
  const fullName = hostOf(apex, clusterDomain)
  const ranked = all
    .filter((virtualService) => isVisible(virtualService, client))
    .flatMap((virtualService) => {
      const ranks = virtualService.hosts.map(
        (host) => hostRank(host, virtualService.namespace, fullName, clusterDomain) ?? -1,
      )
      const rank = isNamed(virtualService) ? Number.POSITIVE_INFINITY : Math.max(-1, ...ranks)
      return rank < 0 ? [] : [{ virtualService, rank }]
    })
  const best = Math.max(...ranked.map(({ rank }) => rank))
  return ranked.filter(({ rank }) => rank === best).map(({ virtualService }) => virtualService)
}

/**
 * Whether a VirtualService is about the host of a request just as the client wrote it: that of another name than a Service's in full,
 * such as `web.shop` or `example.com`. Pilot has it on the ports of the Services among the hosts, and on 80 where there is none of
 * them (buildSidecarVirtualHostsForVirtualService).
 */
export function namesLiterally(
  { hosts, namespace }: VirtualService,
  { headers, port }: MeshRequest,
  services: ServiceDirectory,
  clusterDomain: string,
): boolean {
  const literal = headers['host']?.replace(/:\d+$/, '').toLowerCase()
  if (literal === undefined || !isLiteral(literal, clusterDomain) || !hosts.includes(literal)) return false
  const ports = hosts.flatMap((host) => {
    const service = serviceOf(host, namespace, clusterDomain)
    return (service && services.ports(service)) ?? []
  })
  return ports.length === 0 ? port === 80 : ports.includes(port)
}

/**
 * The routes for connections that pilot keeps for a port, first those that count first: of every VirtualService with a host
 * that takes the Service, however specific (pilot/pkg/networking/core/tls.go). A route without destinations is none.
 */
export function connectionRoutes(
  all: readonly VirtualService[],
  section: 'tcp' | 'tls',
  { apex, port, client }: { readonly apex: ServiceRef; readonly port: number; readonly client?: string | undefined },
  clusterDomain: string,
): { readonly owner: VirtualService; readonly route: ConnectionRoute }[] {
  const fullName = hostOf(apex, clusterDomain)
  const owners = all.filter(
    (one) =>
      isVisible(one, client ?? apex.namespace) &&
      one.hosts.some((host) => hostRank(host, one.namespace, fullName, clusterDomain) !== undefined),
  )
  return owners.flatMap((owner) =>
    owner[section].flatMap((route) => {
      const matches = route.matches.filter((match) => appliesTo(match, port, client))
      const isKept =
        route.destinations.length > 0 && (route.matches.length === 0 ? section === 'tcp' : matches.length > 0)
      return isKept ? [{ owner, route: { ...route, matches } }] : []
    }),
  )
}

type Conditions = Pick<MatchRequest, 'port' | 'gateways' | 'sourceNamespace' | 'hasSourceLabels'>

/**
 * Whether pilot keeps a match for the sidecars of `namespace` on this port (sourceMatchHTTP); for some sidecar, where no namespace
 * is given. Labels of clients are not modelled.
 */
export function appliesTo(match: Conditions, port: number, namespace?: string): boolean {
  if (match.port !== undefined && match.port !== port) return false
  if (match.gateways.length > 0) return match.gateways.includes('mesh')
  if (namespace === undefined) return true
  return !match.hasSourceLabels && (match.sourceNamespace === undefined || match.sourceNamespace === namespace)
}

function isVisible({ exportTo, namespace }: VirtualService, client: string): boolean {
  return isExported(exportTo, namespace, client)
}

/** Whether an object of `namespace` is seen in another one; none named means everywhere. */
export function isExported(exportTo: readonly string[], namespace: string, client: string): boolean {
  return (
    exportTo.length === 0 ||
    exportTo.some((where) => where === '*' || where === client || (where === '.' && namespace === client))
  )
}
