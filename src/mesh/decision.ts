import { backendChanges } from './normal-backends.ts'
import type { Outcome, RoutingDecision, ServiceDirectory } from './routing.ts'
import { compareServices, compareText, serviceName } from './service.ts'
import type { ServiceRef, WeightedBackend } from './traffic.ts'
import type { HeaderChanges } from './treatment.ts'

/** Where one share of the requests goes: to a Service, or nowhere, when the mesh answers itself. */
export type Destination =
  | {
      readonly service: ServiceRef
      readonly port: number
      readonly subset?: string
      readonly requestHeaders?: HeaderChanges
      readonly responseHeaders?: HeaderChanges
    }
  | { readonly status: number; readonly grpcStatus?: number; readonly reason: string }

export interface WeightedDestination {
  readonly to: Destination
  readonly weight: number
}

/** Divides requests by weight: destinations of no weight are left out, equal ones added up. Something has to have weight. */
export function decide(rule: string | null, ways: readonly WeightedDestination[]): RoutingDecision {
  const byPlace = new Map<string, WeightedDestination>()
  for (const { to, weight } of ways) {
    if (weight <= 0) continue
    const key =
      'service' in to
        ? `${serviceName(to.service)}:${to.port}:${to.subset ?? ''} ${changesText(to)}`
        : `${to.status} ${to.grpcStatus} ${to.reason}`
    byPlace.set(key, { to, weight: weight + (byPlace.get(key)?.weight ?? 0) })
  }
  const total = [...byPlace.values()].reduce((sum, { weight }) => sum + weight, 0)
  const outcomes = [...byPlace.values()].map(({ to, weight }): Outcome => ({ share: weight / total, ...to }))
  return { rule, outcomes: outcomes.sort(compareOutcomes) }
}

/** A decision that leaves no choice. */
export function decideOn(rule: string | null, to: Destination): RoutingDecision {
  return decide(rule, [{ to, weight: 1 }])
}

/** The Service when it exists and has the port; otherwise the status with which the mesh answers in its place. */
export function reach(service: ServiceRef, port: number, services: ServiceDirectory, missing: number): Destination {
  const ports = services.ports(service)
  if (ports === undefined) return { status: missing, reason: `there is no Service ${serviceName(service)}` }
  if (!ports.includes(port)) return { status: missing, reason: `Service ${serviceName(service)} has no port ${port}` }
  return { service, port }
}

/** The way to a backend, with the changes of headers that it has; nothing is changed where it cannot be reached. */
export function withChanges(
  to: Destination,
  backend: Pick<WeightedBackend, 'requestHeaders' | 'responseHeaders'>,
): Destination {
  return 'service' in to ? { ...to, ...backendChanges(backend) } : to
}

function changesText(to: Pick<WeightedBackend, 'requestHeaders' | 'responseHeaders'>): string {
  return JSON.stringify(backendChanges(to))
}

type Answer = Extract<Outcome, { status: number }>
type Place = Extract<Outcome, { service: ServiceRef }>

function compareOutcomes(a: Outcome, b: Outcome): number {
  if ('service' in a) return 'service' in b ? comparePlaces(a, b) : -1
  return 'service' in b ? 1 : compareAnswers(a, b)
}

function comparePlaces(a: Place, b: Place): number {
  return (
    compareServices(a.service, b.service) ||
    a.port - b.port ||
    compareText(a.subset ?? '', b.subset ?? '') ||
    compareText(changesText(a), changesText(b))
  )
}

function compareAnswers(a: Answer, b: Answer): number {
  return a.status - b.status || (a.grpcStatus ?? 0) - (b.grpcStatus ?? 0) || compareText(a.reason, b.reason)
}
