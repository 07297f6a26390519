import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { Acceptance, MeshKind } from '../../src/mesh/adapter.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { PodLimit } from '../../src/mesh/pod-limits.ts'
import type { LimitSurroundings, WrittenLimit } from '../../src/mesh/pod-limits-adapter.ts'
import type { WorkloadDirectory } from '../../src/mesh/workloads.ts'
import { server, serverKind, serverName } from './access.ts'
import { serverGroupKind } from './access-reading.ts'
import { annotationOf } from './inherited.ts'
import { isWithin, type PodPlace, reachOf, type ServerReach, samePlace } from './limited-pods.ts'
import { repeatsDefault, saysNothingOfAccess } from './repeated-default.ts'

const group = 'policy.linkerd.io'
export const rateLimitPolicy = `${group}/HTTPLocalRateLimitPolicy`

/** HTTPLocalRateLimitPolicy is there since Linkerd 2.17. */
export const limitKinds: readonly MeshKind[] = [
  serverKind,
  {
    group,
    version: 'v1alpha1',
    kind: 'HTTPLocalRateLimitPolicy',
    plural: 'httplocalratelimitpolicies',
    namespaced: true,
    carries: ['rateLimit'],
  },
]

/** The policy for ports without a Server, as the annotation of the pods or of their namespace says (linkerd.io/2/reference/authorization-policy). */
const defaultInbound = 'config.linkerd.io/default-inbound-policy'
/** Ports and ranges of ports, `4222,6000-6010`, whose protocol is not looked at. */
const opaquePorts = 'config.linkerd.io/opaque-ports'
const inboundPolicies = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
]

/**
 * An HTTPLocalRateLimitPolicy for the Server of each limited port. A port of a pod has one Server, so that one that is there, whoever's it
 * is, is made use of; where there is none, one is written that lets in whom the annotation of the pods, or of their namespace, lets in without it.
 */
export function translateLimits(
  limits: readonly PodLimit[],
  { workloads, others, own }: LimitSurroundings,
): WrittenLimit[] {
  const servers = others.filter(isServer).map((one) => reachOf(one, workloads))
  const policies = others.filter((one) => groupKind(one) === rateLimitPolicy)
  const present = own.filter(isServer).map((one) => reachOf(one, workloads))
  return limits.map((limit): WrittenLimit => {
    const places = placesOf(limit, workloads)
    const shared = servers.filter((one) => one.places.some((place) => places.some((own) => samePlace(own, place))))
    const [found, another] = shared
    if (found === undefined) return ownServer(limit, places, present, workloads)
    if (another !== undefined)
      return refuse(limit, `${describe(found.object)} and ${describe(another.object)} both select them`)
    const alike = limits.filter((other) => JSON.stringify(other.limit) === JSON.stringify(limit.limit))
    const limited = alike.flatMap((other) => placesOf(other, workloads))
    if (!isWithin(places, found.places)) return refuse(limit, `${describe(found.object)} selects some of them only`)
    const { proxyProtocol } = fieldsOf(found.object.spec)
    if (proxyProtocol === 'opaque' || proxyProtocol === 'TLS')
      return refuse(limit, `${describe(found.object)} takes what is sent to them for ${proxyProtocol}`, noRequests)
    if (!isWithin(found.places, limited))
      return refuse(limit, `${describe(found.object)} selects other pods as well, which are not to be limited alike`)
    const rival = policies.find((one) => isFor(one, found))
    if (rival === undefined) return { objects: [policyFor(found.object.metadata.name, limit)], problems: [] }
    return refuse(limit, `${describe(rival)} is there already, and a Server takes one`)
  })
}

/** Two Servers for the same pods are worse than none for a moment: one that repeats what holds without it goes first. */
export function yields(object: KubeObject, planned: readonly KubeObject[], workloads: WorkloadDirectory): boolean {
  if (!isServer(object) || !saysNothingOfAccess(object)) return false
  const { places } = reachOf(object, workloads)
  return planned.filter(isServer).some((other) => {
    const isItself = other.metadata.name === object.metadata.name
    return !isItself && reachOf(other, workloads).places.some((place) => places.some((own) => samePlace(own, place)))
  })
}

