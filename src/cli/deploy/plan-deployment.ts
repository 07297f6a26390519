import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { installationObjects, type Placement, withLabels } from '../../../generators/deploy-objects.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { Kind, KubeObject } from '../../kube/object.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { annotatedKinds, clusterNeeds, grantedKinds, readKinds } from '../../mesh/adapter-kinds.ts'
import type { Installed } from '../../mesh/installed.ts'
import { watchedKinds } from '../../operator/watches.ts'
import { configuredAdapter } from '../../project/configured-adapter.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import { kindsOf } from '../../project/native-kinds.ts'
import type { Project } from '../../project/project.ts'
import { installationLabels, sharedLabels } from '../cluster/installation.ts'
import { installedKind } from '../cluster/kinds.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { UsageError } from '../io.ts'
import { loadDefinition } from '../load-definition.ts'
import { requireMesh } from '../translate/mesh-option.ts'

export interface DeploymentRequest {
  /** Absolute. */
  readonly folder: string
  readonly image: string
  /** The operator's name unless given. */
  readonly namespace: string | undefined
  readonly mesh: string | undefined
  readonly clusterScoped: boolean
}

export interface PlannedObject {
  readonly kind: Kind
  readonly object: KubeObject
}

/** What is to be on the cluster, without a look at one. */
export interface DeploymentPlan {
  readonly project: Project
  readonly mesh: string
  readonly image: string
  readonly placement: Placement
  /** Whether the namespace is the operator's own, which is made when it is not there. */
  readonly ownNamespace: boolean
  /** In the order in which they must exist. */
  readonly objects: readonly PlannedObject[]
  /** What the operator has to see, beyond its own resource. */
  readonly required: (versions: Installed['versions']) => readonly Kind[]
}

/**
 * The objects of the project in a folder. It watches one namespace (that of its configuration, else the one it is in) unless it is
 * asked to be `clusterScoped`.
 *
 * @throws DiagnosticError for what is wrong with the project, UsageError for a namespace or a mesh that cannot be
 */
export async function planDeployment(
  request: DeploymentRequest,
  providers: readonly MeshProvider[],
): Promise<DeploymentPlan> {
  const { folder, image } = request
  const { project } = await loadProject(folder)
  const definition = await loadDefinition(folder)
  const meshes = [...providers, ...(definition.meshes ?? [])]
  const configPath = join(folder, 'autopilot-operator.yaml')
  const config = await loadOperatorConfig(configPath, { knownMeshes: meshes.map(({ name }) => name) })
  const mesh = requireMesh('--mesh', request.mesh?.toLowerCase() ?? config.meshProvider, meshes).name
  const adapter = configuredAdapter(meshes, mesh, config)
  const namespace = requireNamespace(request.namespace ?? project.operatorName)
  const placement = {
    namespace,
    watched: request.clusterScoped ? undefined : config.watchNamespace || namespace,
  }
  if (placement.watched !== undefined) checkScope(project, placement.watched)
  const { operatorName } = project
  const objects = installationObjects({
    project,
    definition,
    config,
    configText: await readFile(resolve(configPath), 'utf8'),
    mesh: {
      name: mesh,
      kinds: grantedKinds(adapter, project.phases),
      rivals: readKinds(adapter, namesOf(project)),
      annotated: annotatedKinds(adapter, namesOf(project)),
      ...clusterNeeds(adapter, namesOf(project)),
    },
    placement,
    image,
  })
  const ownNamespace = namespace === operatorName
  const own = installationLabels(operatorName, namespace)
  const shared = sharedLabels(operatorName)
  return {
    project,
    mesh,
    image,
    placement,
    ownNamespace,
    objects: objects
      .filter(({ kind }) => ownNamespace || kind !== 'Namespace')
      .map((object) => ({
        kind: installedKind(object.kind),
        object: withLabels(object, object.kind === 'CustomResourceDefinition' ? shared : own),
      })),
    required: (versions) =>
      requiredKinds(project, configuredAdapter(meshes, mesh, config, { versions, annotations: {} })),
  }
}

function namesOf({ phases }: Project): string[] {
  return phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
}

/** Without the resource's own, which is deployed, and what of the mesh an operator can do without. */
function requiredKinds(project: Project, adapter: MeshAdapter): Kind[] {
  const { podLimits: _limits, ...traffic } = adapter
  const needed = { ...traffic, kinds: adapter.kinds.filter(({ carries }) => carries === undefined) }
  const kind = resourceKind(project)
  const watched = watchedKinds({ adapter: needed, kind, kinds: kindsOf(project), project, rivals: { kinds: [] } })
  return watched.filter(({ group, plural }) => group !== kind.group || plural !== kind.plural)
}

/** RFC 1123 label, as the API server asks of namespaces. */
function requireNamespace(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name
  throw new UsageError(`${JSON.stringify(name)} cannot be the name of a namespace: lower-case letters, digits and -`)
}

/** A Role grants nothing outside of namespaces. */
function checkScope(project: Project, namespace: string): void {
  const kinds = kindsOf(project)
  const problems = project.phases.flatMap(({ name: phase, inputs, outputs }) =>
    [...new Set([...inputs, ...outputs])]
      .filter((name) => kinds.get(name)?.namespaced === false)
      .map((name) => diagnostic('AP6031', { phase, name, namespace })),
  )
  if (problems.length > 0) throw new DiagnosticError(problems)
}
