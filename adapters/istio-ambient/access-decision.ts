import type { KubeObject } from '../../src/kube/object.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { textOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { decideByPolicies, isForPod } from '../istio/access-decision.ts'
import { authorizationPolicy, targetsOf } from '../istio/access-reading.ts'
import { type Door, doorsIn } from './doors.ts'

/**
 * Whether one of the ways to a pod lets a call in: straight, where the ztunnel of the pod sees who calls; or by a Service with a waypoint,
 * which decides about the request with the port of the Service, and is then seen by ztunnel itself.
 */
export function decideAmbientCall(
  call: AccessCall,
  objects: readonly KubeObject[],
  workloads: WorkloadDirectory,
): boolean | undefined {
  const own = objects.filter((one) => isForPod(one, call.pod))
  // ztunnel looks at connections: an ALLOW rule for requests never holds there, and of a DENY rule that part is left out.
  const byPod = (source: AccessCall['source']) =>
    decideByPolicies({ source, pod: call.pod, port: call.port, request: undefined }, own)
  const ways = doorsIn(call.pod.namespace, workloads).flatMap((door) =>
    portsTo(door, call).map((port) => {
      const { waypoint } = door
      if (waypoint === undefined) return byPod(call.source)
      const there = decideByPolicies(
        { ...call, port },
        objects.filter((one) => isForDoor(one, door)),
      )
      const onward = byPod(waypoint.account)
      return there === undefined && onward === undefined ? undefined : there !== false && onward !== false
    }),
  )
  const all = [byPod(call.source), ...ways]
  return all.every((one) => one === undefined) ? undefined : all.some((one) => one !== false)
}

/** The ports of a Service by which a port of a pod is called. */
function portsTo({ ports }: Door, { pod, port: called }: AccessCall): number[] {
  return ports.flatMap(({ port, places }) =>
    places.some(({ workload, port: number }) => workload.name === pod.name && number === called) ? [port] : [],
  )
}

/** Whether a policy is for a Service or for the waypoint before it (ShouldAttachPolicy in pilot/pkg/model/policyattachment.go). */
function isForDoor(object: KubeObject, { service, waypoint }: Door): boolean {
  const { namespace = 'default' } = object.metadata
  if (groupKind(object) !== authorizationPolicy) return false
  return targetsOf(object).some(({ group = '', kind, name }) => {
    if (kind === 'Service')
      return (group === '' || group === 'core') && namespace === service.namespace && name === service.name
    const isGateway = kind === 'Gateway' && textOf(group) === 'gateway.networking.k8s.io'
    return isGateway && namespace === waypoint?.namespace && name === waypoint.name
  })
}
