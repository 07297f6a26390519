import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { cookiePattern } from '../../src/mesh/cookie-pattern.ts'
import { withFaultBackends, withFaults } from '../../src/mesh/fault-backend.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../../src/mesh/match.ts'
import { backendChanges } from '../../src/mesh/normal-backends.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { alwaysHolds } from '../../src/mesh/normal-match.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'
import { anchored, quoteRegex } from '../../src/mesh/regex.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { inFollowedOrder } from '../../src/mesh/rule-order.ts'
import { serviceName, spokenOn } from '../../src/mesh/service.ts'
import { spokenTraffic } from '../../src/mesh/spoken-rules.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { isRetryCondition, type Treatment } from '../../src/mesh/treatment.ts'
import { otherAnnotations, readAnnotations } from '../linkerd/annotations.ts'
import { observeConnections } from './connections.ts'
import type { RouteDialect } from './dialect.ts'
import { writeFilters } from './filters.ts'
import { writeMethod } from './grpc-route.ts'
import {
  consumerRoutesOf,
  type HttpRoute,
  isAttached,
  mostSpecificKind,
  type NamedCondition,
  type RouteMatch,
  type RouteRule,
  routesOf,
} from './http-route.ts'
import { writeAttempts } from './retry.ts'
import { routeName } from './route-name.ts'

/** GRPCRoutes are Standard since v1.1 of the Gateway API, in this version only. */
const grpcVersion = 'gateway.networking.k8s.io/v1'

type HeadersOf = Pick<WeightedBackend, 'requestHeaders' | 'responseHeaders'>

/**
 * One HTTPRoute per port that speaks HTTP, or one GRPCRoute where the port speaks gRPC, named `<apex>-<port>`, attached to the Service. Aborts are
 * backends. Fields of the Standard channel since v1.1 only, but for what `attempts` writes of timeouts and retries: Linkerd ignores
 * objects with younger ones, rule names among them.
 */
export function translate(
  traffic: ServiceTraffic,
  apiVersion: string,
  attempts: (treatment: Treatment) => object = writeAttempts,
): KubeObject[] {
  const spoken = spokenTraffic(withFaultBackends(traffic)).ports
  const ports = spoken.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'tls')
  const [calls, requests] = [true, false].map((isGrpc) =>
    ports.filter(({ protocol }) => (protocol === 'grpc') === isGrpc),
  )
  return [
    ...(requests ?? []).map((port) => writeRoute(port, traffic.service, { apiVersion, kind: 'HTTPRoute', attempts })),
    ...(calls ?? []).map((port) =>
      writeRoute(port, traffic.service, { apiVersion: grpcVersion, kind: 'GRPCRoute', attempts: () => ({}) }),
    ),
  ]
}

interface RouteForm {
  readonly apiVersion: string
  readonly kind: HttpRoute['kind']
  /** The fields of a rule for its timeout and retries. */
  readonly attempts: (treatment: Treatment) => object
}

function writeRoute(
  { port, rules }: PortTraffic,
  apex: ServiceRef,
  { apiVersion, kind, attempts }: RouteForm,
): KubeObject {
  const { namespace, name } = apex
  return {
    apiVersion,
    kind,
    metadata: { name: routeName(apex, port), namespace },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name, port }],
      rules: rules.map((rule) => {
        const { matches, backends, redirect } = rule
        const filters = writeFilters(rule, namespace)
        return {
          ...(matches.length > 0 && { matches: matches.flatMap(kind === 'HTTPRoute' ? routeMatches : callMatch) }),
          ...(filters.length > 0 && { filters }),
          ...(redirect === undefined && {
            backendRefs: backends.map(({ service, port: backendPort, weight, ...changes }) => ({
              name: service.name,
              ...(service.namespace !== namespace && { namespace: service.namespace }),
              port: backendPort,
              weight,
              ...backendFilters(changes, namespace),
            })),
          }),
          ...attempts(normalTreatment(rule)),
        }
      }),
    },
  }
}

