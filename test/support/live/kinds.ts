import type { Kind } from '../../../src/kube/object.ts'

export const deploymentKind = namespaced('apps', 'Deployment', 'deployments')
export const serviceKind = namespaced('', 'Service', 'services')
export const canaryKind = namespaced('autopilot.examples.io', 'CanaryDeployment', 'canarydeployments')

function namespaced(group: string, kind: string, plural: string): Kind {
  return { group, version: 'v1', kind, plural, namespaced: true }
}
