import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf, numberOf, textOf } from '../../src/mesh/fields.ts'
import { type FieldPath, groupKind } from '../../src/mesh/object-reading.ts'
import { compareText } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { isForEveryone, readTarget, type Target } from './target.ts'

export interface HeaderCondition {
  /** In lower case. */
  readonly name: string
  readonly type: 'Exact' | 'Prefix' | 'RegularExpression' | 'Present' | 'Absent'
  readonly value: string
}

/** A match with its defaults filled in. */
export interface RouteMatch {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  readonly method: string | undefined
  readonly headers: readonly HeaderCondition[]
  readonly queryParams: readonly { readonly name: string; readonly regex: boolean; readonly value: string }[]
}

export interface BackendRef {
  /** Undefined when it is no Service. */
  readonly service: ServiceRef | undefined
  readonly port: number | undefined
  readonly weight: number
}

export interface RouteRule {
  /** Its place in the list. */
  readonly index: number
  /** Of the rule within its object. */
  readonly path: FieldPath
  readonly matches: readonly RouteMatch[]
  /** Undefined when the requests stay with the Service they were sent to. */
  readonly backends: readonly BackendRef[] | undefined
  readonly filters: readonly unknown[]
}

/** What one `to[]` of a MeshHTTPRoute says about one Service. */
export interface RouteTo {
  readonly object: KubeObject
  readonly target: Target
  /** Of `to[]` within its object. */
  readonly path: FieldPath
  readonly rules: readonly RouteRule[]
  /** Whether the callers it is for are not all of them. */
  readonly isPartial: boolean
}

/**
 * What MeshHTTPRoutes, or MeshTCPRoutes, whose rules have no conditions and no filters, say about a Service, by namespace and name. Those beside the Service are its producer's, for every
 * caller; those of other namespaces are for the callers there, or, from the system's namespace, for everyone.
 */
export function routesTo(
  service: ServiceRef,
  objects: readonly KubeObject[],
  kind: 'MeshHTTPRoute' | 'MeshTCPRoute' = 'MeshHTTPRoute',
): RouteTo[] {
  return objects
    .filter((object) => groupKind(object) === `kuma.io/${kind}`)
    .flatMap(readRoute)
    .filter(({ target }) => target.service.name === service.name && target.service.namespace === service.namespace)
    .sort((a, b) => compareText(keyOf(a), keyOf(b)))
}

/** Positions of the `to[]` of a policy that are about something else than one Service. */
export function otherTargets({ metadata, spec }: KubeObject): number[] {
  return listOf(fieldsOf(spec)['to']).flatMap((to, index) =>
    readTarget(fieldsOf(to)['targetRef'], metadata.namespace ?? 'default') === undefined ? [index] : [],
  )
}

function keyOf({ object: { metadata } }: RouteTo): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}

function readRoute(object: KubeObject): RouteTo[] {
  const spec = fieldsOf(object.spec)
  const namespace = object.metadata.namespace ?? 'default'
  return listOf(spec['to']).flatMap((to, index) => {
    const fields = fieldsOf(to)
    const target = readTarget(fields['targetRef'], namespace)
    if (target === undefined) return []
    const path = ['spec', 'to', index]
    const rules = listOf(fields['rules']).map((rule, place) => readRule(rule, place, path, namespace))
    return [{ object, target, path, rules, isPartial: !isForEveryone(spec['targetRef']) }]
  })
}

function readRule(value: unknown, index: number, to: FieldPath, namespace: string): RouteRule {
  const fields = fieldsOf(value)
  const conf = fieldsOf(fields['default'])
  const matches = listOf(fields['matches'])
  const refs = listOf(conf['backendRefs'])
  return {
    index,
    path: [...to, 'rules', index],
    matches: (matches.length === 0 ? [{}] : matches).map(readRouteMatch),
    backends: refs.length === 0 ? undefined : refs.map((ref) => readBackendRef(ref, namespace)),
    filters: listOf(conf['filters']),
  }
}

function readRouteMatch(value: unknown): RouteMatch {
  const fields = fieldsOf(value)
  const path = fieldsOf(fields['path'])
  const type = path['type'] === 'Exact' || path['type'] === 'RegularExpression' ? path['type'] : 'PathPrefix'
  return {
    path: { type, value: textOf(path['value']) ?? '/' },
    method: textOf(fields['method']),
    headers: listOf(fields['headers']).map(readHeader),
    queryParams: listOf(fields['queryParams'])
      .map(fieldsOf)
      .map((param) => ({
        name: textOf(param['name']) ?? '',
        regex: param['type'] === 'RegularExpression',
        value: textOf(param['value']) ?? '',
      })),
  }
}

const headerTypes = ['Exact', 'Prefix', 'RegularExpression', 'Present', 'Absent'] as const

function readHeader(value: unknown): HeaderCondition {
  const fields = fieldsOf(value)
  return {
    name: (textOf(fields['name']) ?? '').toLowerCase(),
    type: headerTypes.find((type) => type === fields['type']) ?? 'Exact',
    value: textOf(fields['value']) ?? '',
  }
}

/** The destination of a reference to a Service, as `backendRefs` and mirrors have it. */
export function readBackendRef(value: unknown, namespace: string): BackendRef {
  const fields = fieldsOf(value)
  const target = readTarget(fields, namespace)
  const tagged = target?.section === undefined ? undefined : Number(target.section)
  return {
    service: target?.service,
    port: numberOf(fields['port']) ?? (Number.isNaN(tagged) ? undefined : tagged),
    weight: numberOf(fields['weight']) ?? 1,
  }
}
