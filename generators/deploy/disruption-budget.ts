import type { KubeObject } from '../../src/kube/object.ts'
import type { Project } from '../../src/project/project.ts'
import { operatorLabels } from '../deployment.ts'

/**
 * Takes pods of the operator down one at a time when nodes are drained. `maxUnavailable` rather than `minAvailable`: with the
 * latter a single replica could never be moved. A pod that is not ready protects nothing and may always go.
 */
export function disruptionBudget({ operatorName }: Project, namespace: string): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: operatorName, namespace, labels: operatorLabels(operatorName) },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: operatorLabels(operatorName) },
    },
  }
}
