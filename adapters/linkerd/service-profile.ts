import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ObservedTraffic } from '../../src/mesh/adapter.ts'
import { decide, decideOn, reach, type WeightedDestination } from '../../src/mesh/decision.ts'
import { fieldsOf, listOf, textOf } from '../../src/mesh/fields.ts'
import { normalForm } from '../../src/mesh/normal-form.ts'
import { groupKind, type ObjectProblem } from '../../src/mesh/object-reading.ts'
import type { MeshRequest, RoutingDecision, ServiceDirectory, UnfollowedField } from '../../src/mesh/routing.ts'
import { saidProtocol, serviceName, tcpPorts } from '../../src/mesh/service.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { parseWeight, wholeWeights } from '../../src/mesh/weight.ts'

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
  const problems: ObjectProblem[] = unreadFields(profile).map((field) => ({
    ...diagnostic('AP2121', { object: label, what: field }),
    place: { object: profile, path: ['spec', field] },
  }))
  const overrides = overridesOf(profile, clusterDomain)
  for (const [index, { service, authority }] of overrides.entries()) {
    if (service !== undefined) continue
    const what = diagnostic('AP2121', { object: label, what: `the authority ${authority}` })
    problems.push({ ...what, place: { object: profile, path: ['spec', 'dstOverrides', index] }, decisive: true })
  }
  const ports = overrides.length === 0 ? [] : (tcpPorts(apex, services) ?? [])
  const traffic = normalForm({
    service: apex,
    ports: ports.map((port) => ({
      ...saidProtocol(apex, port, services),
      port,
      rules: [
        {
          name: 'default',
          matches: [],
          backends: overrides.flatMap(({ service, port: own, weight }) =>
            service === undefined ? [] : [{ service, port: own ?? port, weight }],
          ),
        },
      ],
    })),
  })
  return { traffic: traffic.ports.length === 0 ? undefined : traffic, problems }
}

/** Where the profile sends a request: by the weights, or to the Service itself when there are none. */
export function routeByProfile(
  profile: KubeObject,
  { service, port }: MeshRequest,
  services: ServiceDirectory,
  clusterDomain: string,
): RoutingDecision {
  const overrides = overridesOf(profile, clusterDomain)
  const ways = overrides.map((override): WeightedDestination => {
    const { weight, authority } = override
    if (override.service === undefined) return { weight, to: { status: 503, reason: `there is no host ${authority}` } }
    return { weight, to: reach(override.service, override.port ?? port, services, 503) }
  })
  const decision =
    ways.length === 0
      ? decideOn(profile.metadata.name, reach(service, port, services, 503))
      : decide(profile.metadata.name, ways)
  const unfollowed = unreadFields(profile).map((field): UnfollowedField => ({ object: profile, path: ['spec', field] }))
  return unfollowed.length === 0 ? decision : { ...decision, unfollowed }
}

/** Routes carry retries and timeouts beside names for metrics; a list without either changes nothing for a request. */
function unreadFields({ spec }: KubeObject): string[] {
  const fields = fieldsOf(spec)
  const routes = listOf(fields['routes']).map(fieldsOf)
  const treats = routes.some((route) => route['isRetryable'] === true || route['timeout'] !== undefined)
  return ['retryBudget', 'opaquePorts'].filter((field) => field in fields).concat(treats ? ['routes'] : [])
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
