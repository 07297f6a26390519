import type { HttpMatch } from './match.ts'

/** One weighted backend of a split. Weights are non-negative integers and only their ratio counts. */
export interface SplitBackend {
  readonly service: string
  readonly weight: number
  /** Port of the backend; the apex's own port number unless given. */
  readonly port?: number
}

/** Refers to a HttpRouteGroup of the same namespace: all its matches, or those named. */
export interface RouteGroupRef {
  readonly kind: 'HTTPRouteGroup'
  readonly name: string
  readonly matches?: readonly string[]
}

/**
 * Divides the traffic of one apex service among backends: SMI's TrafficSplit (split.smi-spec.io/v1alpha4), with ports and
 * inline matches beside grouped ones.
 */
export interface TrafficSplit {
  /** Unique among the splits of one resource. */
  readonly name: string
  /** The resource's own namespace unless given; backends live in the same. */
  readonly namespace?: string
  /** The apex: the Service that clients call. It may be one of its own backends; then its own endpoints are meant. */
  readonly service: string
  /** Ports of the apex the split is about; all of its ports unless given. */
  readonly ports?: readonly number[]
  /** Only requests for which one of these holds are split; every request unless given. */
  readonly matches?: readonly (HttpMatch | RouteGroupRef)[]
  readonly backends: readonly SplitBackend[]
}

/** Matches to be shared by splits: SMI's HTTPRouteGroup (specs.smi-spec.io/v1alpha4). */
export interface HttpRouteGroup {
  readonly name: string
  readonly namespace?: string
  readonly matches: readonly (HttpMatch & { readonly name: string })[]
}

/** What workers may emit without naming a mesh; keys are the names used in autopilot.yaml. */
export interface NeutralOutputs {
  readonly trafficsplits?: readonly TrafficSplit[]
  readonly httproutegroups?: readonly HttpRouteGroup[]
}
