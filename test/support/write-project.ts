import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { skeleton } from '../../generators/templates/skeleton.ts'
import type { ProjectIdentity } from '../../generators/templates/template.ts'
import { templates } from '../../generators/templates/templates.ts'
import { writeFiles } from '../../src/cli/generate/write-files.ts'

const identity: ProjectIdentity = {
  kind: 'Example',
  group: 'examples.io',
  version: 'v1',
  operatorName: 'example-operator',
  mesh: 'istio',
}
const versions = { library: '0.1.0', zod: '4', typescript: '7', vitest: '5', nodeTypes: '24' }

/** Writes what `ap init` writes into an empty folder, with the libraries of this checkout. */
export async function writeProject(folder: string, template = 'blank'): Promise<void> {
  const files = [
    ...(templates.find(({ name }) => name === template)?.files(identity) ?? []),
    ...skeleton(identity, versions),
  ]
  await writeFiles(
    folder,
    files.map(({ path, text }) => ({ path, text, state: 'created' as const })),
  )
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
}
