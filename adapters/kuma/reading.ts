import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import { type FieldPath, type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { schemaProblems } from '../../src/mesh/object-schema.ts'
import { regexProblem } from '../../src/mesh/regex.ts'
import { faultInjection } from './fault-injection.ts'
import { otherTargets } from './mesh-http-route.ts'
import { policyTargets } from './policies.ts'
import { specs } from './schema.ts'
import { isServicePolicy, servicePolicyKinds } from './service-policy.ts'

const routing = ['kuma.io/MeshHTTPRoute', 'kuma.io/MeshTCPRoute', 'kuma.io/MeshTimeout', 'kuma.io/MeshRetry']
/** Policies about the pods that are called. */
const podPolicies = ['kuma.io/MeshTrafficPermission', 'kuma.io/MeshTLS', 'kuma.io/MeshRateLimit']

export const kumaReading: ObjectReading = {
  follows: [...routing, faultInjection],
  unmodelled: ['kuma.io/MeshProxyPatch'],
  translates: routing,
  accompanies: servicePolicyKinds.map((kind) => `kuma.io/${kind}`),
  apexes: (object) => (routing.includes(groupKind(object)) ? policyTargets(object) : []),
  isPolicy: (object) => podPolicies.includes(groupKind(object)),
  governs: (object) => (isServicePolicy(object) ? policyTargets(object) : []),
  unread: unreadTargets,
  versions: Object.fromEntries(Object.keys(specs).map((kind) => [`kuma.io/${kind}`, ['v1alpha1']])),
  validate: problemsOf,
}

/** What a policy says of other things than Services, and about the proxies of the pods that are called. */
function unreadTargets(object: KubeObject): FieldPath[] {
  if (!isServicePolicy(object)) return []
  const spec = fieldsOf(object.spec)
  return [
    ...otherTargets(object).map((index) => ['spec', 'to', index]),
    ...['from', 'rules'].filter((field) => field in spec).map((field) => ['spec', field]),
  ]
}

/** What the schema refuses, and what Kuma's webhook says of paths, filters, expressions and shares. */
function problemsOf({ kind, spec }: KubeObject): FieldProblem[] {
  const schema = specs[kind]
  const shape = schema === undefined ? [] : schemaProblems(schema, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  if (kind === 'MeshFaultInjection') return shareProblems(spec)
  if (kind !== 'MeshHTTPRoute') return []
  return listOf(fieldsOf(spec)['to']).flatMap((to, index) =>
    listOf(fieldsOf(to)['rules']).flatMap((rule, place) =>
      ruleProblems(fieldsOf(rule), ['spec', 'to', index, 'rules', place]),
    ),
  )
}

function ruleProblems(rule: Fields, path: FieldPath): FieldProblem[] {
  const matches = listOf(rule['matches']).map(fieldsOf)
  const filters = listOf(fieldsOf(rule['default'])['filters']).map(fieldsOf)
  return [
    ...matches.flatMap((match, index) => matchProblems(match, [...path, 'matches', index])),
    ...filters.flatMap((filter, index) => filterProblems(filter, [...path, 'default', 'filters', index])),
  ]
}

/** Shares are numbers, or texts of numbers. */
function shareProblems(spec: unknown): FieldProblem[] {
  return ['rules', 'from', 'to'].flatMap((list) =>
    listOf(fieldsOf(spec)[list]).flatMap((entry, index) =>
      listOf(fieldsOf(fieldsOf(entry)['default'])['http']).flatMap((faults, place) =>
        Object.entries(fieldsOf(faults)).flatMap(([fault, value]) => {
          const share = Number(fieldsOf(value)['percentage'])
          if (share >= 0 && share <= 100) return []
          const path = ['spec', list, index, 'default', 'http', place, fault, 'percentage']
          return [{ path, problem: 'it must be a number from 0 to 100' }]
        }),
      ),
    ),
  )
}

function matchProblems(match: Fields, path: FieldPath): FieldProblem[] {
  const { type, value } = fieldsOf(match['path'])
  const isSlashed = type === 'PathPrefix' && textOf(value) !== '/' && textOf(value)?.endsWith('/') === true
  const isRelative = isFields(match['path']) && type !== 'RegularExpression' && !textOf(value)?.startsWith('/')
  return [
    ...(isSlashed
      ? [{ path: [...path, 'path', 'value'], problem: 'a prefix goes by segments and needs no slash at its end' }]
      : []),
    ...(isRelative ? [{ path: [...path, 'path', 'value'], problem: 'it must be an absolute path' }] : []),
    ...expressionProblems(fieldsOf(match['path']), [...path, 'path', 'value']),
    ...['headers', 'queryParams'].flatMap((field) =>
      listOf(match[field]).flatMap((condition, index) =>
        expressionProblems(fieldsOf(condition), [...path, field, index, 'value']),
      ),
    ),
  ]
}

function expressionProblems({ type, value }: Fields, path: FieldPath): FieldProblem[] {
  const problem = type === 'RegularExpression' ? regexProblem(textOf(value) ?? '') : undefined
  return problem === undefined ? [] : [{ path, problem: `${JSON.stringify(value)} is not usable: ${problem}` }]
}

/** The field of a filter goes by its type. */
function filterProblems(filter: Fields, path: FieldPath): FieldProblem[] {
  const type = String(filter['type'])
  const field = type === 'URLRewrite' ? 'urlRewrite' : `${type[0]?.toLowerCase()}${type.slice(1)}`
  const others = Object.keys(filter).filter((key) => key !== 'type' && key !== field)
  const { percentage } = fieldsOf(filter['requestMirror'])
  const share = percentage === undefined || percentage === null ? 100 : Number(percentage)
  return [
    ...(isFields(filter[field]) ? [] : [{ path, problem: `${field} must be specified for ${type}` }]),
    ...others.map((key) => ({ path: [...path, key], problem: `it must be left out for ${type}` })),
    ...(share >= 0 && share <= 100
      ? []
      : [{ path: [...path, 'requestMirror', 'percentage'], problem: 'it must be a number from 0 to 100' }]),
  ]
}