/** Linkerd says of a policy that is one too many for its Server that it is not accepted; otherwise it may say nothing for long. */
export function limitAcceptance({ status }: KubeObject): Acceptance {
  const conditions = listOf(fieldsOf(status)['conditions']).map(fieldsOf)
  const refusal = conditions.find(({ type, status: value }) => type === 'Accepted' && value === 'False')
  if (refusal === undefined) return { state: 'accepted' }
  const reason = ['Accepted', refusal['reason'], refusal['message']].filter((text) => text).join(': ')
  return { state: 'rejected', reason }
}

function ownServer(
  limit: PodLimit,
  places: readonly PodPlace[],
  present: readonly ServerReach[],
  workloads: WorkloadDirectory,
): WrittenLimit {
  const { namespace, serviceAccount, selection, port } = limit
  const opaque = places.find(({ workload }) => isOpaque(port, annotationOf(opaquePorts, workload, workloads)))
  if (opaque !== undefined)
    return refuse(
      limit,
      `${opaque.workload.name} or its namespace says by ${opaquePorts} that there are no requests on it`,
      noRequests,
    )
  const said = new Set(places.map(({ workload }) => annotationOf(defaultInbound, workload, workloads)))
  const [accessPolicy] = said
  if (said.size !== 1 || accessPolicy === undefined || !inboundPolicies.includes(accessPolicy)) {
    const problem =
      'a Server decides who may call a port at all, and neither these pods nor their namespace say who may'
    const remedy = `Say it in traffictargets or mtlspolicies, or by the annotation ${defaultInbound} of the pods or of their namespace: all-unauthenticated is what Linkerd is installed with.`
    return refuse(limit, problem, remedy)
  }
  // The webhook refuses a second Server for the same pods, so that the name of one of ours that is there stays.
  const kept = present.find((one) => isWithin(one.places, places) && isWithin(places, one.places))
  const name = kept?.object.metadata.name ?? serverName([serviceAccount, selection.name], port)
  const made = server(name, namespace, { labels: selection.labels, port, accessPolicy })
  const marked = { ...made, metadata: { ...made.metadata, annotations: { [repeatsDefault]: 'true' } } }
  return { objects: [marked, policyFor(name, limit)], problems: [] }
}

function policyFor(name: string, { namespace, limit }: PodLimit): KubeObject {
  const { requestsPerSecond, perClient } = limit
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'HTTPLocalRateLimitPolicy',
    metadata: { name, namespace },
    spec: {
      targetRef: { group, kind: 'Server', name },
      total: { requestsPerSecond },
      ...(perClient !== undefined && { identity: { requestsPerSecond: perClient } }),
    },
  }
}

const noRequests = 'Let the port be one of HTTP, or leave the rate limit out.'
const oneServer = 'Let one Server select just these pods, with no other rate limit.'

function refuse({ namespace, serviceAccount, port }: PodLimit, problem: string, remedy = oneServer): WrittenLimit {
  const apex = `port ${port} of the pods of ServiceAccount ${namespace}/${serviceAccount}`
  return { objects: [], problems: [diagnostic('AP2195', { mesh: 'linkerd', apex, problem, remedy })] }
}

function isOpaque(port: number, ports = ''): boolean {
  return ports.split(',').some((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number)
    return from <= port && port <= to
  })
}

function placesOf({ namespace, selection, port }: PodLimit, workloads: WorkloadDirectory): readonly PodPlace[] {
  return reachOf(server('', namespace, { labels: selection.labels, port }), workloads).places
}

function isFor({ metadata, spec }: KubeObject, { namespace, object }: ServerReach): boolean {
  const { kind, name } = fieldsOf(fieldsOf(spec)['targetRef'])
  return (metadata.namespace ?? 'default') === namespace && kind === 'Server' && name === object.metadata.name
}

function isServer(object: KubeObject): boolean {
  return groupKind(object) === serverGroupKind
}

function describe({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`
}
