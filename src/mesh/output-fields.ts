import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { describeValue, type Fields, isFields, otherFields } from './fields.ts'
import type { HttpMatch } from './match.ts'
import { readMatch } from './match-reading.ts'
import { validityProblems } from './match-validity.ts'
import { alwaysHolds, normalMatch } from './normal-match.ts'
import type { RouteGroupRef } from './outputs.ts'

/** A DNS label: the name of a Service, of a namespace, of an output. */
export const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Empty when it is none. */
export function readName(value: unknown, output: string, problems: Diagnostic[]): string {
  if (typeof value === 'string' && dnsLabel.test(value)) return value
  problems.push(diagnostic('AP2117', { output, field: 'name', name: describeValue(value) }))
  return ''
}

export function readNamespace(value: unknown, fallback: string, output: string, problems: Diagnostic[]): string {
  if (value === undefined) return fallback
  if (typeof value === 'string' && dnsLabel.test(value)) return value
  problems.push(diagnostic('AP2117', { output, field: 'namespace', name: describeValue(value) }))
  return fallback
}

export function readPorts(value: unknown, malformed: (problem: string) => void): number[] | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.length > 0 && value.every(isPort)) return [...new Set(value)].sort((a, b) => a - b)
  malformed('`ports` is not a list of port numbers')
  return undefined
}

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65536
}

/** The matches of a split or policy; undefined when it has none. */
export function readOutputMatches(
  value: unknown,
  output: string,
  problems: Diagnostic[],
): (HttpMatch | RouteGroupRef)[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length === 0) {
    problems.push(
      diagnostic('AP2104', {
        output,
        problem: '`matches` is not a list with a match in it; leave it out to mean every request',
      }),
    )
    return undefined
  }
  return value.flatMap((entry: unknown, index): (HttpMatch | RouteGroupRef)[] => {
    const where = `matches[${index}]`
    if (isFields(entry) && 'kind' in entry) return readGroupRef(entry, where, output, problems)
    const match = readValidMatch(entry, where, output, problems)
    return match === undefined ? [] : [match]
  })
}

function readGroupRef(entry: Fields, where: string, output: string, problems: Diagnostic[]): RouteGroupRef[] {
  const { kind, name, matches } = entry
  const names =
    matches === undefined ||
    (Array.isArray(matches) && matches.length > 0 && matches.every((item) => typeof item === 'string'))
  if (kind === 'HTTPRouteGroup' && typeof name === 'string' && names) {
    return [{ kind, name, ...(Array.isArray(matches) && { matches: matches.map(String) }) }]
  }
  problems.push(
    diagnostic('AP2104', {
      output,
      problem: `${where} needs kind HTTPRouteGroup, a name and, at most, names of matches`,
    }),
  )
  return []
}

export function readValidMatch(
  entry: unknown,
  where: string,
  output: string,
  problems: Diagnostic[],
): HttpMatch | undefined {
  const read = readMatch(entry, where, {
    malformed: (problem) => problems.push(diagnostic('AP2104', { output, problem })),
    regex: (field, regex, problem) => problems.push(diagnostic('AP2114', { output, field, regex, problem })),
  })
  if (read === undefined) return undefined
  const match = normalMatch(read)
  if (alwaysHolds(match) && isFields(entry) && otherFields(entry, ['name']).length === 0) {
    problems.push(
      diagnostic('AP2104', {
        output,
        problem: `${where} has no condition; leave \`matches\` out to mean every request`,
      }),
    )
  }
  const invalid = validityProblems(match)
  problems.push(...invalid.map((problem) => diagnostic('AP2118', { output, ...problem })))
  return invalid.length > 0 ? undefined : match
}
