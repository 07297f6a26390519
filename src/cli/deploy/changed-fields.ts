import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../kube/object.ts'
import { type Fields, isFields } from '../../mesh/fields.ts'

/** One field that a write gives another value; undefined where it is not there. */
export interface FieldChange {
  /** `spec.template.spec.containers[0].image`. */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

/** What the server keeps for itself. */
const kept = ['managedFields', 'resourceVersion', 'generation', 'creationTimestamp', 'uid']

/** The fields that differ between an object as it is and as it would be, but for its status and what the server keeps. */
export function changedFields(before: KubeObject, after: KubeObject): FieldChange[] {
  return differences('', comparable(before), comparable(after))
}

function comparable({ status: _, ...object }: KubeObject): Fields {
  const metadata = Object.entries(object.metadata).filter(([name]) => !kept.includes(name))
  return { ...object, metadata: Object.fromEntries(metadata) }
}

function differences(path: string, before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return []
  if (isFields(before) && isFields(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => differences(`${path}${step(name, path)}`, before[name], after[name]))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => differences(`${path}[${index}]`, item, after[index]))
  }
  return [{ path, before, after }]
}

function step(name: string, path: string): string {
  if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`
  return path === '' ? name : `.${name}`
}
