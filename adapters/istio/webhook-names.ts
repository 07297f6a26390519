import { isIP } from 'node:net'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'

const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/
const wildcardLabel = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/
const qualifiedName = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = new RegExp(`^(?:${qualifiedName})?$`)
const labelKey = new RegExp(`^(?:([a-zA-Z0-9][-a-zA-Z0-9]*(?:\\.[a-zA-Z0-9][-a-zA-Z0-9]*)*)/)?(${qualifiedName})$`)

/** One part of a DNS name, in capitals too (istio.io/istio, pkg/config/labels). */
export function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text)
}

/** What keeps a host from being one: a DNS name whose first part may be a wildcard (ValidateWildcardDomain). */
export function hostProblem(host: string): string | undefined {
  if (host === '') return 'a name of a host is empty'
  if (host.length > 255) return 'it is longer than the 255 characters of a DNS name'
  const [first = '', ...rest] = host.split('.')
  const isFirst = first.length <= 63 && wildcardLabel.test(first)
  if (!isFirst) return `${JSON.stringify(first)} is no part of a DNS name`
  return rest.length === 0 ? undefined : labelsProblem(rest)
}

/** The last part may be empty, as in `web.shop.`, and may not be a number. */
function labelsProblem(parts: readonly string[]): string | undefined {
  const last = parts.at(-1) ?? ''
  if (/^[-+]?\d+$/.test(last)) return `its last part, ${last}, is a number`
  const bad = (last === '' ? parts.slice(0, -1) : parts).find((part) => !isLabel(part))
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no part of a DNS name`
}

/** Hosts of a VirtualService may be addresses as well. */
export function hostOrAddressProblem(host: string): string | undefined {
  return isIP(host) === 0 ? hostProblem(host) : undefined
}

/** Whether two hosts stand for one name (host.Name.Matches). */
export function hostsOverlap(a: string, b: string): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a]
  if (a.startsWith('*') && b.startsWith('*')) return longer.slice(1).endsWith(shorter.slice(1))
  if (a.startsWith('*')) return b.endsWith(a.slice(1))
  return b.startsWith('*') ? a.endsWith(b.slice(1)) : a === b
}

/** Whether every name of the first host is one of the second (host.Name.SubsetOf). */
export function hostIsWithin(host: string, other: string): boolean {
  if (!other.startsWith('*')) return host === other
  if (!host.startsWith('*')) return host.endsWith(other.slice(1))
  return host.length >= other.length && host.slice(1).endsWith(other.slice(1))
}

/** `namespace/name`, or a name that may have dots; of several, those after the first without a slash are not looked at. */
export function gatewayProblems(gateways: readonly string[], path: FieldPath): FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const [index, gateway] of gateways.entries()) {
    const at = [...path, index]
    const slash = gateway.indexOf('/')
    if (slash < 0) {
      const problem = gateway === '' ? 'the name of a gateway is empty' : labelsProblem(gateway.split('.'))
      return problem === undefined ? problems : [...problems, { path: at, problem }]
    }
    const bad = [gateway.slice(0, slash), gateway.slice(slash + 1)].find((part) => !isLabel(part))
    if (bad !== undefined) problems.push({ path: at, problem: `${JSON.stringify(bad)} is no name` })
  }
  return problems
}

/** Labels of pods. */
export function labelProblems(labels: Readonly<Record<string, unknown>>, path: FieldPath): FieldProblem[] {
  return Object.entries(labels).flatMap(([key, value]): FieldProblem[] => {
    const [, prefix = '', name = ''] = labelKey.exec(key) ?? []
    const at = [...path, key]
    if (name === '' || name.length > 63 || prefix.length > 253)
      return [{ path: at, problem: `${JSON.stringify(key)} is no name of a label` }]
    return labelValue.test(String(value))
      ? []
      : [{ path: at, problem: `${JSON.stringify(value)} is no value of a label` }]
  })
}

/** Namespaces, `.` for the own one, or `*` alone. */
export function exportProblems(
  exports: readonly string[],
  namespace: string,
  ownOnly: boolean,
  path: FieldPath,
): FieldProblem[] {
  const names = exports.map((one) => (one === '.' ? namespace : one))
  const problems = names.flatMap((name, index): FieldProblem[] => {
    const at = [...path, index]
    if (names.indexOf(name) < index) return [{ path: at, problem: `${exports[index]} is there already` }]
    return name === '*' || isLabel(name) ? [] : [{ path: at, problem: `${JSON.stringify(name)} is no namespace` }]
  })
  if (names.includes('*') && names.length > 1) problems.push({ path, problem: '* excludes everything else' })
  if (ownOnly && names.some((name) => name !== namespace))
    problems.push({ path, problem: 'with a workloadSelector it is the own namespace alone' })
  return problems
}
