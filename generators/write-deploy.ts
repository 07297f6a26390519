import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canaryDeployFiles } from './canary-deploy.ts'

/** Renews the generated folders of deploy/. */
const folder = fileURLToPath(new URL('../deploy/', import.meta.url))
const files = await canaryDeployFiles()
for (const generated of new Set([...files.keys()].map((path) => path.split('/')[0] ?? path)))
  await rm(join(folder, generated), { recursive: true, force: true })
for (const [path, text] of files) {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
console.log(`wrote ${files.size} files to ${folder}`)
