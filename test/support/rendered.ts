import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'

/** The objects that a program prints as YAML documents, such as `kubectl kustomize` or `helm template`. */
export async function rendered(program: string, args: readonly string[]): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 16 * 1024 * 1024 })
  return parseAllDocuments(stdout).flatMap((document) => {
    const object: KubeObject | null = document.toJS()
    return object === null ? [] : [object]
  })
}
