import type { CanaryDeployment } from '../../../operators/canary/src/generated/phases.ts'
import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import type { Deployment, Service } from '../../../src/operator/kinds.ts'

/** A kind together with the type of its objects, which exists for the compiler only. */
export interface KindOf<T extends KubeObject> extends Kind {
  readonly objects?: T
}

export const deploymentKind: KindOf<Deployment> = namespaced('apps', 'Deployment', 'deployments')
export const serviceKind: KindOf<Service> = namespaced('', 'Service', 'services')
export const canaryKind: KindOf<CanaryDeployment> = namespaced(
  'autopilot.examples.io',
  'CanaryDeployment',
  'canarydeployments',
)

function namespaced(group: string, kind: string, plural: string): Kind {
  return { group, version: 'v1', kind, plural, namespaced: true }
}
