import type { KubeObject } from '../../src/kube/object.ts'
import { selects } from '../../src/mesh/access.ts'
import type { AccessCall } from '../../src/mesh/access-decision.ts'
import { type Fields, fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { authorizationPolicy, isDryRun, readSelector, rootNamespace, targetsOf } from './access-reading.ts'

/** Whether the sidecar of the called pod lets a call in. */
export function decideCall(call: AccessCall, objects: readonly KubeObject[]): boolean | undefined {
  return decideByPolicies(
    call,
    objects.filter((one) => isForPod(one, call.pod)),
  )
}

/** Whether an AuthorizationPolicy is for the proxy of a pod: those with `targetRefs` are not (ShouldAttachPolicy in pilot/pkg/model). */
export function isForPod(object: KubeObject, pod: AccessCall['pod']): boolean {
  if (groupKind(object) !== authorizationPolicy || targetsOf(object).length > 0) return false
  const { namespace = 'default' } = object.metadata
  return (
    [pod.namespace, rootNamespace].includes(namespace) &&
    selects(readSelector(fieldsOf(object.spec)['selector']), pod.labels)
  )
}

/**
 * What some AuthorizationPolicies make of a call (pilot/pkg/security/authz): what a DENY takes is refused, otherwise what an
 * ALLOW takes is let in, and as soon as there is an ALLOW everything else is refused. One on trial refuses nothing.
 */
export function decideByPolicies(call: AccessCall, objects: readonly KubeObject[]): boolean | undefined {
  const policies = objects.filter((one) => !isDryRun(one)).map(({ spec }) => fieldsOf(spec))
  const takes = (action: string) =>
    policies
      .filter((spec) => (spec['action'] ?? 'ALLOW') === action)
      .some((spec) =>
        listOf(spec['rules'])
          .map(fieldsOf)
          .some((rule) => ruleHolds(rule, call, action)),
      )
  if (policies.length === 0) return undefined
  if (takes('DENY')) return false
  return policies.every(({ action = 'ALLOW' }) => action !== 'ALLOW') || takes('ALLOW')
}

/** One of the sources, one of the operations and all of the conditions; a list that is not there holds. */
function ruleHolds({ from, to, when }: Fields, call: AccessCall, action: string): boolean {
  const sources = listOf(from).map((entry) => fieldsOf(fieldsOf(entry)['source']))
  const operations = listOf(to).map((entry) => fieldsOf(fieldsOf(entry)['operation']))
  return (
    (sources.length === 0 || sources.some((source) => sourceHolds(source, call))) &&
    (operations.length === 0 || operations.some((operation) => operationHolds(operation, call, action))) &&
    listOf(when)
      .map(fieldsOf)
      .every((condition) => conditionHolds(condition, call, action))
  )
}

function sourceHolds(source: Fields, { source: { namespace, name } }: AccessCall): boolean {
  const isAccount = textsOf(source['serviceAccounts']).includes(`${namespace}/${name}`)
  const isPrincipal = textsOf(source['principals']).some(
    (principal) => principal === '*' || principal.endsWith(`/ns/${namespace}/sa/${name}`),
  )
  const isSaid = 'serviceAccounts' in source || 'principals' in source
  return isSaid && (!('serviceAccounts' in source) || isAccount) && (!('principals' in source) || isPrincipal)
}

/** What is about HTTP holds of no other connection where it would let in, and is left out where it would refuse. */
function operationHolds(operation: Fields, { port, request }: AccessCall, action: string): boolean {
  const { ports, notPorts, methods, paths } = operation
  if (ports !== undefined && !textsOf(ports).includes(String(port))) return false
  if (textsOf(notPorts).includes(String(port))) return false
  if (methods === undefined && paths === undefined) return true
  if (request === undefined) return action === 'DENY'
  return (
    (methods === undefined || textsOf(methods).some((text) => valueHolds(text, request.method))) &&
    (paths === undefined || textsOf(paths).some((text) => pathHolds(text, request.path)))
  )
}

function conditionHolds(condition: Fields, { request }: AccessCall, action: string): boolean {
  const name = /^request\.headers\[(.+)\]$/.exec(textOf(condition['key']) ?? '')?.[1]?.toLowerCase()
  if (name === undefined) return false
  if (request === undefined) return action === 'DENY'
  const value = request.headers[name]
  const isOne = (texts: unknown) => value !== undefined && textsOf(texts).some((text) => valueHolds(text, value))
  return (condition['values'] === undefined || isOne(condition['values'])) && !isOne(condition['notValues'])
}

/** `*` at one end of a text, or alone, stands for anything (pilot/pkg/security/authz/matcher). */
function valueHolds(text: string, value: string): boolean {
  if (text === '*') return true
  if (text.startsWith('*')) return value.endsWith(text.slice(1))
  return text.endsWith('*') ? value.startsWith(text.slice(0, -1)) : value === text
}

/** With braces it is a template (Envoy's URI template): `{*}` is one segment, which is not empty. */
function pathHolds(text: string, path: string): boolean {
  if (!text.includes('{')) return valueHolds(text, path)
  const [wanted, there] = [text, path].map((one) => one.split('/'))
  if (wanted === undefined || wanted.length !== there?.length) return false
  return wanted.every((segment, index) => (segment === '{*}' ? there[index] !== '' : segment === there[index]))
}
