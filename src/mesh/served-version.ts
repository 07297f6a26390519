import type { KubeObject } from '../kube/object.ts'
import type { FieldProblem } from './object-reading.ts'

/** What an API server says of an object of a version that it does not serve. */
export function versionProblems({ apiVersion, kind }: KubeObject, served: readonly string[]): FieldProblem[] {
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1)
  if (served.includes(version)) return []
  return [
    { path: ['apiVersion'], problem: `there is no version ${version} of ${kind}; there are ${served.join(', ')}` },
  ]
}
