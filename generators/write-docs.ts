import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { outputKinds } from '../src/mesh/outputs.ts'
import { builtInMeshes } from '../src/meshes.ts'
import { isNeutral } from '../src/project/native-kinds.ts'
import { capabilityReference } from './capability-reference.ts'
import { errorReference } from './error-reference.ts'
import { jsonOutputReference } from './json-output-reference.ts'
import { describeOutput, outputPage } from './output-reference.ts'

/** Renews the pages of docs/reference that are made from the program: `npm run docs`. */
const folder = new URL('../docs/reference/', import.meta.url)
const adapters = builtInMeshes.map((mesh) => mesh.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
const pages: readonly (readonly [string, string])[] = [
  ['errors.md', errorReference()],
  ['capabilities.md', capabilityReference(adapters)],
  ['json-output.md', await jsonOutputReference()],
  ...Object.keys(outputKinds)
    .filter(isNeutral)
    .map((name) => [`outputs/${name}.md`, outputPage(describeOutput(name, adapters))] as const),
]
await mkdir(new URL('outputs/', folder), { recursive: true })
for (const [name, text] of pages) {
  const page = new URL(name, folder)
  await writeFile(page, text)
  console.log(`wrote ${fileURLToPath(page)}`)
}
