import type { GrpcMatch, HttpMatch } from './match.ts'
import type { MtlsMode } from './mtls.ts'
import type { AffinityKey, Breaker, RateLimit } from './service-policies.ts'
import type { AbortAnswer, HeaderChanges, Redirect, Rewrite } from './treatment.ts'
import type { VersionCookie } from './version-cookie.ts'

/** One weighted backend of a split. Weights are non-negative integers and only their ratio counts. */
export interface SplitBackend {
  readonly service: string
  readonly weight: number
  /** Port of the backend; the apex's own port number unless given. */
  readonly port?: number
}

/** Kinds of routes that splits may be attached to, on meshes that have them. */
export const attachableKinds = ['VirtualService', 'HTTPRoute', 'GRPCRoute'] as const

/** A route of the user's in the split's namespace, in which the split sets the weights instead of making an object of its own. */
export interface AttachTo {
  readonly kind: (typeof attachableKinds)[number]
  readonly name: string
  /** Names or numbers (from 0) of its rules; the only rule that has one of the backends unless given. */
  readonly rules?: readonly (string | number)[] | undefined
}

/** Refers to a HttpRouteGroup of the same namespace: all its matches, or those named. */
export interface RouteGroupRef {
  readonly kind: 'HTTPRouteGroup'
  readonly name: string
  readonly matches?: readonly string[]
}

/** Refers to a TcpRoute of the same namespace: the ports it names. */
export interface TcpRouteRef {
  readonly kind: 'TCPRoute'
  readonly name: string
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
  /**
   * Only requests for which one of these holds are split; every request unless given. References to TCPRoutes stand in place of
   * `ports`, and without conditions beside them.
   */
  readonly matches?: readonly (HttpMatch | GrpcMatch | RouteGroupRef)[] | readonly TcpRouteRef[]
  readonly backends: readonly SplitBackend[]
  /** The rules of a route that is there, which stays the user's. Not together with `ports`, `matches` and ports of backends. */
  readonly attachTo?: AttachTo
}

/** Matches to be shared by splits: SMI's HTTPRouteGroup (specs.smi-spec.io/v1alpha4). */
export interface HttpRouteGroup {
  readonly name: string
  readonly namespace?: string
  readonly matches: readonly ((HttpMatch | GrpcMatch) & { readonly name: string })[]
}

/** Names ports to be shared by splits and access rules: SMI's TCPRoute (specs.smi-spec.io/v1alpha4). */
export interface TcpRoute {
  readonly name: string
  readonly namespace?: string
  /** Every TCP port where `ports` is empty. */
  readonly matches: { readonly name?: string; readonly ports: readonly number[] }
}

/** What every policy says besides what it is about. */
interface Policy {
  /** Unique among the policies of its kind of one resource. */
  readonly name: string
  /** The resource's own namespace unless given. */
  readonly namespace?: string
  /** The Service that clients call. */
  readonly service: string
  /** Ports of it; all of its ports that speak HTTP unless given. */
  readonly ports?: readonly number[]
  /** Only requests for which one of these holds; every request that no policy of the same kind with matches takes unless given. */
  readonly matches?: readonly (HttpMatch | GrpcMatch | RouteGroupRef)[]
}

/**
 * What a retry policy tries again: any 5xx or no answer; 502, 503 and 504; a broken connection; a gRPC call by its status; or one
 * status code from 400 on.
 */
export type RetryCondition =
  | '5xx'
  | 'gateway-error'
  | 'connect-failure'
  | 'refused-stream'
  | 'reset'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable'
  | number

/** How long requests may take and how often they are tried. Times are whole milliseconds, up to a day. */
export interface RetryPolicy extends Policy {
  /** For the whole request, retries included; none unless given. */
  readonly timeout?: number
  /** Left to the mesh unless given: Istio tries twice again when no connection came about, Linkerd not at all. */
  readonly retries?: {
    /** Beyond the first attempt, up to 100; 0 turns off what the mesh does of its own accord. */
    readonly attempts: number
    /** At least one, where there are attempts. */
    readonly conditions?: readonly RetryCondition[]
    /** For each attempt. */
    readonly perTryTimeout?: number
    /** Before the first retry. */
    readonly backoff?: number
  }
}

/** Makes a share of the requests fail or wait. Percentages from 0 to 100 in steps of 0.0001; one of the two has to be given. */
export interface FaultInjection extends Policy {
  /** `status` of HTTP from 200 to 599, or `grpcStatus` from 1 to 16 as a gRPC call fails. */
  readonly abort?: AbortAnswer & { readonly percent: number }
  /** `duration` in milliseconds. */
  readonly delay?: { readonly duration: number; readonly percent: number }
}

/** Sends copies of a share of the requests to another Service, whose answers are thrown away. */
export interface TrafficMirror extends Policy {
  /** The Service that gets the copies, in the same namespace. */
  readonly to: string
  /** Its port; the apex's own port number unless given. */
  readonly port?: number
  /** From 0 to 100 in steps of 0.0001; 100 unless given. */
  readonly percent?: number
}