function backendFilters({ requestHeaders, responseHeaders }: HeadersOf, namespace: string): object {
  const filters = writeFilters(
    { ...(requestHeaders && { requestHeaders }), ...(responseHeaders && { responseHeaders }) },
    namespace,
  )
  return filters.length === 0 ? {} : { filters }
}

/** Reads all routes of the apex, whoever wrote them, in the order in which the mesh follows them. */
export function observe(
  objects: readonly KubeObject[],
  apex: ServiceRef,
  services: ServiceDirectory,
  dialect: RouteDialect,
): ObservedTraffic {
  const routes = routesOf(apex, objects)
  const problems: ObjectProblem[] = []
  for (const route of routes) {
    const foreign = reporter(route, problems)
    if (!dialect.follows(route)) foreign('a filter for which the mesh drops the whole route', ['rules'], true)
    for (const field of route.others) foreign(field, [field])
    for (const name of otherAnnotations(route))
      problems.push({
        ...diagnostic('AP2121', { object: nameOf(route), what: `the annotation ${name}` }),
        place: { object: route.object, path: ['metadata', 'annotations', name] },
      })
    for (const index of route.otherParents) foreign('a parent that is no Service', ['parentRefs', index])
  }
  for (const route of consumerRoutesOf(apex, objects))
    reporter(route, problems)('a parent in another namespace', ['parentRefs'])
  const followed = routes.filter((route) => dialect.follows(route))
  const parentPorts = followed.flatMap(({ parents }) => parents.flatMap(({ port }) => port ?? []))
  const ports = [...new Set([...(services.ports(apex) ?? []), ...parentPorts])]
  const http = ports
    .filter((port) => spokenOn(apex, port, services) === undefined)
    .map((port) => observePort(port, apex, followed, dialect, problems))
  const httpPorts = http.filter(({ rules }) => rules.length > 0).map(({ port }) => port)
  const connections = observeConnections(objects, apex, services, dialect, httpPorts)
  problems.push(...connections.problems)
  const traffic = normalForm(withFaults({ service: apex, ports: [...http, ...connections.ports] }))
  return { traffic: traffic.ports.length === 0 ? undefined : traffic, problems: distinct(problems) }
}

/** One match per method, as the Gateway API has one method in a match. */
export function routeMatches({ path, methods, queryParams = [], ...rest }: HttpMatch): object[] {
  const conditions = {
    ...(path && { path: pathMatch(path) }),
    ...headerMatches(rest),
    ...(queryParams.length > 0 && { queryParams: queryParams.map(valueMatch) }),
  }
  return methods === undefined ? [conditions] : methods.map((method) => ({ ...conditions, method }))
}

/** A match in terms of gRPC. */
function callMatch(match: HttpMatch): object {
  return { ...writeMethod(match), ...headerMatches(match) }
}

function headerMatches({ headers = [], cookies = [] }: HttpMatch): object {
  const written = [...headers.map(headerMatch), ...cookies.map((cookie) => regexMatch('cookie', cookiePattern(cookie)))]
  return written.length === 0 ? {} : { headers: written }
}

function pathMatch(path: PathMatch): object {
  if ('exact' in path) return { type: 'Exact', value: path.exact }
  // A final slash means nothing to a prefix, but its length would count when matches compete.
  if ('prefixPath' in path) return { type: 'PathPrefix', value: path.prefixPath.replace(/\/+$/, '') || '/' }
  const regex = 'regex' in path ? path.regex : `${quoteRegex(path.prefixString)}.*`
  return { type: 'RegularExpression', value: anchored(regex) }
}

/** Presence is `.*` and not `.+`, which an empty value would not satisfy; a header that is not there satisfies neither. */
function headerMatch(header: HeaderMatch): object {
  if ('exact' in header) return { name: header.name, type: 'Exact', value: header.exact }
  if ('prefix' in header) return regexMatch(header.name, `${quoteRegex(header.prefix)}.*`)
  return regexMatch(header.name, 'regex' in header ? header.regex : '.*')
}

function valueMatch(value: ValueMatch): object {
  if ('exact' in value) return { name: value.name, type: 'Exact', value: value.exact }
  return regexMatch(value.name, 'regex' in value ? value.regex : '.*')
}

