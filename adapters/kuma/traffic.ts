import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { withFaultBackends, withFaults } from '../../src/mesh/fault-backend.ts'
import { normalForm, withPolicies } from '../../src/mesh/normal-form.ts'
import { alwaysHolds, normalMatch } from '../../src/mesh/normal-match.ts'
import type { ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { inFollowedOrder } from '../../src/mesh/rule-order.ts'
import { saidProtocol, serviceName, spokenOn } from '../../src/mesh/service.ts'
import { spokenTraffic } from '../../src/mesh/spoken-rules.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { readFilters, writeFilters } from './filters.ts'
import { readMatch, writeMatches } from './matches.ts'
import { otherTargets, type RouteRule, type RouteTo, routesTo } from './mesh-http-route.ts'
import { precedence } from './order.ts'
import {
  attemptsOf,
  hasPolicyForAllPorts,
  policyPorts,
  readPolicies,
  retryDefault,
  timeoutDefault,
} from './policies.ts'
import { policyObject } from './policy-object.ts'
import { nameOf, reporter } from './reporting.ts'
import { observePolicies, translatePolicies } from './service-policies.ts'
import { portOf, writeTarget } from './target.ts'

/**
 * For each port a MeshHTTPRoute or MeshTCPRoute named `<apex>-<port>`, and, where they are asked for, a MeshTimeout and a MeshRetry of that name.
 * Aborts are backends. Before these, what holds for the Service as a whole.
 */
export function translate(traffic: ServiceTraffic): KubeObject[] {
  const { ports } = spokenTraffic(withFaultBackends(traffic))
  const attempts = ports.map(({ port, rules }) => ({ port, ...attemptsOf(rules) }))
  const policy = (kind: string, port: number, to: object): KubeObject => {
    const { namespace, name } = traffic.service
    const spec = { to: [{ targetRef: writeTarget(traffic.service, port), ...to }] }
    return policyObject(kind, { namespace, name: `${name}-${port}` }, spec)
  }
  return [
    ...translatePolicies(traffic),
    ...attempts.flatMap(({ port, timeout }) =>
      timeout === undefined ? [] : [policy('MeshTimeout', port, { default: timeoutDefault(timeout) })],
    ),
    ...attempts.flatMap(({ port, retries }) =>
      retries === undefined ? [] : [policy('MeshRetry', port, { default: retryDefault(retries) })],
    ),
    ...ports.map(({ port, protocol, rules }) =>
      protocol === 'tcp'
        ? policy('MeshTCPRoute', port, { rules: rules.map((rule) => ({ default: writeBackends(rule) })) })
        : policy('MeshHTTPRoute', port, { rules: rules.map((rule) => writeRule(rule, port)) }),
    ),
  ]
}

function writeBackends({ backends }: TrafficRule): object {
  return {
    backendRefs: backends.map(({ service, port, weight }) => ({
      kind: 'MeshService',
      name: service.name,
      namespace: service.namespace,
      port,
      weight,
    })),
  }
}

function writeRule(rule: TrafficRule, port: number): object {
  const filters = writeFilters(rule, port)
  return {
    matches: writeMatches(rule.matches),
    default: {
      ...(filters.length > 0 && { filters }),
      ...(rule.redirect === undefined && writeBackends(rule)),
    },
  }
}

/** Reads what the apex's own namespace says about it, whoever wrote it. */
export function observe(objects: readonly KubeObject[], apex: ServiceRef, services: ServiceDirectory): ObservedTraffic {
  const problems: ObjectProblem[] = []
  const followed = followedAmong(routesTo(apex, objects), apex, services, problems)
  const connections = followedAmong(routesTo(apex, objects, 'MeshTCPRoute'), apex, services, problems)
  const toAll =
    hasPolicyForAllPorts(apex, objects) ||
    [...followed, ...connections].some(({ target }) => target.section === undefined)
  const named = [...followed, ...connections]
    .map(({ target }) => portOf(target, services))
    .filter((port) => typeof port === 'number')
  const ports = [
    ...new Set([...(toAll ? (services.ports(apex) ?? []) : []), ...named, ...policyPorts(apex, objects, services)]),
  ]
  const observed = ports.flatMap((port): PortTraffic[] => {
    const spoken = spokenOn(apex, port, services)
    const here = connections.filter(({ target }) => [port, 'all'].includes(portOf(target, services) ?? ''))
    if (spoken === 'tcp') return observeConnections(port, apex, here, objects, services, problems)
    for (const { object, path } of here)
      reporter(object, problems)(`a rule for port ${port}, which does not say that it speaks TCP`, path, true)
    if (spoken === 'tls') return []
    return [
      { ...saidProtocol(apex, port, services), ...observePort(port, apex, followed, objects, services, problems) },
    ]
  })
  const routed = normalForm(withFaults({ service: apex, ports: observed }))
  const policies = observePolicies(objects, routed, services, problems)
  const traffic = withPolicies(routed, policies)
  const isSilent = traffic.ports.length === 0 && policies === undefined
  return { traffic: isSilent ? undefined : traffic, problems: distinct(problems) }
}

/** Routes of which it is sure that they count for every caller, on which ports. */
function followedAmong(
  routes: readonly RouteTo[],
  apex: ServiceRef,
  services: ServiceDirectory,
  problems: ObjectProblem[],
): RouteTo[] {
  return routes.filter((route) => {
    const foreign = reporter(route.object, problems)
    for (const index of otherTargets(route.object)) foreign('a target that is no Service', ['spec', 'to', index])
    const isConsumer = (route.object.metadata.namespace ?? 'default') !== apex.namespace
    if (isConsumer) foreign('a target in another namespace', [...route.path, 'targetRef'], true)
    if (route.isPartial) foreign('a target that leaves out some callers', ['spec', 'targetRef'], true)
    const isNumbered = portOf(route.target, services) !== undefined
    if (!isNumbered) foreign(`the section ${route.target.section}`, [...route.path, 'targetRef', 'sectionName'], true)
    return !isConsumer && !route.isPartial && isNumbered
  })
}

/** What MeshTCPRoutes, all of them about this port, say; nothing where there is none. */
function observeConnections(
  port: number,
  apex: ServiceRef,
  [first, ...others]: readonly RouteTo[],
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  problems: ObjectProblem[],
): PortTraffic[] {
  for (const { object, what, path } of readPolicies(apex, port, objects, services).strange)
    reporter(object, problems)(what, path)
  if (first === undefined) return []
  reportLosers(first, others, apex, problems)
  const rules = first.rules.flatMap((rule) => readRule(rule, first, { port, apex, problems }))
  const itself = { name: 'default', matches: [], backends: [{ service: apex, port, weight: 1 }] }
  const [rule = itself] = rules
  return [{ port, protocol: 'tcp', rules: [{ name: 'default', matches: [], backends: rule.backends }] }]
}

function reportLosers(winner: RouteTo, losers: readonly RouteTo[], apex: ServiceRef, problems: ObjectProblem[]): void {
  for (const { object, path } of losers) {
    const facts = { object: nameOf(object), winner: nameOf(winner.object), apex: serviceName(apex) }
    problems.push({ ...diagnostic('AP2122', facts), place: { object, path } })
  }
}

function observePort(
  port: number,
  apex: ServiceRef,
  routes: readonly RouteTo[],
  objects: readonly KubeObject[],
  services: ServiceDirectory,
  problems: ObjectProblem[],
): PortTraffic {
  const { attempts, strange } = readPolicies(apex, port, objects, services)
  for (const { object, what, path } of strange) reporter(object, problems)(what, path)
  const here = routes.filter(({ target }) => [port, 'all'].includes(portOf(target, services) ?? ''))
  const [first, ...others] = here
  if (first !== undefined) reportLosers(first, others, apex, problems)
  const rules =
    first === undefined ? [] : first.rules.flatMap((rule) => readRule(rule, first, { port, apex, problems }))
  const { rules: ordered, open } = inFollowedOrder(rules, precedence)
  if (first !== undefined && open.length > 0)
    reporter(first.object, problems)(
      'rules of which the mesh does not say which it tries first',
      [...first.path, 'rules'],
      true,
    )
  const hasDefault = ordered.some(({ matches }) => matches.some((match) => alwaysHolds(normalMatch(match))))
  // What no rule takes goes to the Service itself.
  const rest: TrafficRule = { name: 'default', matches: [], backends: [{ service: apex, port, weight: 1 }] }
  const all = hasDefault ? ordered : [...ordered, rest]
  return { port, rules: all.map((rule) => (rule.redirect === undefined ? { ...rule, ...attempts } : rule)) }
}

interface Reading {
  readonly port: number
  readonly apex: ServiceRef
  readonly problems: ObjectProblem[]
}

function readRule(rule: RouteRule, { object }: RouteTo, { port, apex, problems }: Reading): TrafficRule[] {
  const foreign = reporter(object, problems)
  const { treatment, strange } = readFilters(rule.filters, port, apex.namespace)
  for (const { what, path } of strange) foreign(what, [...rule.path, ...path], treatment.redirect && true)
  const matches = rule.matches.map(readMatch)
  if (treatment.redirect !== undefined) return [{ name: 'rule', matches, backends: [], ...treatment }]
  const backends = (rule.backends ?? [{ service: apex, port, weight: 1 }]).flatMap(
    (backend, index): WeightedBackend[] => {
      if (backend.service !== undefined && backend.port !== undefined)
        return [{ service: backend.service, port: backend.port, weight: backend.weight }]
      foreign('a backend that is no port of a Service', [...rule.path, 'default', 'backendRefs', index], true)
      return []
    },
  )
  // A rule without any weight is none.
  if (backends.every(({ weight }) => weight <= 0)) return []
  return [{ name: 'rule', matches, backends, ...treatment }]
}

/** One problem shows up once, though a rule is looked at once for each port. */
function distinct(problems: readonly ObjectProblem[]): ObjectProblem[] {
  const keyOf = ({ message, place }: ObjectProblem) => `${message} ${place?.path.join('/')}`
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}
