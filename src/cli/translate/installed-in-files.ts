import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import type { MeshAdapter, MeshProvider } from '../../mesh/adapter.ts'
import { fieldsOf, listOf, textOf } from '../../mesh/fields.ts'
import type { Installed } from '../../mesh/installed.ts'
import { groupKind } from '../../mesh/object-reading.ts'
import { usual } from './mesh-option.ts'

/** Whether an object defines a kind: it says what a cluster has, and nothing of traffic. */
export function isDefinition(object: KubeObject): boolean {
  return groupKind(object) === 'apiextensions.k8s.io/CustomResourceDefinition'
}

/**
 * The adapter for a cluster that has the CustomResourceDefinitions among the manifests; as it is when those are not there whose
 * annotations it goes by.
 */
export function forInstalled(
  adapter: MeshAdapter,
  providers: readonly MeshProvider[],
  manifests: readonly Manifest[],
  context = usual,
): MeshAdapter {
  const definitions = manifests.map(({ object }) => object).filter(isDefinition)
  const provider = providers.find(({ name }) => name === adapter.name)
  const isTold = (crd: string) => definitions.some(({ metadata }) => metadata.name === crd)
  if (provider === undefined || definitions.length === 0 || !(adapter.annotatedCrds ?? []).every(isTold)) return adapter
  return provider.create({ ...context, installed: installedBy(definitions) })
}

/** A group has the versions of all of its kinds; which of them a cluster prefers, definitions do not tell. */
function installedBy(definitions: readonly KubeObject[]): Installed {
  const versions: Record<string, string[]> = {}
  for (const { spec } of definitions) {
    const { group, names, versions: all } = fieldsOf(spec)
    const served = listOf(all)
      .map(fieldsOf)
      .filter((version) => version['served'] === true)
      .flatMap(({ name }) => textOf(name) ?? [])
    const [owner, kind] = [textOf(group), textOf(fieldsOf(names)['kind'])]
    if (owner === undefined || kind === undefined) continue
    versions[`${owner}/${kind}`] = served
    versions[owner] = [...new Set([...(versions[owner] ?? []), ...served])]
  }
  return {
    versions,
    annotations: Object.fromEntries(definitions.map(({ metadata }) => [metadata.name, metadata.annotations ?? {}])),
  }
}
