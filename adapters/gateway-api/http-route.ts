import type { KubeObject } from '../../src/kube/object.ts'
import { readDuration } from '../../src/mesh/duration.ts'
import { fieldsOf, listOf, numberOf, otherFields, textOf, textsOf } from '../../src/mesh/fields.ts'
import { backendChanges } from '../../src/mesh/normal-backends.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import { remembered } from '../../src/mesh/remembered.ts'
import { compareText } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import type { HeaderChanges } from '../../src/mesh/treatment.ts'
import { type ReadFilters, readFilters } from './filters.ts'
import { type CallCondition, readMethod } from './grpc-route.ts'
import { type RouteRetry, readRetry } from './retry.ts'

/** The value of a header or query parameter: exact unless it is an expression. */
export interface NamedCondition {
  readonly name: string
  readonly regex: boolean
  readonly value: string
}

/** One HTTPRouteMatch with its defaults filled in, or a GRPCRouteMatch in the same words. */
export interface RouteMatch {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  readonly method: string | undefined
  readonly headers: readonly NamedCondition[]
  readonly queryParams: readonly NamedCondition[]
  /** Of a GRPCRoute: the names by which matches compete there. */
  readonly calls?: CallCondition['calls']
}

/** The number of characters by which paths compete: a slash at the end of a prefix says nothing, so it counts for nothing. */
export function pathLength({ type, value }: RouteMatch['path']): number {
  return type === 'PathPrefix' ? Math.max(1, value.replace(/\/+$/, '').length) : value.length
}

export interface BackendRef {
  /** Undefined when it is no Service. */
  readonly service: ServiceRef | undefined
  readonly port: number | undefined
  readonly weight: number
  /** Changes for this backend alone. */
  readonly requestHeaders?: HeaderChanges
  readonly responseHeaders?: HeaderChanges
  /** Types of its filters. */
  readonly filters: readonly string[]
  /** Fields besides these, `filters` if some do more than change headers. */
  readonly others: readonly string[]
}

export interface RouteRule {
  /** Its place in the list. */
  readonly index: number
  readonly name: string | undefined
  readonly matches: readonly RouteMatch[]
  readonly backends: readonly BackendRef[]
  /** Types of the filters. */
  readonly filters: readonly string[]
  readonly filtered: ReadFilters
  /** Milliseconds. */
  readonly timeouts: { readonly request?: number; readonly backendRequest?: number }
  readonly retry: RouteRetry | undefined
  /** Fields besides these, such as `sessionPersistence`. */
  readonly others: readonly string[]
}

/** An HTTPRoute of v1 or v1beta1, whose fields are the same, or a GRPCRoute of v1, which has a part of them. */
export interface HttpRoute {
  readonly kind: 'HTTPRoute' | 'GRPCRoute'
  readonly object: KubeObject
  readonly name: string
  readonly namespace: string
  readonly created: string
  readonly annotations: Readonly<Record<string, string>>
  /** The Services among the parents. */
  readonly parents: readonly ParentRef[]
  /** Positions of the others. */
  readonly otherParents: readonly number[]
  readonly rules: readonly RouteRule[]
  /** Host names, in the order given; the mesh profile recommends to ignore them. */
  readonly hostnames: readonly string[]
  /** Fields of `spec` besides these, host names among them. */
  readonly others: readonly string[]
}

/** A Service a route is attached to; all of its ports unless one is named. */
export interface ParentRef {
  readonly service: ServiceRef
  readonly port: number | undefined
}

const routeKinds: ReadonlyMap<string, HttpRoute['kind']> = new Map([
  ['gateway.networking.k8s.io/HTTPRoute', 'HTTPRoute'],
  ['gateway.networking.k8s.io/GRPCRoute', 'GRPCRoute'],
] as const)

/**
 * The routes among some objects that are attached to a Service from its own namespace or that of the client, in the order in
 * which equal matches count: the older first, then by name. Routes of other namespaces reach the clients there only (GEP-1294).
 */
export function routesOf(service: ServiceRef, objects: readonly KubeObject[], client = service.namespace): HttpRoute[] {
  return objects
    .flatMap((object) => readRoute(object) ?? [])
    .filter(
      ({ namespace, parents }) =>
        (namespace === service.namespace || namespace === client) &&
        parents.some((parent) => isParent(parent, service)),
    )
    .sort((a, b) => compareText(`${a.created} ${a.namespace}/${a.name}`, `${b.created} ${b.namespace}/${b.name}`))
}

/** Of the routes of one port of a Service those that count: GRPCRoutes take the place of HTTPRoutes (GEP-1294, Route types). */
export function mostSpecificKind(routes: readonly HttpRoute[]): readonly HttpRoute[] {
  const grpc = routes.filter(({ kind }) => kind === 'GRPCRoute')
  return grpc.length > 0 ? grpc : routes
}

/** Routes of other namespaces that are attached to a Service: their clients alone follow them. */
export function consumerRoutesOf(service: ServiceRef, objects: readonly KubeObject[]): HttpRoute[] {
  const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace ?? 'default'))
  namespaces.delete(service.namespace)
  return [...namespaces].flatMap((namespace) =>
    routesOf(service, objects, namespace).filter((route) => route.namespace === namespace),
  )
}

/** Whether a route speaks about one port of a Service. */
export function isAttached(route: HttpRoute, service: ServiceRef, port: number): boolean {
  return route.parents.some(
    (parent) => isParent(parent, service) && (parent.port === undefined || parent.port === port),
  )
}

