import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { builtInMeshes } from '../src/meshes.ts'
import { capabilityReference } from './capability-reference.ts'
import { errorReference } from './error-reference.ts'

/** Renews the pages of docs/reference that are made from the program: `npm run docs`. */
const folder = new URL('../docs/reference/', import.meta.url)
const adapters = builtInMeshes.map((mesh) => mesh.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
const pages: readonly (readonly [string, string])[] = [
  ['errors.md', errorReference()],
  ['capabilities.md', capabilityReference(adapters)],
]
await mkdir(folder, { recursive: true })
for (const [name, text] of pages) {
  const page = new URL(name, folder)
  await writeFile(page, text)
  console.log(`wrote ${fileURLToPath(page)}`)
}
