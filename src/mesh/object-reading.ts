import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ServiceRef } from './traffic.ts'

/** A field of an object: names and indexes from its root, as `['spec', 'http', 0, 'fault']`. */
export type FieldPath = readonly (string | number)[]

/** What an API server or a webhook says of one field; one clause without a full stop. */
export interface FieldProblem {
  readonly path: FieldPath
  readonly problem: string
  /** Of a field that the schema does not have: those that it has. */
  readonly known?: readonly string[]
}

/** A field that says something the neutral model has no words for; the path is below what was read. */
export interface UnreadField {
  readonly what: string
  readonly path: FieldPath
}

/** A diagnostic about one field of one object. */
export interface ObjectProblem extends Diagnostic {
  /** Absent when it is about the object as a whole, or about several. */
  readonly place?: { readonly object: KubeObject; readonly path: FieldPath }
  /** Set when what is left out decides where requests go: without it the rest would mean something else. */
  readonly decisive?: true
}

/** The labels that an Istio subset, or its like, adds to the pods of a Service; undefined when nothing defines it. */
export type SubsetLabels = (
  objects: readonly KubeObject[],
  service: ServiceRef,
  subset: string,
) => Readonly<Record<string, string>> | undefined

/** How a mesh's objects are read out of files, whoever wrote them. */
export interface ObjectReading {
  /** Kinds, as `group/Kind`, that decide where this mesh sends a request. */
  readonly follows: readonly string[]
  /** Kinds that have a say as well and are not modelled: with one of them around, no decision is certain. */
  readonly unmodelled: readonly string[]
  /** Those of `follows` that are read for translation with this mesh's meaning. A kind has one such mesh. */
  readonly translates: readonly string[]
  /** Kinds, as `group/Kind`, that are read along with those and route nothing by themselves. */
  readonly accompanies: readonly string[]
  /** Whether an object is about who may call whom, or about mutual TLS; it is read for that, and not for traffic. */
  isPolicy?(object: KubeObject): boolean
  /** Whether it is for this adapter to read such an object, where meshes share its kind: `among` is all that is known. As `isPolicy` unless given. */
  readsPolicy?(object: KubeObject, among: readonly KubeObject[]): boolean
  /** Whether an object only tells how the mesh is set up, so that it is consulted and asks for nothing. */
  isSetUp?(object: KubeObject): boolean
  /** Whether an object is read as a part of others among those that are known, and says nothing by itself. */
  isPart?(object: KubeObject, among: readonly KubeObject[]): boolean
  /** The Services whose requests an object of these kinds is about. */
  apexes(object: KubeObject): ServiceRef[]
  /** Hosts besides Services whose requests an object of these kinds is about, as a client writes them. */
  hosts?(object: KubeObject): readonly string[]
  /** The versions there are of kinds, as `group/Kind`, that this mesh owns. Of a kind that is not listed, any will do. */
  readonly versions?: Readonly<Record<string, readonly string[]>>
  /** What the mesh's schemas and webhooks refuse about an object of these kinds. */
  validate(object: KubeObject): FieldProblem[]
  /** The Services that an accompanying object says something about whether or not another object routes them. */
  governs?(object: KubeObject): ServiceRef[]
  /** Set where that counts for requests that are sent to the Service, and not for those that get to it as to a backend of another. */
  readonly governsDirectCalls?: true
  /** Of a v1 Service, what it says to this mesh and nobody reads. */
  unreadOfService?(service: KubeObject): FieldPath[]
  /** Fields of an accompanying object that are not read. */
  unread?(object: KubeObject): FieldPath[]
  readonly subsetLabels?: SubsetLabels
}

/** `group/Kind` of an object, whatever its version; `/Kind` for the core group. */
export function groupKind({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string {
  const slash = apiVersion.lastIndexOf('/')
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`
}

/** A path as people write it: `spec.http[0].fault`. */
export function describePath(path: FieldPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}
