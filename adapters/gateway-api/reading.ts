import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import { callNameProblem } from '../../src/mesh/grpc-call.ts'
import { type FieldPath, type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { schemaProblems } from '../../src/mesh/object-schema.ts'
import { regexProblem } from '../../src/mesh/regex.ts'
import { versionProblems } from '../../src/mesh/served-version.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { connectionRouteProblems } from './connection-reading.ts'
import { tcpRoute, tlsRoute } from './connection-route.ts'
import { readParents } from './http-route.ts'
import { parentProblems, wholeFiltersProblems, wholeRuleProblems } from './route-rules.ts'
import { grpcRouteSpec, httpRouteSpec } from './schema.ts'

const httpRoute = 'gateway.networking.k8s.io/HTTPRoute'
const grpcRoute = 'gateway.networking.k8s.io/GRPCRoute'

export const gatewayApiReading: ObjectReading = {
  follows: [httpRoute, grpcRoute, tcpRoute, tlsRoute],
  unmodelled: [],
  translates: [httpRoute, grpcRoute, tcpRoute, tlsRoute],
  accompanies: [],
  apexes: parentServices,
  validate(one) {
    if ([tcpRoute, tlsRoute].includes(groupKind(one))) return connectionRouteProblems(one)
    const version = groupKind(one) === httpRoute ? versionProblems(one, ['v1', 'v1beta1']) : []
    return version.length > 0 ? version : routeProblems(one)
  },
}

/** The Services among the parents of a route. */
export function parentServices({ metadata, spec }: KubeObject): ServiceRef[] {
  const parents = readParents(fieldsOf(spec)['parentRefs'], metadata.namespace ?? 'default')
  const byName = new Map(parents.map(({ service }) => [`${service.namespace}/${service.name}`, service]))
  return [...byName.values()]
}

/** The schema of an HTTPRoute or a GRPCRoute and its rules in CEL, as far as they are about matches and filters. */
export function routeProblems({ apiVersion, kind, spec }: KubeObject): FieldProblem[] {
  const isGrpc = kind === 'GRPCRoute'
  if (spec === undefined && !isGrpc) return [{ path: ['spec'], problem: 'spec is missing' }]
  if (isGrpc && !apiVersion.endsWith('/v1'))
    return [{ path: ['apiVersion'], problem: `there is no version ${apiVersion} of GRPCRoute since v1.2; write v1` }]
  const shape = schemaProblems(isGrpc ? grpcRouteSpec : httpRouteSpec, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const rules = listOf(fieldsOf(spec)['rules']).map(fieldsOf)
  const matches = rules.reduce((sum, rule) => sum + listOf(rule['matches']).length, 0)
  return [
    ...(matches > 128
      ? [{ path: ['spec', 'rules'], problem: `there are ${matches} matches, and 128 are allowed in a route` }]
      : []),
    ...parentProblems(fieldsOf(spec)['parentRefs']),
    ...rules.flatMap((rule, index) => ruleProblems(rule, ['spec', 'rules', index])),
  ]
}

function ruleProblems(rule: Fields, path: FieldPath): FieldProblem[] {
  const matches = listOf(rule['matches']).flatMap((match, index) =>
    matchProblems(fieldsOf(match), [...path, 'matches', index]),
  )
  const filters = listOf(rule['filters']).map(fieldsOf)
  const redirects = filters.some(({ type }) => type === 'RequestRedirect')
  const backends = listOf(rule['backendRefs'])
  return [
    ...matches,
    ...wholeRuleProblems(rule, path),
    ...filterProblems(filters, [...path, 'filters']),
    ...backends.flatMap((ref, index) => backendProblems(fieldsOf(ref), [...path, 'backendRefs', index])),
    ...(redirects && backends.length > 0
      ? [
          {
            path: [...path, 'backendRefs'],
            problem: 'RequestRedirect filter must not be used together with backendRefs',
          },
        ]
      : []),
  ]
}

/** A Service as backend needs a port. */
function backendProblems(ref: Fields, path: FieldPath): FieldProblem[] {
  const isService = (textOf(ref['group']) ?? '') === '' && (ref['kind'] ?? 'Service') === 'Service'
  const filters = filterProblems(listOf(ref['filters']).map(fieldsOf), [...path, 'filters'])
  return isService && ref['port'] === undefined
    ? [{ path, problem: 'Must have port for Service reference' }, ...filters]
    : filters
}

/** The field of a filter goes by its type, and most may be there only once. */
function filterProblems(filters: readonly Fields[], path: FieldPath): FieldProblem[] {
  const each = filters.flatMap((filter, index): FieldProblem[] => {
    const at = [...path, index]
    const type = String(filter['type'])
    const field =
      type === 'URLRewrite' ? 'urlRewrite' : type === 'CORS' ? 'cors' : `${type[0]?.toLowerCase()}${type.slice(1)}`
    const others = Object.keys(filter).filter((key) => key !== 'type' && key !== field)
    const repeated =
      type !== 'RequestMirror' && type !== 'ExtensionRef' && filters.findIndex((one) => one['type'] === type) < index
    return [
      ...(isFields(filter[field]) ? [] : [{ path: at, problem: `${field} must be specified for ${type}` }]),
      ...others.map((key) => ({ path: [...at, key], problem: `it must be left out for ${type}` })),
      ...(repeated ? [{ path: at, problem: `${type} filter cannot be repeated` }] : []),
    ]
  })
  return [...each, ...wholeFiltersProblems(filters, path)]
}

function matchProblems(match: Fields, path: FieldPath): FieldProblem[] {
  return [
    ...(isFields(match['method']) ? callProblems(match['method'], [...path, 'method']) : []),
    ...pathProblems(fieldsOf(match['path']), [...path, 'path']),
    ...['headers', 'queryParams'].flatMap((field) => {
      const conditions = listOf(match[field]).map(fieldsOf)
      return conditions.flatMap((condition, index) => {
        const at = [...path, field, index]
        const repeated = conditions.findIndex(({ name }) => name === condition['name']) < index
        return [
          ...(condition['type'] === 'RegularExpression' ? regexProblems(condition['value'], [...at, 'value']) : []),
          // Both are lists by name, of which the API server takes each once.
          ...(repeated ? [{ path: [...at, 'name'], problem: `${String(condition['name'])} is there already` }] : []),
        ]
      })
    }),
  ]
}

/** Of a GRPCRoute; the names of exact ones are those that protocol buffers have. */
function callProblems(method: Fields, path: FieldPath): FieldProblem[] {
  const parts = (['service', 'method'] as const).flatMap((part) => {
    const name = textOf(method[part]) ?? ''
    return name === '' ? [] : [{ part, name }]
  })
  if (parts.length === 0) return [{ path, problem: "One or both of 'service' or 'method' must be specified" }]
  return parts.flatMap(({ part, name }) => {
    if (method['type'] === 'RegularExpression') return regexProblems(name, [...path, part])
    const problem = callNameProblem(part, name)
    return problem === undefined ? [] : [{ path: [...path, part], problem: `${JSON.stringify(name)}: ${problem}` }]
  })
}

const badPathParts = ['//', '/./', '/../', '%2f', '%2F', '#']
const pathCharacters = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/

function pathProblems({ type = 'PathPrefix', value = '/' }: Fields, path: FieldPath): FieldProblem[] {
  const at = [...path, 'value']
  const text = textOf(value) ?? ''
  if (type === 'RegularExpression') return regexProblems(value, at)
  if (!text.startsWith('/'))
    return [{ path: at, problem: `value must be an absolute path and start with '/' when type is ${type}` }]
  const bad = badPathParts.find((part) => text.includes(part)) ?? ['/..', '/.'].find((part) => text.endsWith(part))
  if (bad !== undefined) return [{ path: at, problem: `must not contain '${bad}' when type is ${type}` }]
  return pathCharacters.test(text)
    ? []
    : [{ path: at, problem: 'it has a character that paths do not have unless encoded' }]
}

function regexProblems(value: unknown, path: FieldPath): FieldProblem[] {
  const problem = regexProblem(textOf(value) ?? '')
  return problem === undefined ? [] : [{ path, problem: `${JSON.stringify(value)} is not usable: ${problem}` }]
}
