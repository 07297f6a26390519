import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { decide, decideOn, reach, type WeightedDestination } from '../../src/mesh/decision.ts'
import { fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { type FieldPath, groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory } from '../../src/mesh/routing.ts'
import { saidProtocol, serviceName, spokenOn, tcpPorts } from '../../src/mesh/service.ts'
import type { PortTraffic, ServiceRef, TrafficRule } from '../../src/mesh/traffic.ts'
import { treated } from '../../src/mesh/treated-decision.ts'
import { parseWeight, wholeWeights } from '../../src/mesh/weight.ts'
import { conditionHolds, conditionMatches, profileRoutes } from './profile-routes.ts'

export const serviceProfile = 'linkerd.io/ServiceProfile'

/** One `dstOverrides` entry. */
export interface Override {
  /** Undefined when the authority is no Service of the cluster. */
  readonly service: ServiceRef | undefined
  /** Undefined: the port of the request. */
  readonly port: number | undefined
  readonly weight: number
  readonly authority: string
}

/** The Service that a ServiceProfile is about: its name is the Service's in full. */
export function profiledService({ metadata }: KubeObject, clusterDomain: string): ServiceRef | undefined {
  return parseAuthority(metadata.name, clusterDomain)?.service
}

/**
 * The ServiceProfile that decides for a Service: that of the client's namespace, else that of the Service's. It takes the place
 * of every HTTPRoute of the Service.
 */
export function profileOf(
  service: ServiceRef,
  objects: readonly KubeObject[],
  clusterDomain: string,
  client = service.namespace,
): KubeObject | undefined {
  const name = `${service.name}.${service.namespace}.svc.${clusterDomain}`
  const all = objects.filter((object) => groupKind(object) === serviceProfile && object.metadata.name === name)
  return [client, service.namespace].flatMap((namespace) =>
    all.filter(({ metadata }) => metadata.namespace === namespace),
  )[0]
}

/** Entries with weight; those without have no effect. */
export function overridesOf({ spec }: KubeObject, clusterDomain: string): Override[] {
  const entries = listOf(fieldsOf(spec)['dstOverrides']).map(fieldsOf)
  const weights = wholeWeights(entries.map(({ weight }) => parseWeight(weight) ?? 0))
  return entries.flatMap(({ authority }, index): Override[] => {
    const text = textOf(authority) ?? ''
    const parsed = parseAuthority(text, clusterDomain)
    const weight = weights[index] ?? 0
    return weight === 0 ? [] : [{ service: parsed?.service, port: parsed?.port, weight, authority: text }]
  })
}

/** What the profile of a Service asks for, on all of its ports. */
export function observeProfile(
  profile: KubeObject,
  apex: ServiceRef,
  services: ServiceDirectory,
  clusterDomain: string,
): ObservedTraffic {
  const label = `ServiceProfile ${serviceName({ namespace: profile.metadata.namespace ?? 'default', name: profile.metadata.name })}`
  const unread = (what: string, path: FieldPath): ObjectProblem => ({
    ...diagnostic('AP2121', { object: label, what }),
    place: { object: profile, path: ['spec', ...path] },
  })
  const routes = profileRoutes(profile)
  const lastTimed = routes.findLastIndex(({ timeout }) => timeout !== undefined)
  // Those behind it change nothing, and those before it keep their requests from it.
  const timed = routes.slice(0, lastTimed + 1)
  const problems: ObjectProblem[] = [
    ...('opaquePorts' in fieldsOf(profile.spec) ? [unread('opaquePorts', ['opaquePorts'])] : []),
    ...routes
      .filter(({ isRetryable }) => isRetryable)
      .map(({ index }) => unread(`routes[${index}].isRetryable`, ['routes', index, 'isRetryable'])),
    ...timed.flatMap(({ index, condition }): ObjectProblem[] =>
      conditionMatches(condition) === undefined
        ? [{ ...unread('a condition of its own', ['routes', index, 'condition']), decisive: true }]
        : [],
    ),
  ]
  const overrides = overridesOf(profile, clusterDomain)
  for (const [index, { service, authority }] of overrides.entries()) {
    if (service !== undefined) continue
    const what = diagnostic('AP2121', { object: label, what: `the authority ${authority}` })
    problems.push({ ...what, place: { object: profile, path: ['spec', 'dstOverrides', index] }, decisive: true })
  }
  const ports = overrides.length + timed.length === 0 ? [] : (tcpPorts(apex, services) ?? [])
  const traffic = normalForm({
    service: apex,
    ports: ports.map((port): PortTraffic => {
      const own = overrides.flatMap(({ service, port: other, weight }) =>
        service === undefined ? [] : [{ service, port: other ?? port, weight }],
      )
      const backends = own.length === 0 ? [{ service: apex, port, weight: 1 }] : own
      const isHttp = spokenOn(apex, port, services) === undefined
      const rules = timed.map(({ condition, timeout }): TrafficRule => {
        return { name: 'rule', matches: conditionMatches(condition) ?? [], backends, ...(timeout && { timeout }) }
      })
      const rest: TrafficRule = { name: 'default', matches: [], backends }
      return { ...saidProtocol(apex, port, services), port, rules: isHttp ? [...rules, rest] : [rest] }
    }),
  })
  return { traffic: traffic.ports.length === 0 ? undefined : traffic, problems }
}

/**
 * Where the profile sends a request: by the weights, or to the Service itself when there are none. The first of its routes that takes
 * the request says how long it may take.
 */
export function routeByProfile(
  profile: KubeObject,
  request: MeshRequest,
  services: ServiceDirectory,
  clusterDomain: string,
): RoutingDecision {
  const { service, port } = request
  const overrides = overridesOf(profile, clusterDomain)
  const ways = overrides.map((override): WeightedDestination => {
    const { weight, authority } = override
    if (override.service === undefined) return { weight, to: { status: 503, reason: `there is no host ${authority}` } }
    return { weight, to: reach(override.service, override.port ?? port, services, 503) }
  })
  const isHttp =
    request.protocol === undefined && spokenOn(service, port, services) === undefined && !isOpaque(profile, port)
  const taken = isHttp ? profileRoutes(profile).find(({ condition }) => conditionHolds(condition, request)) : undefined
  const rule = taken?.name ?? profile.metadata.name
  const divided = ways.length === 0 ? decideOn(rule, reach(service, port, services, 503)) : decide(rule, ways)
  if (taken === undefined) return divided
  const decision = treated(divided, taken.timeout === undefined ? {} : { timeout: taken.timeout }, services)
  if (!taken.isRetryable) return decision
  // A budget bounds the retries of all requests together: how often one is tried again, nothing says.
  return { ...decision, unfollowed: [{ object: profile, path: ['spec', 'routes', taken.index, 'isRetryable'] }] }
}

/** Whether a port is left unread, as a number or in a range. */
function isOpaque({ spec }: KubeObject, port: number): boolean {
  return textsOf(fieldsOf(spec)['opaquePorts']).some((text) => {
    const [from, to = from] = text.split('-').map(Number)
    return from !== undefined && to !== undefined && from <= port && port <= to
  })
}

function parseAuthority(
  authority: string,
  clusterDomain: string,
): { readonly service: ServiceRef; readonly port: number | undefined } | undefined {
  const [host = '', port] = authority.split(':')
  const suffix = `.svc.${clusterDomain}`
  const [name, namespace, ...rest] = host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.') : []
  if (name === undefined || namespace === undefined || rest.length > 0) return undefined
  return { service: { namespace, name }, port: port === undefined ? undefined : Number(port) }
}
