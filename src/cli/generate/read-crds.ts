import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { KindSchema } from '../../../generators/project/kinds-file.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { Kind } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { readManifests } from '../../manifests/read-manifests.ts'
import { fieldsOf, listOf, textOf } from '../../mesh/fields.ts'
import { isNeutral, kindsOf } from '../../project/native-kinds.ts'
import type { Project } from '../../project/project.ts'

/** Where a project keeps the CRDs that its types are made from. */
export const crdFolder = 'crds'

/** The kinds that phases name, apart from the project's own: those for which a CRD may give types. */
export function namedKinds(project: Project): Map<string, Kind> {
  const kinds = kindsOf(project)
  const names = project.phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  return new Map(
    [...new Set(names)].sort().flatMap((name): [string, Kind][] => {
      const kind = kinds.get(name)
      const isOwn = kind?.group === project.group && kind.kind === project.kind
      return kind === undefined || isOwn || isNeutral(name) ? [] : [[name, kind]]
    }),
  )
}

/**
 * The schemas of the kinds that a project's phases name, from the CRDs in its folder `crds`; kinds without a CRD there are left out.
 *
 * @throws DiagnosticError for files that cannot be read, and for a CRD that does not have the version that the project uses
 */
export async function readKindSchemas(folder: string, project: Project): Promise<KindSchema[]> {
  const kinds = namedKinds(project)
  const files = kinds.size === 0 ? [] : await yamlFiles(folder)
  if (files.length === 0) return []
  const { manifests, problems } = await readManifests({
    files,
    cwd: folder,
    stdin: process.stdin,
    namespace: 'default',
  })
  const found: Diagnostic[] = [...problems]
  const schemas = [...kinds].flatMap(([name, kind]): KindSchema[] => {
    const crd = manifests.find((manifest) => defines(manifest, kind))
    if (crd === undefined) return []
    const spec = fieldsOf(crd.object.spec)
    const versions = listOf(spec['versions']).map(fieldsOf)
    const version = versions.find((one) => one['name'] === kind.version)
    if (version === undefined) {
      const known = versions.flatMap((one) => textOf(one['name']) ?? []).join(', ')
      const facts = { kind: kind.kind, name, version: kind.version, known }
      found.push(diagnostic('AP1220', facts, crd.at(['spec', 'versions'])))
      return []
    }
    return [{ name, kind, schema: fieldsOf(version['schema'])['openAPIV3Schema'] }]
  })
  if (found.length > 0) throw new DiagnosticError(found)
  return schemas
}

function defines({ object }: Manifest, { group, kind }: Kind): boolean {
  if (object.kind !== 'CustomResourceDefinition') return false
  const spec = fieldsOf(object.spec)
  return spec['group'] === group && fieldsOf(spec['names'])['kind'] === kind
}

async function yamlFiles(folder: string): Promise<string[]> {
  const root = join(folder, crdFolder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
