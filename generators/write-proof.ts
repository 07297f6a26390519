import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { featureNames } from '../src/mesh/check.ts'
import { builtInMeshes } from '../src/meshes.ts'
import { evidenceIn, proofPage } from './proof-table.ts'

/**
 * Writes docs/reference/proof.md from vitest's JSON reports of the suites: those of `npm test`, `npm run test:laws`, `npm run test:cluster`
 * and `npm run test:dataplane`. With `--check` it writes nothing and fails when the page is not what they say.
 */
const [, , ...args] = process.argv
const check = args.includes('--check')
const files = args.filter((arg) => arg !== '--check')
if (files.length === 0) throw new Error('name the JSON reports of the test suites')
const reports = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8'))))
const meshes = builtInMeshes.map((provider) => {
  const { name, capabilities } = provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
  return { name, capabilities }
})
const page = proofPage(featureNames, meshes, reports.flatMap(evidenceIn))
const target = fileURLToPath(new URL('../docs/reference/proof.md', import.meta.url))
if (!check) {
  await writeFile(target, page)
  console.log(`wrote ${target}`)
} else if ((await readFile(target, 'utf8').catch(() => '')) !== page) {
  const old = (await readFile(target, 'utf8').catch(() => '')).split('\n')
  for (const line of page.split('\n')) if (!old.includes(line)) console.error(`the reports say: ${line}`)
  console.error(`${target} is not what the reports say; write it anew with: node generators/write-proof.ts REPORT…`)
  process.exitCode = 1
}
