import { readdir } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { clusterRules, leaseRules, meshRules, projectRules } from '../../../generators/rbac.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { readManifests } from '../../manifests/read-manifests.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { annotatedKinds, clusterNeeds, consultedKinds, grantedKinds, readKinds } from '../../mesh/adapter-kinds.ts'
import { fieldsOf, listOf, textsOf } from '../../mesh/fields.ts'
import type { Project } from '../../project/project.ts'

export interface RightsLint {
  readonly folder: string
  readonly cwd: string
  readonly project: Project
  /** The mesh of the configuration; the folder of an overlay names its own. */
  readonly chosen: MeshAdapter | undefined
  readonly adapters: readonly MeshAdapter[]
}

/**
 * Every right that a Role or ClusterRole in the project's folder `deploy` gives its operator beyond what the phases need. What is
 * no object of the API there, such as the templates of a chart, is not looked at.
 */
export async function widerRights({ folder, cwd, project, chosen, adapters }: RightsLint): Promise<Diagnostic[]> {
  const files = await yamlFiles(resolve(cwd, folder))
  const paths = files.map((file) => join(folder, file))
  const { manifests } = await readManifests({ files: paths, cwd, stdin: process.stdin, namespace: 'default' })
  const bound = new Set(manifests.filter((one) => bindsTo(one, project.operatorName)).map(roleOf))
  return manifests.flatMap((manifest) => {
    const { kind, metadata } = manifest.object
    if (!bound.has(`${kind} ${metadata.name}`)) return []
    // The project itself may lie in a folder of that name.
    const parts = relative(resolve(cwd, folder), resolve(cwd, manifest.at([]).file)).split(sep)
    const mesh = adapters.find(({ name }) => parts.includes(name)) ?? chosen
    return widerIn(manifest, needed(project, mesh))
  })
}

/** `group/resource` with the verbs that the operator needs on it. */
function needed(project: Project, mesh: MeshAdapter | undefined): Map<string, Set<string>> {
  const names = project.phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  const ofMesh =
    mesh === undefined
      ? []
      : [
          ...meshRules(
            project,
            grantedKinds(mesh, project.phases),
            readKinds(mesh, names),
            annotatedKinds(mesh, names),
            consultedKinds(mesh, names),
          ),
          ...clusterRules(project, clusterNeeds(mesh, names)),
        ]
  const rights = new Map<string, Set<string>>()
  for (const { apiGroups, resources, verbs } of [...projectRules(project), ...leaseRules, ...ofMesh])
    for (const group of apiGroups)
      for (const resource of resources) {
        const key = `${group}/${resource}`
        rights.set(key, new Set([...(rights.get(key) ?? []), ...verbs]))
      }
  return rights
}

function widerIn(manifest: Manifest, rights: ReadonlyMap<string, ReadonlySet<string>>): Diagnostic[] {
  const role = `${manifest.object.kind} ${manifest.object.metadata.name}`
  return listOf(manifest.object['rules']).flatMap((rule, index) => {
    const { apiGroups, resources, verbs } = fieldsOf(rule)
    return textsOf(apiGroups).flatMap((group) =>
      textsOf(resources).flatMap((resource, place) => {
        const allowed = rights.get(`${group}/${resource}`)
        const extra = textsOf(verbs).filter((verb) => allowed?.has(verb) !== true)
        if (extra.length === 0) return []
        const facts = { role, verbs: extra.join(', '), resource: group === '' ? resource : `${resource}.${group}` }
        return [diagnostic('AP1222', facts, manifest.at(['rules', index, 'resources', place]))]
      }),
    )
  })
}

function bindsTo({ object }: Manifest, account: string): boolean {
  if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') return false
  return listOf(object['subjects']).some((subject) => fieldsOf(subject)['name'] === account)
}

function roleOf({ object }: Manifest): string {
  const { kind, name } = fieldsOf(object['roleRef'])
  return `${kind} ${name}`
}

async function yamlFiles(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'deploy'), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).includes('templates'))
    .sort()
}
