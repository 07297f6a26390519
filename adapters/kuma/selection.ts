import { type Labels, labelText } from '../../src/mesh/access.ts'
import { fieldsOf, isFields, textOf } from '../../src/mesh/fields.ts'
import type { FieldPath } from '../../src/mesh/object-reading.ts'

/** Where policies are about the whole mesh, as Kuma is installed by default. */
export const systemNamespace = 'kuma-system'

/** The proxies of some pods of the namespace, which have the labels of their pods; of all of them without labels. */
export function writeSelection(labels: Labels): object {
  return labelText(labels) === '' ? { kind: 'Mesh' } : { kind: 'Dataplane', labels: { ...labels } }
}

/** The labels of the proxies that a policy about called pods configures; `foreign` is told of what selects in another way. */
export function readSelection(targetRef: unknown, foreign: (what: string, path: FieldPath) => void): Labels {
  if (targetRef === undefined || targetRef === null) return {}
  const { kind, labels, ...others } = fieldsOf(targetRef)
  const at = ['spec', 'targetRef']
  if (kind !== 'Mesh' && kind !== 'Dataplane') {
    foreign(`a target of kind ${String(kind)}`, [...at, 'kind'])
    return {}
  }
  for (const field of Object.keys(others)) foreign(`targetRef.${field}`, [...at, field])
  if (labels === undefined) return {}
  const entries = Object.entries(fieldsOf(labels))
  const texts = entries.filter((entry): entry is [string, string] => textOf(entry[1]) !== undefined)
  // The mesh as a whole is not selected by labels.
  if (kind === 'Mesh' || !isFields(labels) || texts.length < entries.length)
    foreign('targetRef.labels', [...at, 'labels'])
  return Object.fromEntries(texts)
}
