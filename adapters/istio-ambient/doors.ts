import type { KubeObject } from '../../src/kube/object.ts'
import { type AccessDestination, selects } from '../../src/mesh/access.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { directoryOf } from '../../src/mesh/service-directory.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import type { Workload, WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { isGatewayRoute } from '../gateway-api/claims.ts'
import { isParent, readBackendRef, readParents } from '../gateway-api/http-route.ts'
import { type Waypoint, waypointOf } from './waypoint.ts'

/** A port of some pods; the number is undefined where a name stands for it that they do not declare. */
interface PodPlace {
  readonly workload: Workload
  readonly port: number | undefined
}

/** A Service by whose address calls get to pods: its own, and those to which routes beside it send on. */
export interface Door {
  readonly object: KubeObject
  readonly service: ServiceRef
  readonly waypoint: Waypoint | undefined
  readonly ports: readonly { readonly port: number; readonly places: readonly PodPlace[] }[]
}

/** The Services of a namespace that lead to workloads there, as far as these, Services and routes are known. */
export function doorsIn(namespace: string, workloads: WorkloadDirectory): Door[] {
  const objects = workloads.beside?.(namespace) ?? []
  const all = objects.filter((one) => groupKind(one) === '/Service')
  const directory = directoryOf(({ name }) => all.find((one) => one.metadata.name === name))
  const routes = objects.filter(isGatewayRoute)
  const behind = (service: ServiceRef, port: number): PodPlace[] => {
    const backing = service.namespace === namespace ? directory.backing?.(service, port) : undefined
    if (backing === undefined) return []
    const selected = workloads.in(namespace).filter(({ labels }) => selects(backing.labels, labels))
    return selected.map((workload) => {
      return { workload, port: typeof backing.port === 'number' ? backing.port : workload.portNames[backing.port] }
    })
  }
  return all.map((object) => {
    const service = { namespace, name: object.metadata.name }
    const tcp = (directory.ports(service) ?? []).filter((port) => directory.protocol?.(service, port) === 'TCP')
    const ports = tcp.map((port) => {
      const sent = routes.filter((route) => isAbout(route, service, port)).flatMap(destinationsOf)
      const places = [...behind(service, port), ...sent.flatMap((to) => behind(to.service, to.port ?? port))]
      return { port, places: distinct(places) }
    })
    return { object, service, waypoint: waypointOf(object, workloads), ports }
  })
}

/** Whether some calls to a Service get to pods of a destination. */
export function leadsTo({ ports }: Door, destination: AccessDestination): boolean {
  return ports.some(({ places }) => places.some(({ workload }) => isOf(workload, destination)))
}

/** Whether the pods of a workload are among those of a destination. */
export function isOf(workload: Workload, destination: AccessDestination): boolean {
  if (workload.namespace !== destination.namespace) return false
  return 'serviceAccount' in destination
    ? workload.serviceAccount === destination.serviceAccount
    : selects(destination.labels, workload.labels)
}

function isAbout({ metadata, spec }: KubeObject, service: ServiceRef, port: number): boolean {
  const parents = readParents(fieldsOf(spec)['parentRefs'], metadata.namespace ?? 'default')
  return parents.some((parent) => isParent(parent, service) && (parent.port === undefined || parent.port === port))
}

/** Where a route sends requests and copies of them. */
function destinationsOf({
  metadata,
  spec,
}: KubeObject): { readonly service: ServiceRef; readonly port: number | undefined }[] {
  const namespace = metadata.namespace ?? 'default'
  const refs = listOf(fieldsOf(spec)['rules']).flatMap((rule) => {
    const backends = listOf(fieldsOf(rule)['backendRefs'])
    return [...backends, ...[rule, ...backends].flatMap(mirrorsOf)]
  })
  return refs.flatMap((ref) => {
    const { service, port } = readBackendRef(ref, namespace)
    return service === undefined ? [] : [{ service, port }]
  })
}

function mirrorsOf(filtered: unknown): unknown[] {
  const filters = listOf(fieldsOf(filtered)['filters']).map(fieldsOf)
  return filters.flatMap(({ requestMirror }) => fieldsOf(requestMirror)['backendRef'] ?? [])
}

function distinct(places: readonly PodPlace[]): PodPlace[] {
  return [...new Map(places.map((place) => [`${place.workload.name} ${place.port}`, place])).values()]
}
