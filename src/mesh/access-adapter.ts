import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import type { WorkloadAccess } from './access.ts'
import type { AccessCall } from './access-decision.ts'
import type { HttpMatch } from './match.ts'
import type { MtlsPolicy } from './mtls.ts'
import type { ObjectProblem } from './object-reading.ts'
import type { WorkloadDirectory } from './workloads.ts'

/** What some objects say about who may call whom. */
export interface ObservedAccess {
  /** In normal form, one for each destination that an object is about; by ServiceAccount where the directory tells it. */
  readonly accesses: readonly WorkloadAccess[]
  /** Parts of the objects the neutral model has no words for. The namespaces of these objects are not told in full. */
  readonly problems: readonly ObjectProblem[]
}

/**
 * Turns who may call some pods into one mesh's objects, and reads them back.
 *
 * Guarantees, as of the adapter itself: pure; faithful, as `observe(translate(access))` is `normalAccess(access)`, but that an
 * adapter whose objects are about one port each names the ports that the pods declare; honest, as `checkAccess` has refused
 * what the table of capabilities calls unsupported, pods that are not known where they have to be, and too much.
 */
export interface AccessAdapter {
  /** Kinds this may write, in the order in which they must exist. */
  readonly kinds: readonly Kind[]
  /** How its objects name the pods they protect. */
  readonly names: 'serviceAccount' | 'labels'
  /** Set where objects are about one port each: the ports of the pods have to be known, and no two may be about the same pods. */
  readonly perPort?: {
    /** The order in which matches are tried; negative: `a` first; NaN when it depends on the request. */
    readonly precedence: (a: HttpMatch, b: HttpMatch) => number
    /** Matches of one grant, each method counted by itself. */
    readonly matches: number
  }
  /** Kinds that tell more of the pods than what makes them does; read and watched where access is asked for, and found by `workloads.beside`. */
  readonly consults?: readonly Kind[]
  /** What keeps access from being carried that passed every other check; nothing unless given. */
  problems?(access: WorkloadAccess, workloads: WorkloadDirectory): Diagnostic[]
  translate(access: WorkloadAccess, workloads: WorkloadDirectory): KubeObject[]
  observe(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedAccess
  /**
   * Whether the mesh lets a call in, by its own rules over its own objects; undefined when none of them is about the pod and the
   * port. Where there are several ways to a pod, whether one of them does. What the mesh does by default besides, such as letting
   * health checks through, is left aside.
   */
  decide(call: AccessCall, objects: readonly KubeObject[], workloads: WorkloadDirectory): boolean | undefined
}

/** What some objects say about mutual TLS; in normal form, one for each selection of pods. */
export interface ObservedMtls {
  readonly policies: readonly MtlsPolicy[]
  readonly problems: readonly ObjectProblem[]
}

/** The same for mutual TLS. */
export interface MtlsAdapter {
  readonly kinds: readonly Kind[]
  /** Set where objects are about one port each. */
  readonly perPort?: true
  translate(policy: MtlsPolicy, workloads: WorkloadDirectory): KubeObject[]
  observe(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedMtls
}