/** Changes what backends and clients get to see. A policy that redirects does nothing else. */
export interface HeaderPolicy extends Policy {
  readonly request?: HeaderChanges
  readonly response?: HeaderChanges
  readonly rewrite?: Rewrite
  /** `status` is 302 unless given; one of scheme, host, port and path has to be given. */
  readonly redirect?: Omit<Redirect, 'status'> & { readonly status?: number }
}

/** What every policy about a Service as a whole says besides: it holds for all of its ports and requests. */
interface WholePolicy {
  /** Unique among the policies of its kind of one resource. */
  readonly name: string
  /** The resource's own namespace unless given. */
  readonly namespace?: string
  /** The Service that clients call. */
  readonly service: string
}

/** Keeps the requests of one client together: on one pod, or, while a split divides the Service, on one version. One of the two. */
export interface SessionAffinity extends WholePolicy {
  /** What tells clients apart whose requests go to one pod. `ttl` in milliseconds. */
  readonly by?: AffinityKey
  /** Clients stay with the backend of the plain split that answered them first, as long as it has weight. */
  readonly versionCookie?: VersionCookie
}

/** Leaves out pods that fail, and bounds what is under way. Times in milliseconds; one of the fields has to be given. */
export interface CircuitBreaker extends WholePolicy, Breaker {}

/** Bounds how many requests a second each pod takes; more are answered 429. */
export interface RateLimitPolicy extends WholePolicy, RateLimit {}

/** Names a ServiceAccount; in the namespace of the output unless another is given. */
export interface ServiceAccountName {
  readonly kind: 'ServiceAccount'
  readonly name: string
  readonly namespace?: string
}

/**
 * Lets some ServiceAccounts call the pods of another one: SMI's TrafficTarget (access.smi-spec.io/v1alpha3), with ports and inline
 * matches beside grouped ones. Pods that any TrafficTarget is about refuse everything that none of them allows.
 */
export interface TrafficTarget {
  /** Unique among the TrafficTargets of one resource. */
  readonly name: string
  /** The resource's own namespace unless given; that of the route groups and TCPRoutes it refers to. */
  readonly namespace?: string
  /** Whose pods are called; a name of at most 56 characters. */
  readonly destination: ServiceAccountName
  /** Who may call; at least one. */
  readonly sources: readonly ServiceAccountName[]
  /** Ports of the pods, not of a Service; all of them unless given. */
  readonly ports?: readonly number[]
  /**
   * Requests for which one of these holds; whatever is sent, other protocols included, unless given. TCPRoutes name ports in place of
   * `ports`: all of them where one of the TCPRoutes names none.
   */
  readonly rules?: readonly (HttpMatch | GrpcMatch | RouteGroupRef | TcpRouteRef)[]
}

/** Whether pods demand mutual TLS of those who call them. */
export interface MtlsOutput {
  /** Unique among the policies for mutual TLS of one resource. */
  readonly name: string
  /** The resource's own namespace unless given. */
  readonly namespace?: string
  /** Pods with these labels; all pods of the namespace, but for those that another policy names, unless given. */
  readonly workload?: { readonly labels: Readonly<Record<string, string>> }
  readonly mode: MtlsMode
  /** Ports of the pods with another mode; only where a workload is named. */
  readonly ports?: Readonly<Record<number, MtlsMode>>
}

/** What workers may emit without naming a mesh; keys are the names used in autopilot.yaml. */
export interface NeutralOutputs {
  readonly trafficsplits?: readonly TrafficSplit[]
  readonly httproutegroups?: readonly HttpRouteGroup[]
  readonly tcproutes?: readonly TcpRoute[]
  readonly retrypolicies?: readonly RetryPolicy[]
  readonly faultinjections?: readonly FaultInjection[]
  readonly trafficmirrors?: readonly TrafficMirror[]
  readonly headerpolicies?: readonly HeaderPolicy[]
  readonly sessionaffinities?: readonly SessionAffinity[]
  readonly circuitbreakers?: readonly CircuitBreaker[]
  readonly ratelimits?: readonly RateLimitPolicy[]
  readonly traffictargets?: readonly TrafficTarget[]
  readonly mtlspolicies?: readonly MtlsOutput[]
}

/** Outputs that name an apex in `service`. */
export const apexOutputs = [
  'trafficsplits',
  'retrypolicies',
  'faultinjections',
  'trafficmirrors',
  'headerpolicies',
  'sessionaffinities',
  'circuitbreakers',
  'ratelimits',
] as const satisfies readonly (keyof NeutralOutputs)[]

/** Every output there is, with the word by which messages call one of its elements. */
export const outputKinds = {
  trafficsplits: 'TrafficSplit',
  httproutegroups: 'HTTPRouteGroup',
  tcproutes: 'TCPRoute',
  retrypolicies: 'RetryPolicy',
  faultinjections: 'FaultInjection',
  trafficmirrors: 'TrafficMirror',
  headerpolicies: 'HeaderPolicy',
  sessionaffinities: 'SessionAffinity',
  circuitbreakers: 'CircuitBreaker',
  ratelimits: 'RateLimit',
  traffictargets: 'TrafficTarget',
  mtlspolicies: 'MtlsPolicy',
} as const satisfies Record<keyof NeutralOutputs, string>
