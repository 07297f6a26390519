import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fieldsOf, textOf } from '../../mesh/fields.ts'
import { type DebianPackage, debianPackages } from './debian-packages.ts'
import type { SharedLibrary } from './libraries.ts'
import type { NodeBinary } from './node-binary.ts'
import type { Platform } from './platform.ts'

interface Component {
  readonly type: 'application' | 'library' | 'platform'
  readonly 'bom-ref': string
  readonly name: string
  readonly version?: string
  readonly purl?: string
  readonly licenses?: readonly object[]
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[]
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
}

export interface BillInputs {
  readonly project: { readonly name: string; readonly version: string }
  /** Files that something of is in the bundle. */
  readonly modules: readonly string[]
  readonly node: NodeBinary
  readonly libraries: readonly SharedLibrary[]
  readonly platform: Platform
}

/**
 * What is in an image, as CycloneDX 1.6 JSON: the packages that something was bundled of, Node, and the libraries of the building machine
 * with their Debian packages, where it knows them. It names no time and no number of its own, so that the same image has the same bill.
 */
export async function billOfMaterials(inputs: BillInputs): Promise<object> {
  const { project, modules, node, libraries, platform } = inputs
  const root: Component = { type: 'application', 'bom-ref': 'project', ...project }
  const packages = packagesOf(modules, project.name)
  const owners = await debianPackages(libraries.map(({ source }) => source))
  const system = libraries.map((library) => systemComponent(library, owners.get(library.source), platform))
  const components = [...packages, nodeComponent(node), ...system]
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: root, properties: [{ name: 'platform', value: platform.name }] },
    components,
    dependencies: [{ ref: root['bom-ref'], dependsOn: components.map((one) => one['bom-ref']) }],
  }
}

function packagesOf(modules: readonly string[], project: string): Component[] {
  const components = new Map<string, Component>()
  for (const folder of new Set(modules.map(packageFolderOf).filter((folder) => folder !== undefined))) {
    const { name, version, license } = fieldsOf(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    const [id, release] = [textOf(name), textOf(version)]
    if (id === undefined || release === undefined || id === project) continue
    const purl = `pkg:npm/${id.replace('@', '%40')}@${release}`
    components.set(purl, {
      type: 'library',
      'bom-ref': purl,
      name: id,
      version: release,
      purl,
      ...(textOf(license) !== undefined && { licenses: [{ expression: textOf(license) }] }),
    })
  }
  return [...components.values()].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1))
}

/** The nearest folder with a package.json that has a name: those without only say how their folder is to be read. */
function packageFolderOf(module: string): string | undefined {
  for (let folder = dirname(module); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (!existsSync(file)) continue
    const { name, version } = fieldsOf(JSON.parse(readFileSync(file, 'utf8')))
    if (textOf(name) !== undefined && textOf(version) !== undefined) return folder
  }
  return undefined
}

function nodeComponent({ content, name, version }: NodeBinary): Component {
  const purl = `pkg:npm/${name}@${version}`
  return { type: 'platform', 'bom-ref': purl, name: 'node', version, purl, hashes: [sha256(content)] }
}

function systemComponent(
  { path, content }: SharedLibrary,
  owner: DebianPackage | undefined,
  { architecture }: Platform,
): Component {
  return {
    type: 'library',
    'bom-ref': `file:/${path}`,
    name: path.slice(path.lastIndexOf('/') + 1),
    ...(owner && {
      version: owner.version,
      purl: `pkg:deb/debian/${owner.name}@${encodeURIComponent(owner.version)}?arch=${architecture}`,
    }),
    hashes: [sha256(content)],
    properties: [{ name: 'path', value: `/${path}` }],
  }
}

function sha256(content: Buffer) {
  return { alg: 'SHA-256', content: createHash('sha256').update(content).digest('hex') } as const
}
