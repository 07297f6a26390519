import type { Kind, ObjectRef } from './object.ts'

/** `/api/v1` or `/apis/group/version`: where the resources of a group version are. */
export function groupVersionPath({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** All objects of a kind, of one namespace when it is given and the kind has namespaces. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const root = groupVersionPath(kind)
  if (!kind.namespaced || namespace === undefined) return `${root}/${kind.plural}`
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}`
}

/** @throws TypeError for a namespaced kind without a namespace, or an empty name: such a path would mean another object. */
export function objectPath(kind: Kind, { namespace, name }: ObjectRef, subresource?: string): string {
  if (name === '') throw new TypeError(`a ${kind.kind} without a name`)
  if (kind.namespaced && !namespace) throw new TypeError(`${kind.kind} ${name} without a namespace`)
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

/** `?a=1&b=x` of the values that are there; empty when none is. */
export function queryString(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