function regexMatch(name: string, regex: string): object {
  return { name, type: 'RegularExpression', value: anchored(regex) }
}

function observePort(
  port: number,
  apex: ServiceRef,
  routes: readonly HttpRoute[],
  dialect: RouteDialect,
  problems: ObjectProblem[],
): PortTraffic {
  const all = routes.filter((route) => isAttached(route, apex, port))
  const attached = mostSpecificKind(all)
  problems.push(...all.filter((route) => !attached.includes(route)).map((route) => overruled(route, attached[0], apex)))
  const protocol = attached.some(({ kind }) => kind === 'GRPCRoute') ? 'grpc' : undefined
  const rules = attached.flatMap((route) => {
    const foreign = reporter(route, problems)
    return route.rules.flatMap((rule) => readRule(rule, route, { port, apex, dialect, foreign }))
  })
  const { rules: followed, open } = inFollowedOrder(rules, (a, b) => dialect.readingOrder(a, b, protocol))
  const first = attached[0]
  if (first !== undefined && open.length > 0)
    reporter(first, problems)('rules of which the mesh does not say which it tries first', ['rules'], true)
  for (const route of attached) reportDeadExpressions(route, rules, dialect, reporter(route, problems))
  const hasDefault = followed.some(({ matches }) => matches.some(alwaysHolds))
  if (first !== undefined && !hasDefault) {
    problems.push({
      ...diagnostic('AP2123', { object: nameOf(first), port }),
      place: { object: first.object, path: ['spec', 'rules'] },
    })
  }
  return { port, ...(protocol && { protocol }), rules: [...followed] }
}

/** Where a mesh tries expressions for the path last, those beside a rule for everything say nothing, and hardly mean to. */
function reportDeadExpressions(
  { kind, rules }: HttpRoute,
  all: readonly TrafficRule[],
  dialect: RouteDialect,
  foreign: Report,
): void {
  const rest = all.flatMap(({ matches }) => matches.filter(alwaysHolds))[0]
  if (kind !== 'HTTPRoute' || rest === undefined) return
  for (const { index, matches } of rules)
    for (const [position, match] of matches.entries())
      if (match.path.type === 'RegularExpression' && dialect.readingOrder(readMatch(match), rest) > 0)
        foreign('an expression that a rule for all paths keeps from ever being tried', [
          'rules',
          index,
          'matches',
          position,
          'path',
        ])
}

/** An HTTPRoute beside a GRPCRoute of the same port. */
function overruled(route: HttpRoute, winner: HttpRoute | undefined, apex: ServiceRef): ObjectProblem {
  const facts = { object: nameOf(route), winner: winner === undefined ? '' : nameOf(winner), apex: serviceName(apex) }
  return { ...diagnostic('AP2122', facts), place: { object: route.object, path: ['spec', 'parentRefs'] } }
}

interface Reading {
  readonly port: number
  readonly apex: ServiceRef
  readonly dialect: RouteDialect
  readonly foreign: Report
}

function readRule(rule: RouteRule, route: HttpRoute, reading: Reading): TrafficRule[] {
  const { dialect, foreign } = reading
  const { treatment, strange } = rule.filtered
  const path = ['rules', rule.index]
  for (const one of strange) foreign(one.what, [...path, ...one.path], treatment.redirect && true)
  for (const field of rule.others) foreign(`rules.${field}`, [...path, field])
  for (const [index, match] of rule.matches.entries())
    if (!expressionsOf(match).every((pattern) => dialect.comparesWhole(pattern)))
      foreign('an expression by which the mesh misses some of its values', [...path, 'matches', index], true)
  const matches = rule.matches.map(readMatch)
  if (treatment.redirect !== undefined) return [{ name: 'rule', matches, backends: [], ...treatment }]
  for (const field of dialect.unreadRetry(rule)) foreign(`rules.${field.join('.')}`, [...path, ...field])
  const attempts = dialect.attempts(rule, route)
  const { backendRequest } = rule.timeouts
  if (backendRequest !== undefined && attempts.retries?.perTryTimeout !== backendRequest)
    foreign('rules.timeouts.backendRequest', [...path, 'timeouts', 'backendRequest'])
  // Whoever reads them, Linkerd's annotations say what is asked for.
  const { timeout, retries } = { ...attempts, ...readAnnotations(route) }
  for (const condition of retries?.conditions ?? [])
    if (!isRetryCondition(condition)) foreign(`retries on ${condition}`, path)
  const answer = dialect.divide(rule.backends)
  if (typeof answer === 'number' && dialect.answersItself && treatment.responseHeaders === undefined)
    return [{ name: 'rule', matches, ...answered(answer, reading) }]
  const backends = readBackends(rule, reading)
  if (backends.length === 0) return []
  return [{ name: 'rule', matches, backends, ...treatment, ...(timeout && { timeout }), ...(retries && { retries }) }]
}

