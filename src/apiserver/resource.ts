import type { KubeObject } from '../kube/object.ts'
import type { Schema } from './schema/schema.ts'
import type { Cause } from './status.ts'
import type { Bucket } from './store.ts'

/** A column of a resource's Table. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  /** The cell; `now` in milliseconds, for ages. */
  readonly cell: (object: KubeObject, now: number) => unknown
}

/** Where the scale subresource of a resource finds its fields. */
export interface ScalePaths {
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  /** A string selector, or a LabelSelector object. */
  readonly selector?: readonly string[]
}

/** One served version of a resource. */
export interface ResourceVersion {
  readonly name: string
  readonly apiVersion: string
  readonly served: boolean
  readonly schema: Schema
  readonly status: boolean
  readonly scale?: ScalePaths
  readonly columns: readonly Column[]
  readonly deprecation?: string
  /** Fields that field selectors may name in this version, beside those of the kind. */
  readonly selectable?: Strategy['selectable']
  /** Turns an object of this version into the stored form and back. Without them only `apiVersion` changes. */
  readonly toStored?: (object: KubeObject) => KubeObject
  readonly fromStored?: (object: KubeObject) => KubeObject
}

/** What a built-in kind does on a write beyond what all kinds do. */
export interface Strategy {
  /** Counts `metadata.generation` up when anything but metadata and status changes. */
  readonly generation: boolean
  /** A PUT on a missing object creates it. */
  readonly createOnUpdate?: boolean
  /** A PUT without a resourceVersion is refused; it is for custom resources too. */
  readonly conditionalUpdate?: boolean
  /** A DELETE answers the object instead of a Status. */
  readonly returnsDeleted?: boolean
  /** Fills in the defaults of the kind's scheme, which belong to whoever wrote the object. Never changes its argument. */
  readonly complete?: (object: KubeObject, old: KubeObject | undefined) => KubeObject
  /** Sets what the server decides and nobody owns: allocated addresses, first states. Never changes its argument. */
  readonly prepare?: (object: KubeObject, old: KubeObject | undefined) => KubeObject
  readonly validate?: (object: KubeObject, old: KubeObject | undefined) => Cause[]
  /** Fields that field selectors may name, beside `metadata.name` and `metadata.namespace`. */
  readonly selectable?: Readonly<Record<string, (object: KubeObject) => string>>
  /** Whether names are DNS labels, DNS subdomains (default) or path segments (rbac). */
  readonly names?: 'label' | 'label1035' | 'subdomain' | 'path'
}

/** A resource the server serves, built in or defined by a CustomResourceDefinition. */
export interface Resource {
  readonly group: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly versions: ReadonlyMap<string, ResourceVersion>
  readonly bucket: Bucket
  readonly strategy: Strategy
  /** Whether a CustomResourceDefinition made it: no strategic merge patch, and unconditional updates are refused. */
  readonly custom: boolean
}

/** The object as one version shows it. */
export function inVersion(version: ResourceVersion, stored: KubeObject): KubeObject {
  if (version.fromStored !== undefined) return version.fromStored(stored)
  return stored.apiVersion === version.apiVersion ? stored : { ...stored, apiVersion: version.apiVersion }
}
