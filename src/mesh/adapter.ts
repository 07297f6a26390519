import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { AccessAdapter, MtlsAdapter } from './access-adapter.ts'
import type { AttachableKind } from './attachment.ts'
import type { Capabilities, Feature, Limits } from './capabilities.ts'
import type { Claim } from './claim.ts'
import type { Enrollment } from './enrollment.ts'
import type { Installed } from './installed.ts'
import type { HttpMatch } from './match.ts'
import type { MetricQueries } from './metric-queries.ts'
import type { ObjectProblem, ObjectReading } from './object-reading.ts'
import type { NeutralOutputs } from './outputs.ts'
import type { PodLimitsAdapter } from './pod-limits-adapter.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from './routing.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic } from './traffic.ts'

/** What an adapter is made for: the cluster it writes to. */
export interface MeshContext {
  /** DNS domain of the cluster, such as `cluster.local`. */
  readonly clusterDomain: string
  /** Trust domain of the identities by which pods call each other; the mesh's own default where absent. */
  readonly trustDomain?: string
  /** API versions to write, by group; the adapter's default where absent. Unknown versions are refused by `create`. */
  readonly apiVersions: Readonly<Record<string, string>>
  /** What the cluster has; absent where no cluster is at hand, and then everything in its newest form is taken for granted. */
  readonly installed?: Installed
}

/** A kind that an adapter may write. */
export interface MeshKind extends Kind {
  /** What only this kind carries: a cluster that does not serve it lacks these features. Without the others there is no mesh. */
  readonly carries?: readonly Feature[]
}

/** What the mesh's objects say about one apex. */
export interface ObservedTraffic {
  /** The traffic as it stands, in normal form; undefined when no object of this mesh routes the apex. */
  readonly traffic: ServiceTraffic | undefined
  /** Parts of the objects the neutral model has no words for. */
  readonly problems: readonly ObjectProblem[]
  /**
   * Present when splits of the apex are attached to routes of users: the rules of these routes that are edited, each with what it says now.
   * They, and not `traffic`, tell whether such a split is in effect. Filled in by the runtime, which knows the splits.
   */
  readonly attached?: readonly AttachedRule[]
}

/** A rule of a user's route whose weights a split sets. */
export interface AttachedRule {
  /** `http[1] (everybody) of VirtualService shop/web`. */
  readonly name: string
  readonly backends: readonly { readonly service: ServiceRef; readonly weight: number }[]
}

export type Acceptance =
  | { readonly state: 'accepted' }
  /** The mesh has not spoken about this generation of the object yet. */
  | { readonly state: 'pending'; readonly reason: string }
  | { readonly state: 'rejected'; readonly reason: string }

/** `protocol` is that of the port. */
export type Precedence = (a: HttpMatch, b: HttpMatch, protocol?: PortTraffic['protocol']) => number

/**
 * Turns the traffic asked of one apex service into one mesh's objects, and reads them back.
 *
 * Guarantees an adapter gives:
 * - pure: the same arguments give the same objects, in the same order; no clock, no network, no logging;
 * - faithful: `observe(translate(traffic)).traffic` is `normalForm(traffic)`;
 * - the same meaning: `route` over `translate(traffic)` decides as `routeNeutral` over `traffic` does;
 * - honest: what `capabilities` calls unsupported never reaches `translate`; the caller has refused it with a diagnostic.
 *
 * What it may assume: `traffic` passed `checkTraffic` for this adapter.
 */
export interface MeshAdapter {
  /** The word users write as `meshProvider`. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly limits: Limits
  /**
   * How the mesh orders matches of one port: `listed` keeps the order written; a comparison (negative: `a` is tried first)
   * tells the mesh's own order, ties keeping the order written, NaN when it is undefined or depends on the request.
   */
  readonly precedence: 'listed' | Precedence
  /** Set where objects need not name ports, so that `translate` takes traffic whose last port is `everyPort`. */
  readonly saysEveryPort?: true
  /** Kinds this adapter may write, in the order in which they must exist. Watched by the runtime; rights are generated from it. */
  readonly kinds: readonly MeshKind[]
  /** CustomResourceDefinitions whose annotations tell what their kinds can hold, for `Installed`; none unless given. */
  readonly annotatedCrds?: readonly string[]
  /**
   * What this mesh is told by annotations of the apex itself; nothing unless given. For that, `translate` writes a v1 Service with
   * nothing but such annotations: they are to be set on the Service, which belongs to somebody else.
   */
  readonly annotates?: {
    /** How all of these annotations begin, those included that `translate` never writes. */
    readonly prefix: string
    /** The outputs that it takes for them to be written. */
    readonly outputs: readonly (keyof NeutralOutputs)[]
  }
  /** Kinds of users' routes in which splits may set the weights; none unless given. */
  readonly attachable?: readonly AttachableKind[]
  /**
   * What keeps planned objects of some of `kinds` from meaning what they say: others of these kinds, by whomever, that are not of
   * the same plan. Absent where objects do not get in each other's way.
   */
  readonly conflicts?: {
    readonly kinds: readonly string[]
    find(planned: readonly KubeObject[], others: readonly KubeObject[]): Diagnostic[]
  }
  /**
   * Kinds this adapter does not write, by which others may route the same Services. Of several versions the first that is
   * served is watched, of kinds that are not installed none.
   */
  readonly rivals: readonly Kind[]
  /** The Services that an object of `kinds` or `rivals` routes, whoever wrote it; ours must not be written beside it. */
  claims(object: KubeObject): Claim[]
  /** Set where the mesh takes notice of a Service's routes only if it is told to look after it. */
  readonly enrollment?: Enrollment
  /** Objects have apiVersion, kind, name, namespace and spec, but for the Service of `annotates`; labels and owners are added by the caller. */
  translate(traffic: ServiceTraffic): KubeObject[]
  /** `services` tells the ports of the apex, for objects that speak of all of them without naming any. Where the adapter annotates, `objects` has the Service. */
  observe(objects: readonly KubeObject[], apex: ServiceRef, services: ServiceDirectory): ObservedTraffic
  /** Whether the mesh has taken the object up. Meshes without route status answer `accepted` as soon as the object is stored. */
  accepted(object: KubeObject): Acceptance
  /** Where the mesh sends a request, by its own rules over its own objects. */
  route(request: MeshRequest, objects: readonly KubeObject[], services: ServiceDirectory): RoutingDecision
  /** Reads objects that people wrote, as `ap translate` and `ap route` do. */
  readonly reading: ObjectReading
  readonly queries: MetricQueries
  /** Who may call whom; absent where the mesh has no objects for that, and its capabilities say so. */
  readonly access?: AccessAdapter
  /** Mutual TLS, likewise. */
  readonly mtls?: MtlsAdapter
  /** Rate limits, where they are about pods and `translate` leaves them out. */
  readonly podLimits?: PodLimitsAdapter
}

/** How a mesh is registered: `adapterModule(provider)` binds it, its name finds it. */
export interface MeshProvider {
  readonly name: string
  /** One line for `--help` and documentation. */
  readonly description: string
  /** Throws a DiagnosticError when the context asks for a version this adapter does not write. */
  create(context: MeshContext): MeshAdapter
}
