import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { AuditCall } from '../cluster/audit.ts'
import { canaryKind } from './kinds.ts'
import type { Change } from './recorder.ts'

type Counts = Record<string, number>

/**
 * How often each object really changed: in anything for the canaries, whose status is the operator's to write; else in what
 * is not the work of the control plane (status, and the revision that it counts).
 */
export function changesByObject(changes: readonly Change[]): Counts {
  const counts: Counts = {}
  const known = new Map<string, KubeObject>()
  for (const { type, kind, object } of changes) {
    const id = `${kind.plural} ${object.metadata.name}`
    const before = known.get(id)
    if (type === 'DELETED') known.delete(id)
    else known.set(id, object)
    const counted =
      kind === canaryKind ||
      (type !== 'DELETED' && (before === undefined || !isDeepStrictEqual(own(before), own(object))))
    if (counted) counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}

/** What the API server notes when the client went away before the answer; the write may have been made all the same. */
const unanswered = 504

/**
 * How often each of these objects was written by whoever the calls are of. A write that was under way when the process was killed
 * counts if it was made, which nothing but the changes tells.
 */
export function writesByObject(calls: readonly AuditCall[], changes: readonly Change[]): Counts {
  const plurals = new Set(changes.map(({ kind }) => kind.plural))
  const counts: Counts = {}
  const cutOff: Counts = {}
  for (const { verb, resource, name, status } of calls) {
    const [plural = ''] = resource.split(/[./]/)
    const verbs = plural === canaryKind.plural ? ['create', 'patch', 'update', 'delete'] : ['create', 'patch', 'update']
    if (!plurals.has(plural) || !verbs.includes(verb)) continue
    const id = `${plural} ${name}`
    if (status >= 200 && status <= 299) counts[id] = (counts[id] ?? 0) + 1
    if (status === unanswered) cutOff[id] = (cutOff[id] ?? 0) + 1
  }
  const changed = changesByObject(changes)
  for (const [id, count] of Object.entries(cutOff)) {
    const known = counts[id] ?? 0
    const made = Math.min(count, Math.max(0, (changed[id] ?? 0) - known))
    if (made > 0) counts[id] = known + made
  }
  return counts
}

/** An object without what the control plane writes on it. */
function own({ status: _, metadata, ...fields }: KubeObject): unknown {
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...rest } = metadata
  const annotations = { ...rest.annotations }
  delete annotations['deployment.kubernetes.io/revision']
  return { ...fields, metadata: { ...rest, annotations } }
}
