import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../../src/mesh/fields.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'
import {
  list,
  map,
  nonEmpty,
  type ObjectSchema,
  object,
  oneOf,
  schemaProblems,
  text,
} from '../../src/mesh/object-schema.ts'

const texts = list(text)
const selector = object({ matchLabels: map(text) })
const targetRef = object(
  { group: text, kind: nonEmpty, name: nonEmpty, namespace: text },
  { required: ['kind', 'name'] },
)
const mode = object({ mode: oneOf('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') })
const sourceFields = ['principals', 'requestPrincipals', 'namespaces', 'ipBlocks', 'remoteIpBlocks', 'serviceAccounts']
const operationFields = ['hosts', 'ports', 'methods', 'paths']

/** `spec` of an AuthorizationPolicy (istio.io/api 1.30, security/v1). */
const authorizationPolicySpec: ObjectSchema = object({
  selector,
  targetRef,
  targetRefs: list(targetRef, { max: 16 }),
  action: oneOf('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
  provider: object({ name: text }),
  rules: list(
    object({
      from: list(object({ source: object(withNegations(sourceFields)) })),
      to: list(object({ operation: object(withNegations(operationFields)) })),
      when: list(object({ key: text, values: texts, notValues: texts }, { required: ['key'] })),
    }),
  ),
})

/** `spec` of a PeerAuthentication (istio.io/api 1.30, security/v1). */
const peerAuthenticationSpec: ObjectSchema = object({ selector, mtls: mode, portLevelMtls: map(mode) })

/** The schema, then istiod's webhook (pkg/config/validation, ValidateAuthorizationPolicy). */
export function authorizationPolicyProblems({ spec }: KubeObject): FieldProblem[] {
  const shape = schemaProblems(authorizationPolicySpec, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const { action, provider, rules, selector: pods, targetRef: one, targetRefs } = fieldsOf(spec)
  const problems: FieldProblem[] = []
  if (action === 'CUSTOM' && (textOf(fieldsOf(provider)['name']) ?? '') === '')
    problems.push({ path: ['spec', 'provider'], problem: 'provider.name must be given for the action CUSTOM' })
  if (action !== 'CUSTOM' && provider !== undefined)
    problems.push({ path: ['spec', 'provider'], problem: 'it is only for the action CUSTOM' })
  if ((action === 'DENY' || action === 'CUSTOM') && rules === undefined)
    problems.push({
      path: ['spec'],
      problem: `rules must be given for the action ${String(action)}, which means nothing without`,
    })
  if (pods !== undefined && (one !== undefined || targetRefs !== undefined))
    problems.push({ path: ['spec', 'selector'], problem: 'only one of selector and targetRefs may be there' })
  for (const [index, rule] of listOf(rules).entries())
    problems.push(...ruleProblems(fieldsOf(rule), ['spec', 'rules', index]))
  return problems
}

/** Likewise (ValidatePeerAuthentication). */
export function peerAuthenticationProblems({ spec }: KubeObject): FieldProblem[] {
  const shape = schemaProblems(peerAuthenticationSpec, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const { selector: pods, portLevelMtls } = fieldsOf(spec)
  const path = ['spec', 'portLevelMtls']
  if (!isFields(portLevelMtls)) return []
  const labels = Object.keys(fieldsOf(fieldsOf(pods)['matchLabels']))
  if (Object.keys(portLevelMtls).length === 0) return [{ path, problem: 'it must have at least one port' }]
  if (labels.length === 0) return [{ path, problem: 'it is only for policies with a selector' }]
  return Object.keys(portLevelMtls).flatMap((port) =>
    isPortText(port) ? [] : [{ path: [...path, port], problem: `${port} is no port number` }],
  )
}

function ruleProblems(rule: Fields, path: FieldPath): FieldProblem[] {
  return [
    ...(['from', 'to'] as const).flatMap((field) => {
      if (rule[field] === undefined) return []
      if (listOf(rule[field]).length === 0) return [{ path: [...path, field], problem: 'it must have an entry' }]
      const inner = field === 'from' ? 'source' : 'operation'
      return listOf(rule[field]).flatMap((entry, index) =>
        partProblems(fieldsOf(entry)[inner], [...path, field, index, inner]),
      )
    }),
    ...listOf(rule['when']).flatMap((condition, index): FieldProblem[] => {
      const { key, values, notValues } = fieldsOf(condition)
      const at = [...path, 'when', index]
      if (key === '') return [{ path: [...at, 'key'], problem: 'it is empty' }]
      const isEmpty = listOf(values).length + listOf(notValues).length === 0
      return isEmpty ? [{ path: at, problem: 'at least one of values and notValues must be given' }] : []
    }),
  ]
}

/** A source or an operation says something, and each of its lists does. */
function partProblems(part: unknown, path: FieldPath): FieldProblem[] {
  const fields = fieldsOf(part)
  if (Object.keys(fields).length === 0) return [{ path, problem: 'it must say something' }]
  const accounts = listOf(fields['serviceAccounts'])
  const rivals = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'].filter((field) => field in fields)
  return [
    ...Object.entries(fields).flatMap(([field, value]): FieldProblem[] => {
      const at = [...path, field]
      if (listOf(value).length === 0) return [{ path: at, problem: 'it is empty' }]
      return listOf(value).flatMap((item, index): FieldProblem[] => {
        if (item === '') return [{ path: [...at, index], problem: 'it is empty' }]
        const isBadPort = /^(notPorts|ports)$/.test(field) && !isPortText(String(item))
        if (isBadPort) return [{ path: [...at, index], problem: `${JSON.stringify(item)} is no port number` }]
        return /aths$/.test(field) ? templateProblems(String(item), [...at, index]) : []
      })
    }),
    ...(accounts.length > 16
      ? [{ path: [...path, 'serviceAccounts'], problem: `it has ${accounts.length} entries, and 16 are allowed` }]
      : []),
    ...(accounts.length > 0 && rivals[0] !== undefined
      ? [{ path: [...path, 'serviceAccounts'], problem: `it excludes ${rivals[0]}, which is there too` }]
      : []),
    ...accounts.flatMap((account, index) =>
      String(account).includes('*')
        ? [{ path: [...path, 'serviceAccounts', index], problem: 'there are no wildcards for it' }]
        : [],
    ),
  ]
}

/** Braces are of templates alone, of which `{*}` and `{**}` are the operators. */
function templateProblems(path: string, at: FieldPath): FieldProblem[] {
  if (!/[{}]/.test(path)) return []
  const rest = path.replaceAll('{**}', '').replaceAll('{*}', '')
  return /[{}*]/.test(rest) ? [{ path: at, problem: `${JSON.stringify(path)} is no path template` }] : []
}

function withNegations(fields: readonly string[]) {
  const names = fields.flatMap((field) => [field, `not${field[0]?.toUpperCase()}${field.slice(1)}`])
  return Object.fromEntries(names.map((name) => [name, texts]))
}

function isPortText(value: string): boolean {
  return /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65_536
}
