import { parseDocument, stringify } from 'yaml'
import type { Kind, KubeObject } from '../src/kube/object.ts'
import type { OperatorDefinition } from '../src/operator/definition.ts'
import type { OperatorConfig, Project } from '../src/project/project.ts'
import { crd } from './crd.ts'
import { disruptionBudget } from './deploy/disruption-budget.ts'
import { metricsService, serviceMonitor } from './deploy/metrics-service.ts'
import { networkPolicy } from './deploy/network-policy.ts'
import { configMapName, deployment, namespaceObject, serviceAccount } from './deployment.ts'
import { boundRole, leaseRules, meshRules, projectRules } from './rbac.ts'

export interface DeployInputs {
  readonly project: Project
  readonly config: OperatorConfig
  /** The text of autopilot-operator.yaml; the overlays change one word of it. */
  readonly configText: string
  /** Each mesh that gets an overlay, with the kinds its adapter writes, and those by which others may route. */
  readonly meshes: readonly {
    readonly name: string
    readonly kinds: readonly Kind[]
    readonly rivals: readonly Kind[]
  }[]
}

const configFile = 'autopilot-operator.yaml'

/**
 * The files of `deploy/` by their paths in it: a kustomize base, an overlay per mesh that changes the mesh's name and adds
 * the rights to its kinds, and a component for clusters with the Prometheus operator. The same inputs give the same bytes.
 */
export function deployFiles(
  inputs: DeployInputs,
  definition: Pick<OperatorDefinition, 'spec' | 'status'>,
): Map<string, string> {
  const { project, config, configText, meshes } = inputs
  const { operatorName } = project
  const account = { name: operatorName, namespace: operatorName }
  const watched = config.watchNamespace || undefined
  const yaml = (...documents: object[]) => documents.map(manifestText).join('---\n')
  const kustomization = (content: object) =>
    yaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content })
  const files = new Map<string, string>()

  const base: Record<string, KubeObject[]> = {
    'namespace.yaml': [namespaceObject(project)],
    'crd.yaml': [crd(project, definition)],
    'service-account.yaml': [serviceAccount(project)],
    'role.yaml': boundRole(operatorName, projectRules(project), account, watched),
    ...(config.enableLeaderElection && {
      'leader-election-role.yaml': boundRole(
        `${operatorName}-leader-election`,
        leaseRules,
        account,
        config.leaderElectionNamespace || watched || operatorName,
      ),
    }),
    'deployment.yaml': [deployment(project, config, configMapName(project))],
    'disruption-budget.yaml': [disruptionBudget(project)],
    'network-policy.yaml': [networkPolicy(project, config)],
  }
  const service = metricsService(project, config)
  if (service !== undefined) base['service.yaml'] = [service]
  for (const [name, objects] of Object.entries(base)) files.set(`base/${name}`, yaml(...objects))
  files.set(`base/${configFile}`, configText)
  files.set(
    'base/kustomization.yaml',
    kustomization({
      resources: Object.keys(base),
      configMapGenerator: [configMap(project)],
      // The operator reads a changed configuration by itself: the name need not change with it.
      generatorOptions: { disableNameSuffixHash: true },
      images: [{ name: operatorName, newTag: 'latest' }],
    }),
  )

  if (service !== undefined) {
    // Not in the base: a cluster without the Prometheus operator does not know the kind.
    files.set('components/service-monitor/service-monitor.yaml', yaml(serviceMonitor(project)))
    files.set(
      'components/service-monitor/kustomization.yaml',
      yaml({
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
        resources: ['service-monitor.yaml'],
      }),
    )
  }

  for (const { name, kinds, rivals } of meshes) {
    const folder = `overlays/${name}`
    files.set(
      `${folder}/mesh-role.yaml`,
      yaml(...boundRole(`${operatorName}-${name}`, meshRules(project, kinds, rivals), account, watched)),
    )
    files.set(`${folder}/${configFile}`, withMesh(configText, name))
    files.set(
      `${folder}/kustomization.yaml`,
      kustomization({
        resources: ['../../base', 'mesh-role.yaml'],
        configMapGenerator: [{ ...configMap(project), behavior: 'merge' }],
        generatorOptions: { disableNameSuffixHash: true },
      }),
    )
  }
  return files
}

function configMap(project: Project) {
  return { name: configMapName(project), namespace: project.operatorName, files: [configFile] }
}

/** The configuration with another mesh; comments and everything else stay. */
export function withMesh(text: string, mesh: string): string {
  const document = parseDocument(text)
  document.set('meshProvider', mesh)
  return document.toString({ lineWidth: 0 })
}

/** A document of YAML. Kubernetes reads version 1.1, in which a bare `on` or `yes` is a boolean. */
export function manifestText(document: object): string {
  return stringify(document, { compat: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 })
}
