import type { KubeObject } from '../../src/kube/object.ts'
import { type Destination, decide, type WeightedDestination } from '../../src/mesh/decision.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../../src/mesh/fields.ts'
import { type FieldPath, groupKind } from '../../src/mesh/object-reading.ts'
import type { Outcome, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { systemNamespace } from './selection.ts'
import { readTarget } from './target.ts'

export const faultInjection = 'kuma.io/MeshFaultInjection'

/** One entry of `http`: each is a filter of its own, and both of its faults are drawn by themselves. */
interface Fault {
  readonly abort: { readonly status: number; readonly percent: number } | undefined
  readonly delay: { readonly duration: number; readonly percent: number } | undefined
}

type Place = Extract<Outcome, { port: number }>

/**
 * A decision with what MeshFaultInjections do to its requests. They act in the proxies of the pods that a request gets to, whoever sends
 * it and by whatever Service, so that each way of a split has its own faults.
 */
export function withFaultInjections(
  decision: RoutingDecision,
  objects: readonly KubeObject[],
  services: ServiceDirectory,
): RoutingDecision {
  const policies = objects.filter((one) => groupKind(one) === faultInjection)
  if (policies.length === 0) return decision
  const unfollowed: UnfollowedField[] = [...(decision.unfollowed ?? [])]
  const delays: { percent: number; duration: number }[] = []
  const ways = decision.outcomes.flatMap((outcome): WeightedDestination[] => {
    const { share } = outcome
    if (!('port' in outcome)) return [{ to: destinationOf(outcome), weight: share }]
    const read = faultsOf(outcome, policies, services)
    unfollowed.push(...read.unfollowed)
    let left = share
    const aborted = read.faults.flatMap(({ abort, delay }): WeightedDestination[] => {
      if (delay !== undefined && delay.percent > 0)
        delays.push({ duration: delay.duration, percent: Number((left * delay.percent).toFixed(6)) })
      const part = left * ((abort?.percent ?? 0) / 100)
      left -= part
      return abort === undefined ? [] : [{ to: { status: abort.status, reason: 'a fault is injected' }, weight: part }]
    })
    return [{ to: destinationOf(outcome), weight: left }, ...aborted]
  })
  return {
    ...decision,
    outcomes: decide(decision.rule, ways).outcomes,
    ...(delays.length > 0 && { delays: addedUp(delays) }),
    ...(unfollowed.length > 0 && { unfollowed }),
  }
}

function destinationOf({ share, ...to }: Outcome): Destination {
  return to
}

/** Those of one duration are one. */
function addedUp(delays: readonly { percent: number; duration: number }[]): { percent: number; duration: number }[] {
  const byDuration = new Map<number, number>()
  for (const { percent, duration } of delays) byDuration.set(duration, (byDuration.get(duration) ?? 0) + percent)
  return [...byDuration].map(([duration, percent]) => ({ percent, duration }))
}

/** The faults of the pods behind a port, and the fields of which nothing tells whether they are about these pods or this client. */
function faultsOf(
  place: Place,
  policies: readonly KubeObject[],
  services: ServiceDirectory,
): { readonly faults: readonly Fault[]; readonly unfollowed: readonly UnfollowedField[] } {
  const faults: Fault[] = []
  const unfollowed: UnfollowedField[] = []
  for (const object of policies) {
    const { targetRef, rules, from } = fieldsOf(object.spec)
    const about = isAbout(fieldsOf(targetRef), object.metadata.namespace ?? 'default', place, services)
    if (about === false) continue
    const unsure = (path: FieldPath) => unfollowed.push({ object, path: ['spec', ...path] })
    // How two policies for the same pods are put together, nothing here models.
    if (about === undefined || faults.length > 0) unsure(['targetRef'])
    for (const [list, entries] of Object.entries({ rules, from }))
      for (const [index, entry] of listOf(entries).map(fieldsOf).entries()) {
        const isForAll = list === 'rules' ? entry['matches'] === undefined : isEveryone(entry['targetRef'])
        if (!isForAll || index > 0) unsure([list, index])
        else if (about === true) faults.push(...readFaults(entry, (path) => unsure([list, index, ...path])))
      }
  }
  return { faults, unfollowed }
}

function readFaults(entry: Fields, unsure: (path: FieldPath) => void): Fault[] {
  return listOf(fieldsOf(entry['default'])['http']).map((value, index) => {
    const { abort, delay, ...others } = fieldsOf(value)
    for (const field of Object.keys(others)) unsure(['default', 'http', index, field])
    const status = numberOf(fieldsOf(abort)['httpStatus'])
    const duration = readDuration(fieldsOf(delay)['value'])
    const percent = (fault: unknown) => Number(fieldsOf(fault)['percentage'])
    return {
      abort: status === undefined ? undefined : { status, percent: percent(abort) },
      delay: duration === undefined ? undefined : { duration, percent: percent(delay) },
    }
  })
}

/** Whether the pods behind a port are among those of a target; undefined where nothing tells. */
function isAbout(target: Fields, namespace: string, place: Place, services: ServiceDirectory): boolean | undefined {
  const { service, port } = place
  if (namespace !== service.namespace && namespace !== systemNamespace) return false
  const { kind = 'Mesh', labels = {}, proxyTypes: _proxyTypes, mesh: _mesh, ...others } = target
  if (kind === 'MeshService') {
    const named = readTarget(target, namespace)
    if (named === undefined || (named.section !== undefined && !/^\d+$/.test(named.section))) return undefined
    const isPort = named.section === undefined || Number(named.section) === port
    return named.service.name === service.name && named.service.namespace === service.namespace && isPort
  }
  if ((kind !== 'Mesh' && kind !== 'Dataplane') || Object.keys(others).length > 0) return undefined
  const wanted = Object.entries(fieldsOf(labels))
  if (wanted.length === 0) return true
  const own = services.backing?.(service, port)?.labels
  if (own === undefined) return undefined
  if (wanted.some(([name, value]) => own[name] !== undefined && own[name] !== value)) return false
  return wanted.every(([name, value]) => own[name] === textOf(value)) ? true : undefined
}

function isEveryone(targetRef: unknown): boolean {
  const { kind, ...others } = fieldsOf(targetRef)
  return kind === 'Mesh' && Object.keys(others).length === 0
}
