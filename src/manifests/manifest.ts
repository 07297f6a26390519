import type { SourcePosition } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { FieldPath } from '../mesh/object-reading.ts'

/** An object of the API out of a file. Its namespace is always set. */
export interface Manifest {
  readonly object: KubeObject
  /** Where a value stands; where its nearest parent stands if there is no such value. */
  at(path: FieldPath): SourcePosition
  /** Where the name of a field stands. */
  atKey(path: FieldPath): SourcePosition
}

/** `VirtualService shop/web`: how messages call an object. */
export function describeObject({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`
}
