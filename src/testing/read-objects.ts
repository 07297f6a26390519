import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseManifests } from '../manifests/parse-manifests.ts'

/**
 * The objects of a YAML or JSON file, in its order; those without a namespace are in `namespace`. There is at least one.
 *
 * @throws DiagnosticError with everything that is wrong with the file, and when there is no object in it
 */
export async function readObjects(file: URL, namespace = 'default'): Promise<[KubeObject, ...KubeObject[]]> {
  const name = fileURLToPath(file)
  const { manifests, problems } = parseManifests(await readFile(file, 'utf8'), name, namespace)
  const [first, ...others] = manifests.map(({ object }) => object)
  if (problems.length > 0) throw new DiagnosticError(problems)
  if (first === undefined)
    throw new DiagnosticError([diagnostic('AP1002', undefined, { file: name, line: 1, column: 1 })])
  return [first, ...others]
}
