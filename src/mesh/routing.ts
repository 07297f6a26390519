import type { KubeObject } from '../kube/object.ts'
import type { Labels } from './access.ts'
import type { Surroundings } from './enrollment.ts'
import type { FieldPath } from './object-reading.ts'
import type { ServiceRef } from './traffic.ts'
import type { HeaderChanges, Mirror, Rewrite } from './treatment.ts'

/** One request, or connection, from inside the mesh to an apex service. */
export interface MeshRequest {
  readonly service: ServiceRef
  readonly port: number
  readonly method: string
  /** Path without the query. */
  readonly path: string
  /** Lower-case names; the `cookie` header carries the cookies. */
  readonly headers: Readonly<Record<string, string>>
  /** Of a repeated parameter the first; values as sent. */
  readonly query: Readonly<Record<string, string>>
  /** The query as sent, without the question mark; what `query` makes unless given. */
  readonly search?: string
  /** Set for connections that carry no HTTP, of which nothing but service, port and, for TLS, `sni` counts. */
  readonly protocol?: 'tcp' | 'tls'
  /** The name that a TLS client asks for. */
  readonly sni?: string
  /** Namespace of the client; that of the Service unless given. */
  readonly from?: string
}

/** What routing may ask of the cluster besides the mesh's objects. */
export interface ServiceDirectory {
  /** Ports of a Service in ascending order; undefined when it does not exist. */
  ports(service: ServiceRef): readonly number[] | undefined
  /** Transport of one port; TCP where the directory does not tell. */
  protocol?(service: ServiceRef, port: number): 'TCP' | 'UDP' | 'SCTP' | undefined
  /** What is said to be spoken on one TCP port; where nothing is said, it is taken for HTTP in any version. */
  application?(service: ServiceRef, port: number): 'http' | 'grpc' | 'tcp' | 'tls' | undefined
  /** The number of a port that has a name; undefined where the directory does not tell. */
  portNamed?(service: ServiceRef, name: string): number | undefined
  /** The pods behind one port; undefined for a Service that does not tell them, and where the directory does not. */
  backing?(service: ServiceRef, port: number): PodPort | undefined
  /** What sort of Service it is; one with a cluster IP where the directory does not tell. */
  type?(service: ServiceRef): 'ClusterIP' | 'Headless' | 'ExternalName' | undefined
  /** What is said of it besides its ports, by which a mesh may be told to look after it. */
  surroundings?(service: ServiceRef): Surroundings
}

/** Pods by their labels, and the number or the name of one of their ports. */
export interface PodPort {
  readonly labels: Labels
  readonly port: number | string
}

/** One way a request may go. Shares of a decision sum up to 1. */
export type Outcome =
  | {
      readonly share: number
      readonly service: ServiceRef
      readonly port: number
      /** The part of the Service's pods, where the mesh divides them. */
      readonly subset?: string
      /** What this way changes besides what the whole decision does. */
      readonly requestHeaders?: HeaderChanges
      readonly responseHeaders?: HeaderChanges
    }
  /** The mesh itself answers. */
  | {
      readonly share: number
      /** Of HTTP; a gRPC client takes it for a code (`grpcCodeOfHttp`) unless there is one. */
      readonly status: number
      readonly grpcStatus?: number
      readonly reason: string
    }

/** When and how often a request is tried again. */
export interface RoutingRetries {
  /** Beyond the first attempt; positive. */
  readonly attempts: number
  /** Milliseconds for each attempt. */
  readonly perTryTimeout?: number
  /** Milliseconds before the first retry. */
  readonly backoff?: number
  /** The mesh's words for what is tried again, in order. */
  readonly on: readonly string[]
}

/**
 * Where requests like this one go. `rule` is null when no rule was involved and the Service itself answers. What is optional is
 * there when it applies. What a mesh does without being told, such as Istio's two attempts on broken connections, is not.
 */
export interface RoutingDecision {
  readonly rule: string | null
  /** Ordered by namespace, name and port of the service, then by status and reason; equal destinations are added up. */
  readonly outcomes: readonly Outcome[]
  /** Milliseconds for the whole request, retries included. */
  readonly timeout?: number
  /** Milliseconds for one request to a backend, where the mesh has a bound for that alone. */
  readonly backendTimeout?: number
  readonly retries?: RoutingRetries
  /** Shares of the requests, in percent, that wait for `duration` milliseconds first. */
  readonly delays?: readonly { readonly percent: number; readonly duration: number }[]
  /** Services that get copies, by namespace, name and port; those that do not exist are left out. */
  readonly mirrors?: readonly Mirror[]
  /** Names in lower case. */
  readonly requestHeaders?: HeaderChanges
  readonly responseHeaders?: HeaderChanges
  readonly rewrite?: Rewrite
  /** Where the client is sent, as an absolute URL. */
  readonly location?: string
  /** Fields that have a say in what becomes of the request and are not modelled; absent when there are none. */
  readonly unfollowed?: readonly UnfollowedField[]
}

/** A field of one of the mesh's objects. */
export interface UnfollowedField {
  readonly object: KubeObject
  readonly path: FieldPath
}
