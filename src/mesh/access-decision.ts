import { type ServiceAccountRef, selects, type WorkloadAccess } from './access.ts'
import { anyMatchHolds } from './http-match.ts'
import type { HttpMatch } from './match.ts'
import { normalMatches } from './normal-matches.ts'
import type { MeshRequest } from './routing.ts'
import type { Workload } from './workloads.ts'

/** A call to one pod by another that has an identity. */
export interface AccessCall {
  readonly source: ServiceAccountRef
  /** What made the pod that is called. */
  readonly pod: Workload
  /** Of the pod, not of a Service. */
  readonly port: number
  /** Undefined for a connection that carries no HTTP. */
  readonly request: Pick<MeshRequest, 'method' | 'path' | 'headers' | 'query'> | undefined
}

/**
 * The neutral meaning of access policies: whether a call is let in by one of those that are about the pod and the port. Undefined
 * when none is, and the mesh decides.
 */
export function decideAccess(call: AccessCall, accesses: readonly WorkloadAccess[]): boolean | undefined {
  const about = accesses.filter(({ destination, ports }) => {
    if (destination.namespace !== call.pod.namespace || (ports && !ports.includes(call.port))) return false
    return 'serviceAccount' in destination
      ? destination.serviceAccount === call.pod.serviceAccount
      : selects(destination.labels, call.pod.labels)
  })
  if (about.length === 0) return undefined
  return about.some(({ grants }) =>
    grants.some(({ sources, ports, matches }) => {
      const isSource = sources.some(({ namespace, name }) => {
        return namespace === call.source.namespace && name === call.source.name
      })
      if (!isSource || (ports && !ports.includes(call.port))) return false
      return matches === undefined || holds(matches, call)
    }),
  )
}

/** What is no HTTP satisfies no condition; those that every request satisfies are none. */
function holds(matches: readonly HttpMatch[], { request, port }: AccessCall): boolean {
  if (matches.length === 0) return false
  if (request === undefined) return normalMatches(matches).length === 0
  return anyMatchHolds(matches, { service: { namespace: '', name: '' }, port, ...request })
}
