import { isFields, listOf } from '../mesh/fields.ts'
import type { FieldPath } from '../mesh/object-reading.ts'

/**
 * The field of a document that a message about its `spec` is about, as far as the words lead to one that is there: `backends[0]`,
 * `retries.attempts`, a field that is unknown, the entry of a list that is named.
 */
export function namedField(message: string, spec: unknown): FieldPath {
  const text = message.replace(/^(?:.*? is malformed: |[^:]*: )/, '')
  const [, owner, unknown] = /^(?:it|(\S+)) has the unknown field (\S+)/.exec(text) ?? []
  const words =
    unknown === undefined
      ? (text.match(/[A-Za-z]\w*(?:\[\d+\]|\.[\w-]+)*/g) ?? [])
      : [owner === undefined ? unknown : `${owner}.${unknown}`]
  const paths = words.map((word) =>
    existing(
      word.split(/[.[\]]+/).filter((part) => part !== ''),
      spec,
    ),
  )
  const { path, value } = paths.reduce(
    (best, one) => (one.path.length > best.path.length ? one : best),
    existing([], spec),
  )
  const entry = listOf(value).findIndex((item) => isNamed(item, text))
  return ['spec', ...path, ...(entry < 0 ? [] : [entry])]
}

/** As much of a path as there is. */
function existing(parts: readonly string[], spec: unknown): { readonly path: FieldPath; readonly value: unknown } {
  const path: (string | number)[] = []
  let value = spec
  for (const part of parts) {
    const key = Array.isArray(value) ? Number(part) : part
    const next: unknown = Array.isArray(value) ? value[Number(part)] : isFields(value) ? value[part] : undefined
    if (next === undefined) break
    path.push(key)
    value = next
  }
  return { path, value }
}

function isNamed(item: unknown, text: string): boolean {
  if (typeof item === 'number') return new RegExp(`\\b${item}\\b`).test(text)
  return typeof item === 'string' && text.includes(JSON.stringify(item))
}
