import { isDeepStrictEqual } from 'node:util'
import { apiVersionOf, type Kind, type KubeObject, keyOf } from '../kube/object.ts'
import type { Owner } from '../kube/owners.ts'
import { isRecord } from '../kube/wire.ts'
import { podOutputs } from '../mesh/adapter-kinds.ts'
import { type AttachmentRecord, type RouteRef, routeName } from '../mesh/attachment.ts'
import type { TrafficRequest } from '../mesh/merge.ts'
import { apexOutputs, type NeutralOutputs } from '../mesh/outputs.ts'
import { sameService, serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import { destinationKey } from '../mesh/workloads.ts'
import { limitProtection } from './protection.ts'
import { describe, readStatus } from './status-reading.ts'

/** What one resource asks of the mesh, and as whose owner it asks. */
export interface Contribution {
  readonly key: string
  readonly request: TrafficRequest
  readonly owner: Owner
  readonly apexes: readonly ServiceRef[]
  /** Routes of users that its splits are attached to, or have edited. */
  readonly routes: readonly RouteRef[]
  /** What it has edited there. */
  readonly attachments: readonly AttachmentRecord[]
  /** Namespaces with pods that it asks something about. */
  readonly namespaces: readonly string[]
  /** Whose pods these are, by `destinationKey`; the namespace alone for mutual TLS, `limitProtection` for rate limits. */
  readonly protects: readonly string[]
  /** The apexes about which it asks for faults. */
  readonly faults: readonly ServiceRef[]
}

/** What resources may have in common: apexes, routes of users, and namespaces with pods to protect. */
export type Scope = Pick<Contribution, 'apexes' | 'routes' | 'namespaces'>

const nothing: Scope = { apexes: [], routes: [], namespaces: [] }

/** What all resources ask of the mesh according to their status, by apex. */
export class Contributions {
  readonly #kind: Kind
  readonly #limitsPods: boolean
  readonly #all = new Map<string, Contribution>()
  readonly #byApex = new Map<string, Set<string>>()
  readonly #byRoute = new Map<string, Set<string>>()
  readonly #byNamespace = new Map<string, Set<string>>()
  readonly #byFaults = new Map<string, Set<string>>()
  readonly #groupProviders = new Map<string, Set<string>>()

  /** @param limitsPods whether rate limits are about pods on the mesh */
  constructor(kind: Kind, limitsPods: boolean) {
    this.#kind = kind
    this.#limitsPods = limitsPods
  }

  /** Takes over what the resource asks now. Answers what has to be looked at again. */
  set(resource: KubeObject): Scope {
    const key = keyOf(resource.metadata)
    const before = this.#all.get(key)
    const now = this.of(resource, readStatus(resource).outputs)
    if (before !== undefined && isDeepStrictEqual(before, now)) return nothing
    this.delete(key)
    this.#all.set(key, now)
    for (const apex of now.apexes) addTo(this.#byApex, serviceName(apex), key)
    for (const route of now.routes) addTo(this.#byRoute, routeName(route), key)
    for (const namespace of now.namespaces) addTo(this.#byNamespace, namespace, key)
    for (const { namespace } of now.faults) addTo(this.#byFaults, namespace, key)
    if (hasGroups(now)) addTo(this.#groupProviders, now.request.namespace, key)
    return {
      apexes: [...(before?.apexes ?? []), ...now.apexes],
      routes: [...(before?.routes ?? []), ...now.routes],
      namespaces: [...(before?.namespaces ?? []), ...now.namespaces],
    }
  }

  /** The resource asks for nothing any more. Answers what has to be looked at again. */
  delete(key: string): Scope {
    const before = this.#all.get(key)
    if (before === undefined) return nothing
    this.#all.delete(key)
    for (const apex of before.apexes) removeFrom(this.#byApex, serviceName(apex), key)
    for (const route of before.routes) removeFrom(this.#byRoute, routeName(route), key)
    for (const namespace of before.namespaces) removeFrom(this.#byNamespace, namespace, key)
    for (const { namespace } of before.faults) removeFrom(this.#byFaults, namespace, key)
    removeFrom(this.#groupProviders, before.request.namespace, key)
    return before
  }

  get(key: string): Contribution | undefined {
    return this.#all.get(key)
  }

  /** Keys of the resources that ask something about the apex. */
  to(apex: ServiceRef): ReadonlySet<string> {
    return this.#byApex.get(serviceName(apex)) ?? new Set()
  }

  /** Keys of the resources that ask something about the pods of a namespace. */
  protecting(namespace: string): ReadonlySet<string> {
    return this.#byNamespace.get(namespace) ?? new Set()
  }

  /** What asks for faults on apexes of a namespace. */
  faulting(namespace: string): Contribution[] {
    return [...(this.#byFaults.get(namespace) ?? [])].flatMap((key) => this.#all.get(key) ?? [])
  }

  /** The apexes with a rate limit of pods whose pods are in some namespaces. */
  limitedIn(namespaces: readonly string[]): ServiceRef[] {
    if (!this.#limitsPods) return []
    const keys = namespaces.flatMap((namespace) => [...this.protecting(namespace)])
    const limited = [...new Set(keys)].flatMap((key) => limitedBy(this.#all.get(key)))
    return limited.filter(({ namespace }) => namespaces.includes(namespace))
  }

  /** Whether some resource limits the pods of an apex. */
  isLimited(apex: ServiceRef): boolean {
    if (!this.#limitsPods) return false
    return [...this.to(apex)].some((key) => limitedBy(this.#all.get(key)).some((one) => sameService(one, apex)))
  }

  /** Keys of the resources that have a part in any of it. */
  sharing({ apexes, routes, namespaces }: Scope): ReadonlySet<string> {
    const keys = [
      ...apexes.map((apex) => this.to(apex)),
      ...routes.map((route) => this.#byRoute.get(routeName(route)) ?? []),
      ...namespaces.map((namespace) => this.protecting(namespace)),
    ]
    return new Set(keys.flatMap((some) => [...some]))
  }

  /** All that has a part in these apexes and routes, route groups of the apexes' namespaces included. */
  about(scope: Scope): Contribution[] {
    const keys = new Set(this.sharing(scope))
    const protecting = scope.namespaces.flatMap((namespace) => [...this.protecting(namespace)])
    const near = [
      ...scope.apexes.map(({ namespace }) => namespace),
      ...protecting.flatMap((key) => this.#all.get(key)?.request.namespace ?? []),
    ]
    for (const namespace of near) for (const key of this.#groupProviders.get(namespace) ?? []) keys.add(key)
    return [...keys].flatMap((key) => this.#all.get(key) ?? [])
  }

  /** What a resource would contribute with these outputs. */
  of(resource: KubeObject, outputs: NeutralOutputs): Contribution {
    const { name, namespace = '', uid = '' } = resource.metadata
    const { attachments } = readStatus(resource)
    return {
      key: keyOf(resource.metadata),
      request: { source: describe(resource), namespace, outputs },
      owner: {
        apiVersion: apiVersionOf(this.#kind),
        kind: this.#kind.kind,
        name,
        uid,
        ...(namespace !== '' && { namespace }),
      },
      apexes: apexesOf(outputs, namespace, apexOutputs),
      faults: apexesOf(outputs, namespace, ['faultinjections']),
      routes: routesOf(outputs, namespace, attachments),
      attachments,
      ...protectedBy(outputs, namespace, this.#limitsPods),
    }
  }
}

function limitedBy(contribution: Contribution | undefined): ServiceRef[] {
  if (contribution === undefined) return []
  const { outputs, namespace } = contribution.request
  return apexesOf(outputs, namespace, ['ratelimits'])
}

/** The services that outputs are about, as far as their shape allows to tell. */
function apexesOf(
  outputs: NeutralOutputs,
  namespace: string,
  names: readonly (typeof apexOutputs)[number][],
): ServiceRef[] {
  const apexes = new Map<string, ServiceRef>()
  const all = names.flatMap((name): readonly unknown[] => {
    const listed: unknown = outputs[name]
    return Array.isArray(listed) ? listed : []
  })
  for (const output of all) {
    if (!isRecord(output) || typeof output['service'] !== 'string') continue
    const own = output['namespace']
    const apex = { namespace: typeof own === 'string' ? own : namespace, name: output['service'] }
    apexes.set(serviceName(apex), apex)
  }
  return [...apexes.values()]
}

/** Whose pods outputs are about, as far as their shape allows to tell. */
function protectedBy(
  outputs: NeutralOutputs,
  namespace: string,
  limitsPods: boolean,
): Pick<Contribution, 'namespaces' | 'protects'> {
  const protects = podOutputs.flatMap((name) => {
    const listed: unknown = outputs[name]
    return (Array.isArray(listed) ? listed : []).flatMap((output: unknown) => {
      if (!isRecord(output)) return []
      const own = typeof output['namespace'] === 'string' ? output['namespace'] : namespace
      const destination = output['destination']
      if (name === 'mtlspolicies') return [{ namespace: own, key: own }]
      if (!isRecord(destination) || typeof destination['name'] !== 'string') return []
      const theirs = typeof destination['namespace'] === 'string' ? destination['namespace'] : own
      const at = { namespace: theirs, serviceAccount: destination['name'] }
      return [{ namespace: theirs, key: destinationKey(at) }]
    })
  })
  if (limitsPods)
    for (const apex of apexesOf(outputs, namespace, ['ratelimits']))
      protects.push({ namespace: apex.namespace, key: limitProtection(apex) })
  return {
    namespaces: [...new Set(protects.map((one) => one.namespace))],
    protects: [...new Set(protects.map(({ key }) => key))],
  }
}

/** Routes of users that splits name, as far as their shape allows to tell, and those that were edited before. */
function routesOf(outputs: NeutralOutputs, namespace: string, edited: readonly AttachmentRecord[]): RouteRef[] {
  const splits: unknown = outputs.trafficsplits
  const named = (Array.isArray(splits) ? splits : []).flatMap((split: unknown): RouteRef[] => {
    if (!isRecord(split) || !isRecord(split['attachTo'])) return []
    const { kind, name } = split['attachTo']
    const own = split['namespace']
    if (typeof kind !== 'string' || typeof name !== 'string') return []
    return [{ kind, namespace: typeof own === 'string' ? own : namespace, name }]
  })
  const all = [...named, ...edited.map(({ kind, namespace: own, name }) => ({ kind, namespace: own, name }))]
  return [...new Map(all.map((route) => [routeName(route), route])).values()]
}

function hasGroups({ request: { outputs } }: Contribution): boolean {
  return [outputs.httproutegroups, outputs.tcproutes].some((shared) => Array.isArray(shared) && shared.length > 0)
}

function addTo(index: Map<string, Set<string>>, name: string, key: string): void {
  const keys = index.get(name)
  if (keys === undefined) index.set(name, new Set([key]))
  else keys.add(key)
}

function removeFrom(index: Map<string, Set<string>>, name: string, key: string): void {
  const keys = index.get(name)
  if (keys?.delete(key) && keys.size === 0) index.delete(name)
}
