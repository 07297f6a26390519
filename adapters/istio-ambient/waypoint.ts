import type { KubeObject } from '../../src/kube/object.ts'
import type { ServiceAccountRef } from '../../src/mesh/access.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'

export const useWaypoint = 'istio.io/use-waypoint'
const elsewhere = 'istio.io/use-waypoint-namespace'
const trafficTypes = 'istio.io/waypoint-for'
const accountOverride = 'gateway.istio.io/service-account'
/** On the Services of waypoints and gateways, which have no waypoint themselves. */
const managed = 'gateway.istio.io/managed'

/** The proxy that takes what is sent to a Service. */
export interface Waypoint {
  readonly namespace: string
  readonly name: string
  /** What the ztunnel of the pods sees in place of the client (gatewaycommon/deploymentcontroller.go). */
  readonly account: ServiceAccountRef
  /** Whether it takes what is sent to addresses of pods as well, which no policy for a Service is about. */
  readonly isForPods: boolean
}

/**
 * The waypoint that the labels of a Service, or else of its Namespace, name (GetUseWaypoint in
 * pilot/pkg/serviceregistry/ambient/waypoints.go). Undefined where there is none, and for a headless Service, whose clients send to
 * the pods. A Gateway that is not at hand is taken for one as `istioctl waypoint apply` makes it.
 */
export function waypointOf(service: KubeObject, workloads: WorkloadDirectory): Waypoint | undefined {
  const { namespace = 'default', labels = {} } = service.metadata
  if (labels[managed] !== undefined || isHeadless(service)) return undefined
  const inherited = namespaceObject(namespace, workloads)?.metadata.labels ?? {}
  const said = labels[useWaypoint] === undefined ? inherited : labels
  const name = said[useWaypoint]
  if (name === undefined || name === '' || name === 'none') return undefined
  const home = said[elsewhere] ?? namespace
  const gateway = (workloads.beside?.(home) ?? []).find(
    (one) => groupKind(one) === 'gateway.networking.k8s.io/Gateway' && one.metadata.name === name,
  )
  const account = gateway?.metadata.annotations?.[accountOverride] || name
  return {
    namespace: home,
    name,
    account: { namespace: home, name: account },
    isForPods: ['all', 'workload'].includes(gateway?.metadata.labels?.[trafficTypes] ?? 'service'),
  }
}

/** The Namespace itself; undefined where it is not known. */
export function namespaceObject(name: string, workloads: WorkloadDirectory): KubeObject | undefined {
  return (workloads.beside?.(name) ?? []).find((one) => groupKind(one) === '/Namespace' && one.metadata.name === name)
}

export function isHeadless({ spec }: KubeObject): boolean {
  return typeof spec === 'object' && spec !== null && 'clusterIP' in spec && spec.clusterIP === 'None'
}
