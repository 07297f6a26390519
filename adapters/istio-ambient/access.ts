import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { describeDestination, destinationName, type WorkloadAccess } from '../../src/mesh/access.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { surroundingsOf } from '../../src/mesh/enrollment.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { type IstioSecurity, policy, translateAccess } from '../istio/access.ts'
import { coverage, partsOf, type WaypointDoor, waypointDoors } from './access-parts.ts'
import { doorsIn, isOf, leadsTo } from './doors.ts'
import { mode, waypointProblems } from './enrollment.ts'
import { isHeadless, namespaceObject } from './waypoint.ts'

/**
 * AuthorizationPolicies with a selector, which ztunnel enforces, as for sidecars; and for each Service with a waypoint that leads to
 * the pods one with `targetRefs`, which the waypoint does.
 */
export function translateAmbientAccess(
  access: WorkloadAccess,
  security: IstioSecurity,
  workloads: WorkloadDirectory,
): KubeObject[] {
  const { pods, services } = partsOf(access, workloads)
  const account = destinationName(access.destination)
  return [
    // The waypoints first: until the pods let nobody else in, more is let in than asked, as without any policy.
    ...services.map(({ service: { name }, access: own }) => {
      const targetRefs = [{ group: '', kind: 'Service', name }]
      return policy(`${account}.service.${name}`, { targetRefs }, own, security)
    }),
    ...translateAccess(pods, security, workloads),
  ]
}

/** What keeps the waypoints and the ztunnel of the pods from deciding access as it is asked; nothing when they can. */
export function ambientAccessProblems(access: WorkloadAccess, workloads: WorkloadDirectory): Diagnostic[] {
  const { destination } = access
  const { namespace } = destination
  const pods = describeDestination(destination)
  const refuse = (problem: string, remedy: string) =>
    diagnostic('AP2250', { mesh: 'istio-ambient', pods, problem, remedy })
  const labels = namespaceObject(namespace, workloads)?.metadata.labels
  if (labels === undefined && namespaceObject(namespace, workloads) === undefined) {
    const remedy = 'Give the Namespace and its Services with -f; an operator looks for itself.'
    return [
      refuse(`it is not known whether a waypoint is before them, as the namespace ${namespace} is not known`, remedy),
    ]
  }
  if (labels?.[mode] !== 'ambient') {
    const remedy = `Label it: kubectl label namespace ${namespace} ${mode}=ambient`
    return [refuse(`the namespace ${namespace} is not in ambient mode, so that nothing would be refused`, remedy)]
  }
  const outside = workloads.in(namespace).find((one) => isOf(one, destination) && one.labels[mode] === 'none')
  if (outside !== undefined) {
    const remedy = `Take the label ${mode}=none away from the pods of ${outside.name}.`
    return [refuse(`the label ${mode} keeps the pods of ${outside.name} out of ambient mode`, remedy)]
  }
  const doors = waypointDoors(destination, workloads)
  return [
    ...doors.flatMap((door) => doorProblems(access, door, refuse)),
    ...requestProblems(access, doors, workloads, refuse),
  ]
}

type Refuse = (problem: string, remedy: string) => Diagnostic

/** What is wrong with one Service for a policy of its own. */
function doorProblems(
  access: WorkloadAccess,
  { service, waypoint, ports }: WaypointDoor,
  refuse: Refuse,
): Diagnostic[] {
  const name = serviceName(service)
  const stranger = ports.flatMap(({ places }) => places).find(({ workload }) => !isOf(workload, access.destination))
  if (stranger !== undefined) {
    const problem = `the Service ${name} leads to ${stranger.workload.name} as well, whose pods are not among them, and a waypoint decides by Service`
    return [refuse(problem, 'Give the pods of each ServiceAccount Services of their own, and routes between these.')]
  }
  if (waypoint.isForPods) {
    const problem = `the waypoint ${waypoint.namespace}/${waypoint.name} takes what is sent to the addresses of pods as well, past the policies of Services`
    return [refuse(problem, 'Let it be for Services alone: label the Gateway istio.io/waypoint-for=service.')]
  }
  const named = [access.ports, ...access.grants.map((grant) => grant.ports)].flatMap((some) => (some ? [some] : []))
  const mixed = ports.find(({ places }) => named.some((some) => coverage(places, some) === 'some'))
  if (mixed === undefined) return []
  const problem = `port ${mixed.port} of the Service ${name} leads to ports of which only some are named, or that have names the pods do not declare`
  return [refuse(problem, 'Let the port lead to the same port of all pods, by its number.')]
}

/** What is granted for some requests only has to come by a waypoint. */
function requestProblems(
  access: WorkloadAccess,
  waypoints: readonly WaypointDoor[],
  workloads: WorkloadDirectory,
  refuse: Refuse,
): Diagnostic[] {
  const { destination } = access
  const conditional = normalAccess(access).grants.filter(({ matches }) => matches !== undefined)
  if (conditional.length === 0) return []
  const { namespace } = destination
  const home = namespaceObject(namespace, workloads)
  const doors = doorsIn(namespace, workloads).filter((door) => leadsTo(door, destination) && !isHeadless(door.object))
  if (doors.length === 0) {
    const problem = 'only a waypoint looks at requests, and no Service with a cluster IP is known that leads to them'
    return [refuse(problem, 'Make a Service for them; for `ap translate`, give it with -f.')]
  }
  const unbound = doors.flatMap(({ object, service }) => waypointProblems(service, surroundingsOf(object, home)))
  if (unbound.length > 0) return unbound
  const wanted = [...new Set(conditional.flatMap(({ ports }) => ports ?? []))]
  const unreached = wanted.filter((port) => {
    return !waypoints.some((door) => door.ports.some(({ places }) => coverage(places, [port]) === 'all'))
  })
  return unreached.map((port) => {
    const problem = `only a waypoint looks at requests, and no Service with one leads to port ${port}`
    return refuse(problem, 'Give a Service that port, or let sources in on it whatever they send.')
  })
}
