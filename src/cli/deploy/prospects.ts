import { type KubeObject, keyOf } from '../../kube/object.ts'
import { changedFields, type FieldChange } from './changed-fields.ts'
import type { Prospect } from './preflight.ts'

/** A line per object, and one per field that would get another value. */
export function describeProspects(prospects: readonly Prospect[]): string {
  return prospects.map((prospect) => `${describeProspect(prospect).join('\n')}\n`).join('')
}

export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${keyOf(metadata)}`
}

function describeProspect({ object, live, result }: Prospect): string[] {
  if (live === undefined) return [`would create     ${nameOf(object)}`]
  const changes = changedFields(live, result ?? object)
  if (changes.length === 0) return [`would leave      ${nameOf(object)}`]
  return [`would configure  ${nameOf(object)}`, ...changes.flatMap(describeChange)]
}

/** A text of several lines by the lines that differ. */
function describeChange({ path, before, after }: FieldChange): string[] {
  if (typeof before !== 'string' || typeof after !== 'string' || !`${before}${after}`.includes('\n')) {
    return [`  ${path}: ${short(before)} → ${short(after)}`]
  }
  const [old, now] = [before.split('\n'), after.split('\n')]
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `    - ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `    + ${line}`),
  ]
  return [`  ${path}:`, ...lines]
}

const longest = 60

function short(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
