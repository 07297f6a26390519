import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { findService, isService } from '../../manifests/services.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { serviceName } from '../../mesh/service.ts'
import type { ServiceRef } from '../../mesh/traffic.ts'

/** What a translation writes, with annotations of Services on the Services themselves. */
export interface WithServices {
  readonly objects: readonly KubeObject[]
  /** Services that are not among the files, of which only the annotations are written. */
  readonly notes: readonly Diagnostic[]
}

/**
 * The objects of a translation in which a Service that stands for its annotations is the whole Service, as far as it is given: what `kubectl
 * apply` is given in place of a Service takes everything else away. Annotations that begin as the written ones do are replaced.
 */
export function annotateServices(
  objects: readonly KubeObject[],
  all: readonly Manifest[],
  { annotates, name: mesh }: MeshAdapter,
): WithServices {
  const given = all.map(({ object }) => object)
  const notes: Diagnostic[] = []
  const whole = objects.map((object) => {
    if (annotates === undefined || !isService(object)) return object
    const service: ServiceRef = { namespace: object.metadata.namespace ?? 'default', name: object.metadata.name }
    const found = findService(given, service)
    if (found === undefined) {
      notes.push(diagnostic('AP2194', { mesh, service: serviceName(service) }))
      return object
    }
    const kept = Object.entries(found.metadata.annotations ?? {}).filter(([key]) => !key.startsWith(annotates.prefix))
    const annotations = { ...Object.fromEntries(kept), ...object.metadata.annotations }
    return { ...found, metadata: { ...found.metadata, annotations } }
  })
  return { objects: whole, notes }
}
