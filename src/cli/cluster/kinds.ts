import type { Kind } from '../../kube/object.ts'
import { namespaceKind, serviceKind } from '../../mesh/core-kinds.ts'

/** Built-in kinds that the commands for clusters read or write. */
export const podKind = kind('', 'v1', 'Pod', 'pods')
export const deploymentKind = kind('apps', 'v1', 'Deployment', 'deployments')
export const definitionKind = kind(
  'apiextensions.k8s.io',
  'v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
)

/** What an installation consists of, in the order in which it is made. */
export const installedKinds: readonly Kind[] = [
  namespaceKind,
  definitionKind,
  kind('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  kind('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false),
  kind('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  kind('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  kind('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  kind('', 'v1', 'ConfigMap', 'configmaps'),
  kind('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  kind('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  serviceKind,
  deploymentKind,
]

/** The kind of an object of an installation. */
export function installedKind(name: string): Kind {
  const found = installedKinds.find((one) => one.kind === name)
  if (found === undefined) throw new Error(`an installation has no ${name}`)
  return found
}

function kind(group: string, version: string, name: string, plural: string, namespaced = true): Kind {
  return { group, version, kind: name, plural, namespaced }
}
