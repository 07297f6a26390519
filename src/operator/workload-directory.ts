import type { Informers } from '../kube/informers.ts'
import { workloadKinds } from '../mesh/adapter-kinds.ts'
import { readWorkload, type WorkloadDirectory } from '../mesh/workloads.ts'
import type { ReadLog } from './dependencies.ts'

/** How dependencies call what makes the pods of a namespace: what of it changes besides its status matters to its readers. */
export function workloadsId(namespace: string): string {
  return `workloads ${namespace}`
}

/** Deployments and their like as the informers know them. What is asked for is noted, so that another Deployment is a reason to look again. */
export function workloadDirectory(informers: Informers, reads?: ReadLog): WorkloadDirectory {
  return {
    in(namespace) {
      reads?.other(workloadsId(namespace))
      return workloadKinds.flatMap((kind) => {
        const objects = informers.of(kind).store.list({ namespace })
        return objects.flatMap((object) => readWorkload({ ...object, apiVersion: 'apps/v1', kind: kind.kind }) ?? [])
      })
    },
  }
}
