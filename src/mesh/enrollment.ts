import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Labels } from './access.ts'
import { fieldsOf, listOf, textOf } from './fields.ts'
import type { ServiceRef } from './traffic.ts'

/** What is said of a Service besides its ports. What is not known is left out, which is not the same as empty. */
export interface Surroundings {
  readonly labels?: Labels
  readonly namespaceLabels?: Labels
  /** Of `status.conditions`. */
  readonly conditions?: readonly Condition[]
  readonly isHeadless?: boolean
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly message: string
}

/** How a mesh is told to look after a Service. Without it the mesh takes no notice of the Service's routes. */
export interface Enrollment {
  /** Labels by which all Services of a namespace are looked after: what simulated namespaces have. */
  readonly namespaceLabels: Labels
  /** What keeps the mesh from following routes of the Service; nothing about what is not known. */
  missing(apex: ServiceRef, known: Surroundings): Diagnostic[]
  /** Whether that much is known that nothing can be missing unnoticed. */
  isKnown(known: Surroundings): boolean
}

/** What a Service and its Namespace say; an object that is not at hand says nothing. */
export function surroundingsOf(service: KubeObject | undefined, namespace: KubeObject | undefined): Surroundings {
  const conditions = listOf(fieldsOf(service?.status)['conditions']).map(fieldsOf)
  return {
    ...(service && { labels: service.metadata.labels ?? {} }),
    ...(namespace && { namespaceLabels: namespace.metadata.labels ?? {} }),
    ...(service && {
      isHeadless: fieldsOf(service.spec)['clusterIP'] === 'None',
      conditions: conditions.map(({ type, status, message }) => ({
        type: textOf(type) ?? '',
        status: textOf(status) ?? '',
        message: textOf(message) ?? '',
      })),
    }),
  }
}
