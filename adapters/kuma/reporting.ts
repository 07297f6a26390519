import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'

/** `decisive`: what is left out decides where requests go. */
export type Report = (what: string, path: FieldPath, decisive?: true) => void

/** Adds what an object says and the neutral model has no words for to some problems. */
export function reporter(object: KubeObject, problems: ObjectProblem[]): Report {
  return (what, path, decisive) => {
    const found = { ...diagnostic('AP2121', { object: nameOf(object), what }), place: { object, path } }
    problems.push({ ...found, ...(decisive && { decisive }) })
  }
}

/** How messages call an object. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`
}
