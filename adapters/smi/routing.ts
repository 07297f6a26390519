import type { KubeObject } from '../../src/kube/object.ts'
import { decide, decideOn, reach } from '../../src/mesh/decision.ts'
import { anyMatchHolds } from '../../src/mesh/http-match.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from '../../src/mesh/routing.ts'
import { spokenOn } from '../../src/mesh/service.ts'
import { splitsOf } from './objects.ts'

/** What a proxy answers for a root Service that is not there. */
const missingRoot = 503

/**
 * Where a proxy sends a request by the TrafficSplits of the service: by the first that takes it, where matches come before
 * the plain one; the service itself when none does. Connections without HTTP satisfy no matches. Which of several splits with matches wins is not specified; here it is
 * the first by name. A backend that does not exist, or lacks the port of the request, is not included (SMI Traffic Split): the others get its
 * share. A split of which nothing is left leaves the request to the service, as one of no weight does (linkerd2-proxy, profile_dst_overrides).
 */
export function route(
  request: MeshRequest,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
): RoutingDecision {
  const { service, port } = request
  const apex = reach(service, port, services, missingRoot)
  if ('status' in apex || services.protocol?.(service, port) === 'UDP') return decideOn(null, apex)
  const isHttp = request.protocol === undefined && spokenOn(service, port, services) === undefined
  const split = splitsOf(service, objects).find(({ matches }) => {
    if (!isHttp) return matches === undefined
    return matches === undefined || (matches.length > 0 && anyMatchHolds(matches, request))
  })
  const ways = (split?.backends ?? [])
    .map((backend) => ({ weight: backend.weight, to: reach(backend.service, port, services, missingRoot) }))
    .filter(({ weight, to }) => weight > 0 && 'service' in to)
  if (split === undefined || ways.length === 0) return decideOn(split?.name ?? null, apex)
  return decide(split.name, ways)
}
