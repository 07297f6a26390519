import type { HttpMatch } from './match.ts'
import type { ServicePolicies } from './service-policies.ts'
import type { HeaderChanges, Treatment } from './treatment.ts'

/** A Service by its full name. */
export interface ServiceRef {
  readonly namespace: string
  readonly name: string
}

export interface WeightedBackend {
  readonly service: ServiceRef
  readonly port: number
  readonly weight: number
  /** A part of the Service's pods that only its mesh knows: the name of an Istio subset. */
  readonly subset?: string
  /** Changes for what goes to this backend, and what comes from it, besides those of the rule. */
  readonly requestHeaders?: HeaderChanges
  readonly responseHeaders?: HeaderChanges
}

/**
 * One rule: when one of `matches` holds (or there is none), the request goes to one of `backends` by weight, treated as said.
 * A rule that redirects has no backends.
 */
export interface TrafficRule extends Treatment {
  /** Unique within its port; a DNS label. The last rule of a port is called `default`. Names label rules, they mean nothing: the normal form numbers them. */
  readonly name: string
  readonly matches: readonly HttpMatch[]
  readonly backends: readonly WeightedBackend[]
}

/** The rules of one port of the apex, in order of precedence. */
export interface PortTraffic {
  readonly port: number
  /** What is spoken on the port; HTTP in any version unless given. Of `tcp` there is one rule, without matches and treatment. */
  readonly protocol?: 'grpc' | 'tcp' | 'tls'
  readonly rules: readonly TrafficRule[]
}

/**
 * All that is asked of one apex service, merged and resolved: what adapters translate.
 *
 * A value that passed `checkTraffic` holds: ports ascend and are ports of the apex; every port has at least one rule; only its
 * last rule has no matches, so every request has exactly one rule; every rule that does not redirect has at least one
 * backend with a positive weight. Ports that are not listed are left to the Service itself.
 */
export interface ServiceTraffic {
  readonly service: ServiceRef
  readonly ports: readonly PortTraffic[]
  /** What holds for the Service as a whole, wherever its requests go. */
  readonly policies?: ServicePolicies
}
