import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { AccessGrant, Labels, ServiceAccountRef, WorkloadAccess } from '../../src/mesh/access.ts'
import type { ObservedAccess } from '../../src/mesh/access-adapter.ts'
import { type Fields, fieldsOf, listOf, otherFields, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from '../../src/mesh/match.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import { quoteRegex } from '../../src/mesh/regex.ts'
import { byAccount, destinationKey, type WorkloadDirectory } from '../../src/mesh/workloads.ts'

export const authorizationPolicy = 'security.istio.io/AuthorizationPolicy'
/** Where policies without a selector are about the whole mesh, unless meshConfig.rootNamespace says otherwise. */
export const rootNamespace = 'istio-system'

/** What a policy names in place of pods: a Service, or a Gateway. Sidecars take no notice of such a policy. */
export function targetsOf({ spec }: KubeObject): Fields[] {
  const { targetRef, targetRefs } = fieldsOf(spec)
  const all = listOf(targetRefs)
  return (all.length === 0 && targetRef !== undefined ? [targetRef] : all).map(fieldsOf)
}

/** Whether a policy is only tried: what it would refuse is counted and let in (istio.io/dry-run, experimental). */
export function isDryRun({ metadata }: KubeObject): boolean {
  return /^(1|t|true)$/i.test(metadata.annotations?.[dryRun] ?? '')
}

const dryRun = 'istio.io/dry-run'

type Foreign = (what: string, path: FieldPath) => void

/** Reads AuthorizationPolicies, whoever wrote them; what is not an ALLOW of ServiceAccounts is among the problems. */
export function observeAccess(objects: readonly KubeObject[], workloads: WorkloadDirectory): ObservedAccess {
  const problems: ObjectProblem[] = []
  const byDestination = new Map<string, WorkloadAccess>()
  for (const object of objects.filter((one) => groupKind(one) === authorizationPolicy)) {
    const read = readPolicy(object, problems)
    if (read === undefined) continue
    const key = destinationKey(read.destination)
    const known = byDestination.get(key)
    byDestination.set(key, known === undefined ? read : both(known, read))
  }
  return { accesses: byAccount([...byDestination.values()], workloads), problems }
}

/** Two policies about the same: what either lets in is let in, so that only ports that both leave alone are left alone. */
export function both(a: WorkloadAccess, b: WorkloadAccess): WorkloadAccess {
  const { ports: _, ...rest } = a
  const ports = a.ports && b.ports ? a.ports.filter((port) => b.ports?.includes(port)) : undefined
  return { ...rest, ...(ports && { ports }), grants: [...a.grants, ...b.grants] }
}

/** One policy about the pods that its `subject` names; undefined, with problems, where not all of it can be read. */
export function readPolicy(
  object: KubeObject,
  problems: ObjectProblem[],
  subject: readonly string[] = ['selector'],
): WorkloadAccess | undefined {
  const { name, namespace = 'default' } = object.metadata
  const before = problems.length
  const foreign: Foreign = (what, path) => {
    const facts = { object: `AuthorizationPolicy ${namespace}/${name}`, what }
    problems.push({ ...diagnostic('AP2121', facts), place: { object, path } })
  }
  const spec = fieldsOf(object.spec)
  const { action = 'ALLOW' } = spec
  if (action !== 'ALLOW') foreign(`the action ${String(action)}`, ['spec', 'action'])
  for (const field of otherFields(spec, [...subject, 'action', 'rules'])) foreign(field, ['spec', field])
  if (isDryRun(object)) foreign(`the annotation ${dryRun}`, ['metadata', 'annotations', dryRun])
  const labels = readSelector(spec['selector'])
  if (namespace === rootNamespace && Object.keys(labels).length === 0)
    foreign('a policy for the whole mesh', ['metadata', 'namespace'])
  const grants: AccessGrant[] = []
  const open: number[][] = []
  for (const [index, rule] of listOf(spec['rules']).entries()) {
    const others = onlyNotPorts(rule)
    if (others === undefined) grants.push(...readRule(rule, ['spec', 'rules', index], foreign))
    else open.push(others)
  }
  if (problems.length > before) return undefined
  // A rule that lets everybody in on all other ports leaves them as they would be without a policy.
  const ports =
    open.length === 0 ? undefined : (open[0] ?? []).filter((port) => open.every((one) => one.includes(port)))
  return { destination: { namespace, labels }, ...(ports && { ports }), grants }
}

export function readSelector(selector: unknown): Labels {
  return Object.fromEntries(
    Object.entries(fieldsOf(fieldsOf(selector)['matchLabels'])).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

/** The ports of `to: [{operation: {notPorts}}]`, where a rule says no more than that. */
function onlyNotPorts(rule: unknown): number[] | undefined {
  const fields = fieldsOf(rule)
  const [to, ...more] = listOf(fields['to'])
  const operation = fieldsOf(fieldsOf(to)['operation'])
  const ports = textsOf(operation['notPorts'])
  if (more.length > 0 || ports.length === 0 || otherFields(fields, ['to']).length > 0) return undefined
  return otherFields(operation, ['notPorts']).length > 0 ? undefined : ports.map(Number)
}

function readRule(rule: unknown, path: FieldPath, foreign: Foreign): AccessGrant[] {
  const fields = fieldsOf(rule)
  for (const field of otherFields(fields, ['from', 'to', 'when'])) foreign(field, [...path, field])
  const sources = readSources(fields['from'], path, foreign)
  const headers = readConditions(fields['when'], path, foreign)
  const operations = 'to' in fields ? readOperations(fields['to'], [...path, 'to'], foreign) : [{}]
  return operations.map(({ ports, methods, paths }): AccessGrant => {
    const plain = (paths ?? [undefined]).map(
      (one): HttpMatch => ({ ...(one && { path: one }), ...(methods && { methods }) }),
    )
    const matches = plain.flatMap((match) =>
      headers.map((own) => ({ ...match, ...(own.length > 0 && { headers: own }) })),
    )
    const isHttp = paths !== undefined || methods !== undefined || headers.some((own) => own.length > 0)
    return { name: 'rule', sources, ...(ports && { ports }), ...(isHttp && { matches }) }
  })
}

/** A rule without `from` is for anybody, with or without an identity. */
function readSources(from: unknown, path: FieldPath, foreign: Foreign): ServiceAccountRef[] {
  if (listOf(from).length === 0) {
    foreign('a rule for everybody', path)
    return []
  }
  return listOf(from).flatMap((entry, index) => {
    const at = [...path, 'from', index, 'source']
    const source = fieldsOf(fieldsOf(entry)['source'])
    for (const field of otherFields(source, ['serviceAccounts', 'principals']))
      foreign(`from.source.${field}`, [...at, field])
    const accounts = textsOf(source['serviceAccounts']).flatMap((text, place) =>
      account(/^([^/*]+)\/([^/*]+)$/, text, [...at, 'serviceAccounts', place], foreign),
    )
    const principals = textsOf(source['principals']).flatMap((text, place) =>
      account(/^[^/*]+\/ns\/([^/*]+)\/sa\/([^/*]+)$/, text, [...at, 'principals', place], foreign),
    )
    if (Object.keys(source).length === 0) foreign('a source that is anybody', at)
    return [...accounts, ...principals]
  })
}

function account(pattern: RegExp, text: string, path: FieldPath, foreign: Foreign): ServiceAccountRef[] {
  const [, namespace, name] = pattern.exec(text) ?? []
  if (namespace !== undefined && name !== undefined) return [{ namespace, name }]
  foreign(`the source ${text}`, path)
  return []
}

interface Operation {
  readonly ports?: readonly number[]
  readonly methods?: readonly string[]
  readonly paths?: readonly (PathMatch | undefined)[]
}

function readOperations(to: unknown, path: FieldPath, foreign: Foreign): Operation[] {
  return listOf(to).map((entry, index) => {
    const at = [...path, index, 'operation']
    const operation = fieldsOf(fieldsOf(entry)['operation'])
    for (const field of otherFields(operation, ['ports', 'methods', 'paths']))
      foreign(`to.operation.${field}`, [...at, field])
    const ports = textsOf(operation['ports']).map(Number)
    const methods = textsOf(operation['methods'])
    const paths = textsOf(operation['paths'])
    for (const [place, method] of methods.entries())
      if (method.includes('*')) foreign(`the method ${method}`, [...at, 'methods', place])
    return {
      ...(ports.length > 0 && { ports }),
      ...(methods.length > 0 && { methods }),
      ...(paths.length > 0 && { paths: paths.map((one, place) => readPath(one, [...at, 'paths', place], foreign)) }),
    }
  })
}

/** `/a*`, `*a`, `*`, a template with `{*}`, or a path as it is. */
function readPath(text: string, path: FieldPath, foreign: Foreign): PathMatch | undefined {
  if (text === '*') return undefined
  if (text.includes('{')) {
    const segments = text.slice(1).split('/')
    if (text.startsWith('/') && segments.every((segment) => segment === '{*}' || !/[{}*]/.test(segment)))
      return { regex: `/${segments.map((one) => (one === '{*}' ? '[^/]+' : quoteRegex(one))).join('/')}` }
    foreign(`the path template ${text}`, path)
    return undefined
  }
  if (text.endsWith('*')) return { prefixString: text.slice(0, -1) }
  return text.startsWith('*') ? { regex: `.*${quoteRegex(text.slice(1))}` } : { exact: text }
}

/** The headers that have to hold, one list for each way in which they may: values of one condition are alternatives. */
function readConditions(when: unknown, path: FieldPath, foreign: Foreign): HeaderMatch[][] {
  return listOf(when).reduce<HeaderMatch[][]>(
    (ways, condition, index) => {
      const alternatives = readCondition(condition, [...path, 'when', index], foreign)
      return ways.flatMap((way) => alternatives.map((header) => [...way, header]))
    },
    [[]],
  )
}

function readCondition(condition: unknown, path: FieldPath, foreign: Foreign): HeaderMatch[] {
  const fields = fieldsOf(condition)
  const key = textOf(fields['key']) ?? ''
  const name = /^request\.headers\[(.+)\]$/.exec(key)?.[1]
  const values = textsOf(fields['values'])
  const notValues = textsOf(fields['notValues'])
  if (name === undefined) foreign(`the condition ${key}`, [...path, 'key'])
  else if (notValues.length === 1 && notValues[0] === '*' && values.length === 0) return [{ name, absent: true }]
  else if (notValues.length > 0) foreign(`when.notValues`, [...path, 'notValues'])
  if (name === undefined) return []
  return values.map((value): HeaderMatch => {
    if (value === '*') return { name, present: true }
    if (value.endsWith('*')) return { name, prefix: value.slice(0, -1) }
    return value.startsWith('*') ? { name, regex: `.*${quoteRegex(value.slice(1))}` } : { name, exact: value }
  })
}
