import { groupKind } from '../../src/mesh/object-reading.ts'
import type { Workload, WorkloadDirectory } from '../../src/mesh/workloads.ts'

/** Watched, as pods inherit annotations from it. */

/**
 * What an annotation of Linkerd says about some pods: their own, else that of their namespace, which the proxy injector writes on
 * pods as they are made (AppendNamespaceAnnotations in pkg/inject of linkerd2). Undefined where neither has it.
 */
export function annotationOf(
  name: string,
  { annotations, namespace }: Workload,
  workloads: WorkloadDirectory,
): string | undefined {
  if (annotations[name] !== undefined) return annotations[name]
  const home = (workloads.beside?.(namespace) ?? []).find(
    (one) => groupKind(one) === '/Namespace' && one.metadata.name === namespace,
  )
  return home?.metadata.annotations?.[name]
}