/** Whether a parent is this Service. */
export function isParent(parent: ParentRef, service: ServiceRef): boolean {
  return parent.service.name === service.name && parent.service.namespace === service.namespace
}

/** Of every request and every Service that is asked about. */
const readRoute = remembered((object: KubeObject): HttpRoute | undefined => {
  const kind = routeKinds.get(groupKind(object))
  if (kind === undefined) return undefined
  const { metadata, spec } = object
  const namespace = metadata.namespace ?? 'default'
  const fields = fieldsOf(spec)
  return {
    kind,
    object,
    name: metadata.name,
    namespace,
    // An object without a time is not stored yet, so it is younger than those that are.
    created: metadata.creationTimestamp ?? '~',
    annotations: metadata.annotations ?? {},
    parents: readParents(fields['parentRefs'], namespace),
    otherParents: listOf(fields['parentRefs']).flatMap((ref, index) =>
      readParents([ref], namespace).length === 0 ? [index] : [],
    ),
    hostnames: textsOf(fields['hostnames']),
    others: otherFields(fields, ['parentRefs', 'rules']),
    rules: readRules(fields['rules'], kind).map((rule, index) => readRule(rule, index, { kind, namespace })),
  }
})

/** The CustomResourceDefinition gives an HTTPRoute without rules one for every request. */
function readRules(rules: unknown, kind: HttpRoute['kind']): readonly unknown[] {
  return kind === 'HTTPRoute' && (rules === undefined || rules === null) ? [{}] : listOf(rules)
}

/** The Services among the parents. */
export function readParents(value: unknown, namespace: string): ParentRef[] {
  return listOf(value).flatMap((entry) => {
    const { group, kind, name, namespace: owner, port } = fieldsOf(entry)
    if ((group !== '' && group !== 'core') || kind !== 'Service' || typeof name !== 'string') return []
    return [{ service: { namespace: textOf(owner) ?? namespace, name }, port: numberOf(port) }]
  })
}

function readRule(
  value: unknown,
  index: number,
  { kind, namespace }: Pick<HttpRoute, 'kind' | 'namespace'>,
): RouteRule {
  const fields = fieldsOf(value)
  const matches = listOf(fields['matches'])
  const filters = listOf(fields['filters']).map(fieldsOf)
  const timeouts = fieldsOf(fields['timeouts'])
  const request = readDuration(timeouts['request'])
  const backendRequest = readDuration(timeouts['backendRequest'])
  return {
    index,
    name: textOf(fields['name']),
    matches: (matches.length === 0 ? [{}] : matches).map(kind === 'GRPCRoute' ? readCallMatch : readRouteMatch),
    backends: listOf(fields['backendRefs']).map((ref) => readBackendRef(ref, namespace)),
    filters: filters.map(({ type }) => String(type)),
    filtered: readFilters(filters, namespace),
    timeouts: { ...(request !== undefined && { request }), ...(backendRequest !== undefined && { backendRequest }) },
    retry: readRetry(fields['retry']),
    others: otherFields(fields, ['name', 'matches', 'backendRefs', 'filters', 'timeouts', 'retry']),
  }
}

/** One HTTPRouteMatch of an object. */
export function readRouteMatch(value: unknown): RouteMatch {
  const fields = fieldsOf(value)
  const path = fieldsOf(fields['path'])
  const type = path['type'] === 'Exact' || path['type'] === 'RegularExpression' ? path['type'] : 'PathPrefix'
  return {
    path: { type, value: textOf(path['value']) ?? '/' },
    method: textOf(fields['method']),
    headers: readConditions(fields['headers'], (name) => name.toLowerCase()),
    queryParams: readConditions(fields['queryParams'], (name) => name),
  }
}

/** Every request is a POST there, and none has a query. */
function readCallMatch(value: unknown): RouteMatch {
  const { method, headers } = fieldsOf(value)
  return {
    ...readMethod(method),
    method: undefined,
    headers: readConditions(headers, (name) => name.toLowerCase()),
    queryParams: [],
  }
}

/** Of several conditions on one name only the first counts. */
function readConditions(value: unknown, canonical: (name: string) => string): NamedCondition[] {
  const byName = new Map<string, NamedCondition>()
  for (const entry of listOf(value)) {
    const fields = fieldsOf(entry)
    const name = canonical(textOf(fields['name']) ?? '')
    const condition = { name, regex: fields['type'] === 'RegularExpression', value: textOf(fields['value']) ?? '' }
    if (!byName.has(name)) byName.set(name, condition)
  }
  return [...byName.values()]
}

const headerFilters: readonly string[] = ['RequestHeaderModifier', 'ResponseHeaderModifier']

/** One backend, of whatever kind of route. */
export function readBackendRef(value: unknown, namespace: string): BackendRef {
  const fields = fieldsOf(value)
  const { group, kind, name, namespace: owner, port, weight } = fields
  const filters = listOf(fields['filters']).map(fieldsOf)
  const isService =
    (group === undefined || group === '' || group === 'core') && (kind === undefined || kind === 'Service')
  return {
    service: isService && typeof name === 'string' ? { namespace: textOf(owner) ?? namespace, name } : undefined,
    port: numberOf(port),
    weight: numberOf(weight) ?? 1,
    ...backendChanges(readFilters(filters, namespace).treatment),
    filters: filters.map((filter) => String(filter['type'])),
    others: [
      ...(filters.some((filter) => !headerFilters.includes(String(filter['type']))) ? ['filters'] : []),
      ...otherFields(fields, ['group', 'kind', 'name', 'namespace', 'port', 'weight', 'filters']),
    ],
  }
}
