import type { Informers } from '../kube/informers.ts'
import { apiVersionOf, type Kind } from '../kube/object.ts'
import { workloadKinds } from '../mesh/adapter-kinds.ts'
import { readWorkload, type WorkloadDirectory } from '../mesh/workloads.ts'
import type { ReadLog } from './dependencies.ts'

/** How dependencies call what makes the pods of a namespace: what of it changes besides its status matters to its readers. */
export function workloadsId(namespace: string): string {
  return `workloads ${namespace}`
}

/** How dependencies call the objects of a kind in a namespace, or the Namespace itself, that are looked at beside workloads. */
export function besideId({ group, plural }: Kind, namespace: string): string {
  return `beside workloads ${plural}.${group} ${namespace}`
}

/**
 * Deployments and their like as the informers know them, and beside them the objects of some kinds, which have to be watched. What is
 * asked for is noted, so that another Deployment is a reason to look again.
 */
export function workloadDirectory(
  informers: Informers,
  reads: ReadLog,
  beside: readonly Kind[] = [],
): WorkloadDirectory {
  return {
    beside: (namespace) =>
      beside.flatMap((kind) => {
        reads.other(besideId(kind, namespace))
        const { store } = informers.of(kind)
        const own = kind.namespaced ? store.list({ namespace }) : [store.get({ name: namespace })]
        return own.flatMap((one) => (one ? [{ ...one, apiVersion: apiVersionOf(kind), kind: kind.kind }] : []))
      }),
    in(namespace) {
      reads.other(workloadsId(namespace))
      return workloadKinds.flatMap((kind) => {
        const objects = informers.of(kind).store.list({ namespace })
        return objects.flatMap((object) => readWorkload({ ...object, apiVersion: 'apps/v1', kind: kind.kind }) ?? [])
      })
    },
  }
}
