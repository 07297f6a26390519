import { createHash } from 'node:crypto'
import { parseDocument } from 'yaml'
import type { Kind, KubeObject } from '../src/kube/object.ts'
import type { OperatorDefinition } from '../src/operator/definition.ts'
import type { OperatorConfig, Project } from '../src/project/project.ts'
import { crd } from './crd.ts'
import { disruptionBudget } from './deploy/disruption-budget.ts'
import { metricsService } from './deploy/metrics-service.ts'
import { networkPolicy } from './deploy/network-policy.ts'
import { configMapName, deployment, namespaceObject, operatorLabels, serviceAccount } from './deployment.ts'
import {
  boundRole,
  type ClusterNeeds,
  clusterRules,
  leaseRules,
  meshRules,
  type PolicyRule,
  projectRules,
} from './rbac.ts'

/** Where an operator is, and where it works. */
export interface Placement {
  readonly namespace: string
  /** The only namespace that it watches; absent for the whole cluster. */
  readonly watched: string | undefined
}

type ResourceTypes = Pick<OperatorDefinition, 'spec' | 'status'>

/** The key under which a ConfigMap has the configuration, and the name of the file it becomes. */
export const configFile = 'autopilot-operator.yaml'

/** On the Deployment: the namespace that its operator watches, `*` for all. */
export const watchesAnnotation = 'mesh-autopilot.dev/watches'

/** What an operator needs on any mesh, by the names of files and in the order in which it must exist. */
export function baseObjects(
  project: Project,
  definition: ResourceTypes,
  config: OperatorConfig,
  { namespace, watched }: Placement,
): Readonly<Record<string, KubeObject[]>> {
  const { operatorName } = project
  const account = { name: operatorName, namespace }
  const service = metricsService(project, config, namespace)
  const role = (name: string, rules: readonly PolicyRule[], scope: string | undefined) =>
    boundRole(name, rules, account, scope).map((object) => withLabels(object, operatorLabels(operatorName)))
  return {
    'namespace.yaml': [namespaceObject(project, namespace)],
    'crd.yaml': [crd(project, definition)],
    'service-account.yaml': [serviceAccount(project, namespace)],
    'role.yaml': role(operatorName, projectRules(project), watched),
    ...(config.enableLeaderElection && {
      'leader-election-role.yaml': role(
        leaderElectionRole(operatorName),
        leaseRules,
        config.leaderElectionNamespace || watched || namespace,
      ),
    }),
    'deployment.yaml': [deployment(project, config, { namespace, image: operatorName })],
    'disruption-budget.yaml': [disruptionBudget(project, namespace)],
    'network-policy.yaml': [networkPolicy(project, config, namespace)],
    ...(service !== undefined && { 'service.yaml': [service] }),
  }
}

/** A mesh with the kinds that its adapter writes for a project, and those by which others may route. */
export interface InstalledMesh extends ClusterNeeds {
  readonly name: string
  readonly kinds: readonly Kind[]
  readonly rivals: readonly Kind[]
  /** Kinds of users' objects on which the adapter sets annotations. */
  readonly annotated: readonly Kind[]
}

/** Name of the Role to the Lease, which is in the namespace of that. */
export function leaderElectionRole(operatorName: string): string {
  return `${operatorName}-leader-election`
}

/** The rights to the objects of one mesh, and to what is in no namespace: definitions that tell what they can hold, and Namespaces. */
export function meshRole(project: Project, mesh: InstalledMesh, { namespace, watched }: Placement): KubeObject[] {
  const { operatorName } = project
  const account = { name: operatorName, namespace }
  const name = `${operatorName}-${mesh.name}`
  // Another installation in another namespace has one as well.
  const ownName = [name, ...(namespace === operatorName ? [] : [namespace]), 'crds'].join('-')
  const ofCluster = clusterRules(project, mesh)
  return [
    ...boundRole(name, meshRules(project, mesh.kinds, mesh.rivals, mesh.annotated, mesh.consulted), account, watched),
    ...(ofCluster.length > 0 ? boundRole(ownName, ofCluster, account) : []),
  ].map((object) => withLabels(object, operatorLabels(operatorName)))
}

export interface Installation {
  readonly project: Project
  readonly definition: ResourceTypes
  readonly config: OperatorConfig
  /** The text of autopilot-operator.yaml; what is deployed has another mesh and watches what `placement` says. */
  readonly configText: string
  readonly mesh: InstalledMesh
  readonly placement: Placement
  readonly image: string
}

/**
 * All objects of one operator on one mesh, in the order in which they must exist: the same as the overlay of the mesh has, with the
 * configuration and the image filled in. A changed configuration restarts the operator, since not all of it is taken over by a running one.
 */
export function installationObjects(installation: Installation): KubeObject[] {
  const { project, definition, config, mesh, placement, image } = installation
  const { 'deployment.yaml': _template, ...before } = baseObjects(project, definition, config, placement)
  const { namespace, watched = '*' } = placement
  const text = configFor(installation)
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const operator = deployment(project, config, {
    namespace,
    image,
    podAnnotations: { 'mesh-autopilot.dev/config': digest },
  })
  return [
    ...Object.values(before).flat(),
    ...meshRole(project, mesh, placement),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: configMapName(project),
        namespace,
        labels: operatorLabels(project.operatorName),
      },
      data: { [configFile]: text },
    },
    { ...operator, metadata: { ...operator.metadata, annotations: { [watchesAnnotation]: watched } } },
  ]
}

export function withLabels(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const { name, namespace, labels: present, ...metadata } = object.metadata
  return {
    ...object,
    metadata: { name, ...(namespace !== undefined && { namespace }), labels: { ...present, ...labels }, ...metadata },
  }
}

function configFor({ configText, mesh, placement }: Installation): string {
  const document = parseDocument(configText)
  document.set('meshProvider', mesh.name)
  if (placement.watched === undefined) document.delete('watchNamespace')
  else document.set('watchNamespace', placement.watched)
  return document.toString({ lineWidth: 0 })
}
