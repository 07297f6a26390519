import { badRequest } from './status.ts'

/** Decides over one set of labels. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean

const all: LabelSelector = () => true

/**
 * A label selector as in a query string: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 *
 * @throws 400 on one that cannot be read
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return all
  const requirements = splitOutsideParentheses(text).map(parseRequirement)
  return (labels) => requirements.every((requirement) => requirement(labels))
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  parts.push(text.slice(start))
  return parts.map((part) => part.trim())
}

const keyPattern = '(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?'
const valuePattern = '(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?'
const equality = new RegExp(`^(${keyPattern})\\s*(==|=|!=)\\s*(${valuePattern})$`)
const membership = new RegExp(`^(${keyPattern})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const comparison = new RegExp(`^(${keyPattern})\\s*([<>])\\s*(-?\\d+)$`)
const presence = new RegExp(`^(!?)\\s*(${keyPattern})$`)

function parseRequirement(text: string): LabelSelector {
  const equal = equality.exec(text)
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal
    checkLengths(key, [value])
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const member = membership.exec(text)
  if (member !== null) {
    const [, key = '', operator, list = ''] = member
    const values = new Set(list.split(',').map((value) => value.trim()))
    checkLengths(key, values)
    if (operator === 'notin') return (labels) => !values.has(labels[key] ?? '\u0000')
    return (labels) => values.has(labels[key] ?? '\u0000')
  }
  const compared = comparison.exec(text)
  if (compared !== null) {
    const [, key = '', operator, bound = ''] = compared
    return (labels) => {
      const value = labels[key]
      if (value === undefined || !/^-?\d+$/.test(value)) return false
      return operator === '>' ? Number(value) > Number(bound) : Number(value) < Number(bound)
    }
  }
  const present = presence.exec(text)
  if (present !== null) {
    const [, not, key = ''] = present
    return not === '!' ? (labels) => !(key in labels) : (labels) => key in labels
  }
  throw badRequest(`unable to parse requirement: found '${text}', expected: a key, an operator and values`)
}

/** @throws 400 for a key or a value that no label can have */
function checkLengths(key: string, values: Iterable<string>): void {
  if (key.slice(key.indexOf('/') + 1).length > 63) {
    const rule = 'name part must be no more than 63 bytes'
    throw badRequest(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${rule}`)
  }
  for (const value of values) {
    if (value.length <= 63) continue
    const field = `values[0][${key}]`
    const rule = 'must be no more than 63 bytes'
    throw badRequest(`unable to parse requirement: ${field}: Invalid value: ${JSON.stringify(value)}: ${rule}`)
  }
}

/** One term of a field selector. */
export interface FieldTerm {
  readonly field: string
  readonly value: string
  readonly equal: boolean
}

/**
 * A field selector as in a query string: `metadata.name=a,status.phase!=b`. A backslash takes the meaning from the next
 * character, as kubectl writes it.
 *
 * @throws 400 on one that cannot be read
 */
export function parseFieldSelector(text: string): FieldTerm[] {
  const terms: FieldTerm[] = []
  for (const part of text.match(/(?:\\.|[^,\\])+/g) ?? []) {
    if (part.trim() === '') continue
    const match = /^((?:\\.|[^=!\\])+)(==|=|!=)((?:.|\n)*)$/.exec(part.trim())
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = '', operator, value = ''] = match
    terms.push({ field, value: value.replace(/\\(.)/g, '$1'), equal: operator !== '!=' })
  }
  return terms
}
