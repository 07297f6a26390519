import type { AccessDestination, AccessGrant, WorkloadAccess } from '../../src/mesh/access.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { type Door, doorsIn, leadsTo } from './doors.ts'
import type { Waypoint } from './waypoint.ts'

/** Access as two proxies decide it, in normal form. */
export interface AccessParts {
  /** For the ztunnel of the pods, which looks at no requests and sees a waypoint in place of who calls by a Service. */
  readonly pods: WorkloadAccess
  /** For the waypoints: by Service, with the ports of the Service in place of those of the pods. */
  readonly services: readonly ServicePart[]
}

export interface ServicePart {
  readonly service: ServiceRef
  readonly access: WorkloadAccess
}

/** A Service with a waypoint that leads to the pods of a destination. */
export type WaypointDoor = Door & { readonly waypoint: Waypoint }

export function waypointDoors(destination: AccessDestination, workloads: WorkloadDirectory): WaypointDoor[] {
  return doorsIn(destination.namespace, workloads)
    .filter((door): door is WaypointDoor => door.waypoint !== undefined)
    .filter((door) => leadsTo(door, destination))
}

/**
 * Divides access between the waypoints and the ztunnel of the pods. Whoever is let in whatever he sends is so by the pods themselves
 * too; who is let in for some requests only is by way of the Services, so that nobody gets past the rules for requests.
 */
export function partsOf(access: WorkloadAccess, workloads: WorkloadDirectory): AccessParts {
  const { destination, ports, grants } = normalAccess(access)
  const doors = waypointDoors(destination, workloads)
  const services = doors.flatMap((door) => servicePart({ destination, grants, ...(ports && { ports }) }, door))
  const open = doors.filter(({ service }) =>
    services.some((part) => part.access.grants.length > 0 && serviceName(part.service) === serviceName(service)),
  )
  const waypoints = new Map(open.map(({ waypoint: { account } }) => [serviceName(account), account]))
  const passed: AccessGrant[] = waypoints.size === 0 ? [] : [{ name: 'waypoints', sources: [...waypoints.values()] }]
  const plain = grants.filter(({ matches }) => matches === undefined)
  const pods = normalAccess({ destination, ...(ports && { ports }), grants: [...plain, ...passed] })
  return { pods, services }
}

/** What one port of a Service is to what is said of some ports of pods: `some` of the pods behind it have one of them. */
export function coverage(places: Door['ports'][number]['places'], ports: readonly number[]): 'all' | 'none' | 'some' {
  const named = places.filter(({ port }) => port === undefined || ports.includes(port))
  if (named.length === 0) return 'none'
  return named.length === places.length && places.every(({ port }) => port !== undefined) ? 'all' : 'some'
}

function servicePart({ destination, ports, grants }: WorkloadAccess, door: Door): ServicePart[] {
  const portsWith = (some: readonly number[]) =>
    door.ports.filter(({ places }) => coverage(places, some) === 'all').map(({ port }) => port)
  const controlled = ports && portsWith(ports)
  if (controlled?.length === 0) return []
  const own = grants.flatMap((grant) => {
    const mapped = grant.ports && portsWith(grant.ports)
    return mapped?.length === 0 ? [] : [{ ...grant, ...(mapped && { ports: mapped }) }]
  })
  const access = normalAccess({ destination, ...(controlled && { ports: controlled }), grants: own })
  return [{ service: door.service, access }]
}