/** What the mesh answers without a backend is an abort of every request; it reaches none of the other treatment. */
function answered(status: number, { apex, port }: Reading): Pick<TrafficRule, 'backends' | 'fault'> {
  return { backends: [{ service: apex, port, weight: 1 }], fault: { abort: { status, percent: 100 } } }
}

/** As they stand in the object: a method of a call is none, though it is an expression for the path to the neutral model. */
function expressionsOf({ path, headers, queryParams, calls }: RouteMatch): string[] {
  const named = [...headers, ...queryParams].filter(({ regex }) => regex).map(({ value }) => value)
  return path.type === 'RegularExpression' && calls === undefined ? [path.value, ...named] : named
}

function readBackends(rule: RouteRule, { port, apex, dialect, foreign }: Reading): WeightedBackend[] {
  const path = ['rules', rule.index, 'backendRefs']
  for (const [index, { others }] of rule.backends.entries())
    for (const field of others) foreign(`backendRefs.${field}`, [...path, index, field])
  const division = dialect.divide(rule.backends)
  if (division === 'parent') return [{ service: apex, port, weight: 1 }]
  if (typeof division === 'number') {
    foreign(`a rule that answers ${division} itself`, ['rules', rule.index], true)
    return []
  }
  return division.flatMap((backend) => {
    const { service, port: backendPort, weight } = backend
    if (service !== undefined && backendPort !== undefined)
      return [{ service, port: backendPort, weight, ...backendChanges(backend) }]
    foreign('a backend that is not a port of a Service', path, true)
    return []
  })
}

/** What a match says, in neutral words. */
export function readMatch({ path, method, headers, queryParams }: RouteMatch): HttpMatch {
  const pathCondition = readPath(path)
  return {
    ...(pathCondition && { path: pathCondition }),
    ...(method !== undefined && { methods: [method] }),
    ...(headers.length > 0 && { headers: headers.map(readCondition) }),
    ...(queryParams.length > 0 && { queryParams: queryParams.map(readCondition) }),
  }
}

function readPath({ type, value }: RouteMatch['path']): PathMatch | undefined {
  if (type === 'Exact') return { exact: value }
  if (type === 'RegularExpression') return { regex: value }
  return value === '/' ? undefined : { prefixPath: value }
}

function readCondition({
  name,
  regex,
  value,
}: NamedCondition): { name: string; exact: string } | { name: string; regex: string } {
  return regex ? { name, regex: value } : { name, exact: value }
}

/** `decisive`: what is left out decides where requests go. */
type Report = (what: string, path: FieldPath, decisive?: true) => void

function reporter(route: HttpRoute, problems: ObjectProblem[]): Report {
  return (what, path, decisive) => {
    const place = { object: route.object, path: ['spec', ...path] }
    problems.push({ ...diagnostic('AP2121', { object: nameOf(route), what }), place, ...(decisive && { decisive }) })
  }
}

/** One problem shows up once, though a rule is looked at once for each port. */
function distinct(problems: readonly ObjectProblem[]): ObjectProblem[] {
  const keyOf = ({ message, place }: ObjectProblem) => `${message} ${place?.path.join('/')}`
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}

function nameOf(route: HttpRoute): string {
  return `${route.kind} ${serviceName(route)}`
}
