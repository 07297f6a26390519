import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { findsIn, hasAlternatives } from '../../src/mesh/regex.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'

/** One of the `routes` of a ServiceProfile. */
export interface ProfileRoute {
  readonly index: number
  readonly name: string
  readonly condition: Fields
  /** Of the whole request, in milliseconds. */
  readonly timeout: number | undefined
  /** Tried again after a failure, as often as the budget of the profile lets it. */
  readonly isRetryable: boolean
}

export function profileRoutes({ spec }: KubeObject): ProfileRoute[] {
  return listOf(fieldsOf(spec)['routes'])
    .map(fieldsOf)
    .map((route, index) => ({
      index,
      name: textOf(route['name']) ?? String(index),
      condition: fieldsOf(route['condition']),
      timeout: readDuration(route['timeout']),
      isRetryable: route['isRetryable'] === true,
    }))
}

/** Whether a condition takes a request: all that it says has to hold (controller/api/destination, toRequestMatch). */
export function conditionHolds(condition: Fields, request: Pick<MeshRequest, 'method' | 'path'>): boolean {
  const { all, any, not, method, pathRegex } = condition
  const holds = (one: unknown) => conditionHolds(fieldsOf(one), request)
  const pattern = textOf(pathRegex)
  return (
    (all === undefined || listOf(all).every(holds)) &&
    (any === undefined || listOf(any).some(holds)) &&
    !negated(not).some(holds) &&
    (method === undefined || method === request.method) &&
    (pattern === undefined || findsIn(anchoredOnce(pattern), request.path))
  )
}

/**
 * The requests that a condition takes as matches one of which holds; undefined where that cannot be said. A condition that is negated
 * cannot, nor can an expression with alternatives outside of a group, of which the anchors of the proxy take only the outer ends.
 */
export function conditionMatches(condition: Fields): readonly HttpMatch[] | undefined {
  const { all, any, not, method, pathRegex } = condition
  if (negated(not).length > 0) return undefined
  const pattern = textOf(pathRegex)
  if (pattern !== undefined && hasAlternatives(anchoredOnce(pattern))) return undefined
  const own: HttpMatch = {
    ...(typeof method === 'string' && { methods: [method] }),
    ...(pattern !== undefined && { path: { regex: anchoredOnce(pattern) } }),
  }
  const parts = [
    [own],
    ...(all === undefined ? [] : listOf(all).map((one) => conditionMatches(fieldsOf(one)))),
    ...(any === undefined ? [] : [anyOf(listOf(any))]),
  ]
  return parts.reduce(bothOf, [{}])
}

/** How linkerd2-proxy compiles the expression for a path (service-profiles, http/proto.rs). */
function anchoredOnce(pattern: string): string {
  return `${pattern.startsWith('^') ? '' : '^'}${pattern}${pattern.endsWith('$') ? '' : '$'}`
}

/** A list in the schema, one condition in the documentation. */
function negated(not: unknown): readonly unknown[] {
  return isFields(not) ? [not] : listOf(not)
}

type Matches = readonly HttpMatch[] | undefined

function anyOf(conditions: readonly unknown[]): Matches {
  const matches = conditions.map((one) => conditionMatches(fieldsOf(one)))
  return matches.every((one) => one !== undefined) ? matches.flat() : undefined
}

/** Undefined where two conditions are about one thing, unless they say the same of it. */
function bothOf(first: Matches, second: Matches): Matches {
  if (first === undefined || second === undefined) return undefined
  const both = first.flatMap((a) => second.map((b) => bothMatches(a, b)))
  return both.every((match) => match !== undefined) ? both : undefined
}

function bothMatches(a: HttpMatch, b: HttpMatch): HttpMatch | undefined {
  const isSame = (one: unknown, other: unknown) =>
    one === undefined || other === undefined || JSON.stringify(one) === JSON.stringify(other)
  return isSame(a.path, b.path) && isSame(a.methods, b.methods) ? { ...a, ...b } : undefined
}
