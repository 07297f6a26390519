import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type AccessGrant, describeDestination, type WorkloadAccess } from '../../src/mesh/access.ts'
import type { ObservedAccess } from '../../src/mesh/access-adapter.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { byAccount, destinationKey, selectionsOf, type WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { authorizationPolicy, both, observeAccess, readPolicy, targetsOf } from '../istio/access-reading.ts'
import { ambientAccessProblems } from './access.ts'
import { type AccessParts, partsOf, type WaypointDoor, waypointDoors } from './access-parts.ts'

/** What the policies for one Service say, with its ports. */
interface ReadService {
  readonly access: WorkloadAccess
  readonly objects: readonly KubeObject[]
}

/**
 * Reads AuthorizationPolicies, whoever wrote them. What is said of some pods is said by all policies for them and for the Services that
 * lead to them together: where these are not the two halves of one access, as `partsOf` divides it, they are among the problems.
 */
export function observeAmbientAccess(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedAccess {
  const problems: ObjectProblem[] = []
  const all = objects.filter((one) => groupKind(one) === authorizationPolicy)
  const forServices = all.filter((one) => targetsOf(one).length > 0)
  const forPods = all.filter((one) => targetsOf(one).length === 0)
  const services = readServices(forServices, problems)
  const { objectsFor, accesses: halves } = readPods(forPods, workloads, problems)
  const used = new Set<string>()
  const accesses = halves.flatMap((half) => {
    const doors = waypointDoors(half.destination, workloads)
    const parts = doors.flatMap(({ service }) => services.get(serviceName(service)) ?? [])
    for (const { service } of doors) used.add(serviceName(service))
    const whole = joined(half, doors, services)
    const own = objectsFor(half)
    const problem = wrongHalf(whole, half, doors, services, workloads)
    if (problem === undefined) return [whole]
    problems.push(...[...own, ...parts.flatMap((part) => part.objects)].map((object) => halfOf(object, problem)))
    return []
  })
  for (const [name, { objects: own }] of services) {
    if (used.has(name)) continue
    const problem = `is for the Service ${name} alone, past which its pods can be called`
    problems.push(...own.map((object) => halfOf(object, problem)))
  }
  return { accesses: byAccount(accesses, workloads), problems }
}

/** The policies for pods, by ServiceAccount where that is the same. Rules for requests are none to ztunnel, which lets nobody in by them. */
function readPods(objects: readonly KubeObject[], workloads: WorkloadDirectory, problems: ObjectProblem[]) {
  const plain = objects.filter((object) => {
    const read = readPolicy(object, [])
    const isConditional = read?.grants.some(({ matches }) => matches !== undefined) === true
    const problem =
      'has rules for requests, which the ztunnel of the pods does not look at, so that it lets nobody in by them'
    if (isConditional) problems.push(halfOf(object, problem))
    return !isConditional
  })
  const observed = observeAccess(plain, workloads)
  problems.push(...observed.problems)
  const objectsFor = ({ destination }: WorkloadAccess) => {
    const { namespace } = destination
    const keys = selectionsOf(destination, workloads).map(({ labels }) => destinationKey({ namespace, labels }))
    return plain.filter((object) => {
      const read = readPolicy(object, [])
      return read !== undefined && keys.includes(destinationKey(read.destination))
    })
  }
  return { accesses: observed.accesses, objectsFor }
}

function readServices(objects: readonly KubeObject[], problems: ObjectProblem[]): Map<string, ReadService> {
  const services = new Map<string, ReadService>()
  for (const object of objects) {
    const before = problems.length
    const { name: own, namespace = 'default' } = object.metadata
    const targets = targetsOf(object).flatMap(
      ({ group = '', kind, name, namespace: other = namespace }, index): ServiceRef[] => {
        const isService = (group === '' || group === 'core') && kind === 'Service' && other === namespace
        if (isService && typeof name === 'string') return [{ namespace, name }]
        const path: FieldPath =
          listOf(fieldsOf(object.spec)['targetRefs']).length > 0 ? ['spec', 'targetRefs', index] : ['spec', 'targetRef']
        const facts = {
          object: `AuthorizationPolicy ${namespace}/${own}`,
          what: `the target ${String(kind)} ${String(name)}`,
        }
        problems.push({ ...diagnostic('AP2121', facts), place: { object, path } })
        return []
      },
    )
    const read = readPolicy(object, problems, ['targetRef', 'targetRefs'])
    if (read === undefined || problems.length > before) continue
    for (const target of targets) {
      const known = services.get(serviceName(target))
      const access = known === undefined ? read : both(known.access, read)
      services.set(serviceName(target), { access, objects: [...(known?.objects ?? []), object] })
    }
  }
  return services
}

/** What either half lets in, with the ports of the pods. The waypoints are no callers of their own. */
function joined(
  half: WorkloadAccess,
  doors: readonly WaypointDoor[],
  services: ReadonlyMap<string, ReadService>,
): WorkloadAccess {
  const accounts = new Set(doors.map(({ waypoint }) => serviceName(waypoint.account)))
  const plain = half.grants.flatMap((grant) => {
    const sources = grant.sources.filter((source) => !accounts.has(serviceName(source)))
    return sources.length === 0 ? [] : [{ ...grant, sources }]
  })
  const byService = doors.flatMap((door) => {
    const part = services.get(serviceName(door.service))
    return (part?.access.grants ?? []).flatMap((grant) => withPodPorts(grant, door))
  })
  return normalAccess({ ...half, grants: [...plain, ...byService] })
}

function withPodPorts(grant: AccessGrant, { ports }: WaypointDoor): AccessGrant[] {
  if (grant.ports === undefined) return [grant]
  const places = ports.filter(({ port }) => grant.ports?.includes(port)).flatMap((one) => one.places)
  const own = [...new Set(places.flatMap(({ port }) => port ?? []))].sort((a, b) => a - b)
  return own.length === 0 ? [] : [{ ...grant, ports: own }]
}

/** What is wrong with the two halves of an access; undefined when each says what it has to. */
function wrongHalf(
  whole: WorkloadAccess,
  half: WorkloadAccess,
  doors: readonly WaypointDoor[],
  services: ReadonlyMap<string, ReadService>,
  workloads: WorkloadDirectory,
): string | undefined {
  const pods = describeDestination(half.destination)
  const [refusal] = doors.length === 0 ? [] : ambientAccessProblems(whole, workloads)
  if (refusal !== undefined)
    return `is about ${pods}, and cannot be read with the Services that lead there: ${refusal.message}`
  const expected: AccessParts = partsOf(whole, workloads)
  const odd = doors.find(({ service }) => {
    const wanted = expected.services.find((one) => serviceName(one.service) === serviceName(service))
    const there = services.get(serviceName(service))
    return contents(wanted?.access) !== contents(there?.access)
  })
  if (odd !== undefined) {
    const name = serviceName(odd.service)
    return services.has(name)
      ? `is about ${pods}, where a policy for the Service ${name}, which leads there, lets in others than those for the pods and other Services`
      : `is about ${pods}, to which everybody gets by the Service ${name} and its waypoint, for which there is no policy`
  }
  if (contents(expected.pods) === contents(half)) return undefined
  return doors.length === 0
    ? undefined
    : `is about ${pods}, which have to let in the waypoints before them, and nobody else who may send some requests only`
}

function contents(access: WorkloadAccess | undefined): string {
  if (access === undefined) return ''
  const { ports, grants } = normalAccess(access)
  return JSON.stringify([ports ?? null, grants])
}

function halfOf(object: KubeObject, problem: string): ObjectProblem {
  const { name, namespace = 'default' } = object.metadata
  const remedy =
    'Let a policy with a `selector` admit the waypoint and whoever may send anything, and one with `targetRefs` for each Service that leads to the pods say who may send what; without the latter, take the waypoint away.'
  return {
    ...diagnostic('AP2251', { object: `AuthorizationPolicy ${namespace}/${name}`, problem, remedy }),
    place: { object, path: ['spec'] },
  }
}
