import type { Informers } from '../kube/informers.ts'
import type { Kind, ObjectRef } from '../kube/object.ts'
import { namespaceKind, serviceKind } from '../mesh/core-kinds.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import { directoryOf } from '../mesh/service-directory.ts'
import type { ReadLog } from './dependencies.ts'

/**
 * Services as the informer knows them, and their Namespaces where `enrolled`. What is asked for is noted, so that a new port or
 * label is a reason to look again.
 */
export function serviceDirectory(informers: Informers, reads?: ReadLog, enrolled = false): ServiceDirectory {
  const known = (kind: Kind) => (ref: ObjectRef) => {
    reads?.object(kind, ref)
    return informers.of(kind).store.get(ref)
  }
  return directoryOf(known(serviceKind), enrolled ? (name) => known(namespaceKind)({ name }) : undefined)
}
