import { parseDocument, stringify } from 'yaml'
import type { OperatorDefinition } from '../src/operator/definition.ts'
import type { OperatorConfig, Project } from '../src/project/project.ts'
import { serviceMonitor } from './deploy/metrics-service.ts'
import { baseObjects, configFile, type InstalledMesh, meshRole } from './deploy-objects.ts'
import { configMapName } from './deployment.ts'

export interface DeployInputs {
  readonly project: Project
  readonly config: OperatorConfig
  /** The text of autopilot-operator.yaml; the overlays change one word of it. */
  readonly configText: string
  /** Each mesh that gets an overlay. */
  readonly meshes: readonly InstalledMesh[]
}

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
  const placement = { namespace: operatorName, watched: config.watchNamespace || undefined }
  const yaml = (...documents: object[]) => documents.map(manifestText).join('---\n')
  const kustomization = (content: object) =>
    yaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content })
  const files = new Map<string, string>()

  const base = baseObjects(project, definition, config, placement)
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

  if (base['service.yaml'] !== undefined) {
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

  for (const mesh of meshes) {
    const { name } = mesh
    const folder = `overlays/${name}`
    files.set(`${folder}/mesh-role.yaml`, yaml(...meshRole(project, mesh, placement)))
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
