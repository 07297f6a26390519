import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Fields, isFields, otherFields } from './fields.ts'
import { type AttachTo, attachableKinds } from './outputs.ts'

/** Name of an object of the API (RFC 1123 subdomain). */
const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** Reads `attachTo` of a split. The rules of the route say which requests are meant, so the split may not. */
export function readAttachTo(split: Fields, output: string, problems: Diagnostic[]): AttachTo | undefined {
  const value = split['attachTo']
  if (value === undefined) return undefined
  const malformed = (problem: string) => void problems.push(diagnostic('AP2104', { output, problem }))
  if (!isFields(value)) return malformed('`attachTo` is not an object')
  const [unknown] = otherFields(value, ['kind', 'name', 'rules'])
  if (unknown !== undefined) return malformed(`attachTo has the unknown field ${unknown}`)
  const { name, rules } = value
  const kind = attachableKinds.find((known) => known === value['kind'])
  if (kind === undefined) return malformed(`attachTo.kind is none of ${attachableKinds.join(', ')}`)
  if (typeof name !== 'string' || !objectName.test(name)) return malformed('attachTo.name is not the name of an object')
  if (rules !== undefined && !isRules(rules))
    return malformed('attachTo.rules is not a list of names and numbers of rules, each once')
  for (const field of misplacedFields(split)) problems.push(diagnostic('AP2210', { output, field }))
  return { kind, name, ...(rules !== undefined && { rules }) }
}

function isRules(value: unknown): value is readonly (string | number)[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((rule) => (typeof rule === 'string' && rule !== '') || (Number.isSafeInteger(rule) && rule >= 0))
  )
}

function misplacedFields(split: Fields): string[] {
  const backends = Array.isArray(split['backends']) ? split['backends'] : []
  return [
    ...['ports', 'matches'].filter((field) => split[field] !== undefined),
    ...(backends.some((backend: unknown) => isFields(backend) && backend['port'] !== undefined)
      ? ['backend ports']
      : []),
  ]
}
