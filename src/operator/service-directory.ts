import type { Informers } from '../kube/informers.ts'
import type { Kind } from '../kube/object.ts'
import { fieldsOf } from '../mesh/fields.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import { directoryOf } from '../mesh/service-directory.ts'
import type { ReadLog } from './dependencies.ts'

export const serviceKind: Kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true }

/** Services as the informer knows them. What is asked for is noted, so that a new port is a reason to look again. */
export function serviceDirectory(informers: Informers, reads?: ReadLog): ServiceDirectory {
  return directoryOf((service) => {
    reads?.object(serviceKind, service)
    const found = informers.of(serviceKind).store.get(service)
    return found === undefined ? undefined : fieldsOf(found.spec)
  })
}
