import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { selects } from './access.ts'
import type { PodPort, ServiceDirectory } from './routing.ts'
import { compareText, sameService, serviceName, spokenOn, tcpPorts } from './service.ts'
import { normalPolicies, type RateLimit } from './service-policies.ts'
import type { ServiceRef, ServiceTraffic } from './traffic.ts'
import { type PodSelection, selectionsOf, type Workload, type WorkloadDirectory } from './workloads.ts'

/** How many requests each pod of some takes on one of its ports. */
export interface PodLimit {
  readonly namespace: string
  /** Whose pods these are, as access policies name them. */
  readonly serviceAccount: string
  /** One of those of the ServiceAccount. */
  readonly selection: PodSelection
  /** Of the pods. */
  readonly port: number
  readonly limit: RateLimit
}

export interface FoundPodLimits {
  readonly limits: readonly PodLimit[]
  readonly problems: readonly Diagnostic[]
}

/**
 * The rate limit of an apex as one of pods: those of each Service that gets requests of the apex, the apex among them where it gets
 * some, on the ports on which they get them. Ports of TCP and TLS have no requests. A Service that does not exist has no pods.
 */
export function podLimitsOf(
  traffic: ServiceTraffic,
  services: ServiceDirectory,
  workloads: WorkloadDirectory,
  mesh: string,
): FoundPodLimits {
  const limit = normalPolicies(traffic.policies)?.rateLimit
  if (limit === undefined) return { limits: [], problems: [] }
  const apex = serviceName(traffic.service)
  const problems: Diagnostic[] = []
  const targets = targetsOf(traffic, services)
  const pods = targets.flatMap(({ service, port }) => {
    const isHere = service.namespace === traffic.service.namespace
    const said = isHere ? podsBehind(service, port, services, workloads) : elsewhere(service)
    if ('pods' in said) return said.pods
    problems.push(diagnostic('AP2195', { mesh, apex, ...said }))
    return []
  })
  const limits = new Map<string, PodLimit>()
  for (const { workload, port } of pods) {
    const { namespace, serviceAccount } = workload
    const selection = selectionsOf({ namespace, serviceAccount }, workloads).find(({ labels }) =>
      selects(labels, workload.labels),
    )
    if (selection === undefined) {
      const remedy = 'Give the Deployment the labels that its own selector asks for.'
      problems.push(
        diagnostic('AP2195', { mesh, apex, problem: `${workload.name} does not select its own pods`, remedy }),
      )
      continue
    }
    const stranger = workloads
      .in(namespace)
      .find((other) => selects(selection.labels, other.labels) && !pods.some((pod) => isSame(pod, other, port)))
    if (stranger === undefined) {
      const found = { namespace, serviceAccount, selection, port, limit }
      limits.set(podLimitKey(found), found)
      continue
    }
    const problem = `the labels of ${workload.name} select pods of ${stranger.name} as well, which get no such requests on port ${port}`
    const remedy = 'Give the Deployments selectors that exclude each other.'
    problems.push(diagnostic('AP2195', { mesh, apex, problem, remedy }))
  }
  if (problems.length === 0 && limits.size === 0) {
    const problem = 'none of its ports takes requests'
    problems.push(diagnostic('AP2195', { mesh, apex, problem, remedy: 'Leave the rate limit out.' }))
  }
  const all = [...limits.values()].sort((a, b) => compareText(podLimitKey(a), podLimitKey(b)))
  return { limits: all, problems: distinct(problems) }
}

/** Tells the pods and ports of limits apart. */
export function podLimitKey({ namespace, serviceAccount, selection, port }: Omit<PodLimit, 'limit'>): string {
  return `${namespace}/${serviceAccount}/${selection.name} ${port}`
}

/** Two apexes that ask for different limits of the same pods. */
export function rivalLimits(
  first: { readonly apex: ServiceRef; readonly limits: readonly PodLimit[] },
  second: { readonly apex: ServiceRef; readonly limits: readonly PodLimit[] },
): Diagnostic[] {
  const isRival = (a: PodLimit, b: PodLimit) =>
    podLimitKey(a) === podLimitKey(b) && JSON.stringify(a.limit) !== JSON.stringify(b.limit)
  const contested = second.limits.find((one) => first.limits.some((other) => isRival(one, other)))
  if (contested === undefined) return []
  const pods = `ServiceAccount ${contested.namespace}/${contested.serviceAccount}`
  const facts = { first: serviceName(first.apex), second: serviceName(second.apex), pods, port: contested.port }
  return [diagnostic('AP2196', facts)]
}

/**
 * The rate limit that some limits of pods are for an apex: that of all pods that get requests of the traffic, where these have the same.
 * With the limits that say so.
 */
export function limitAmong(
  limits: readonly PodLimit[],
  traffic: ServiceTraffic,
  services: ServiceDirectory,
  workloads: WorkloadDirectory,
): { readonly limit: RateLimit; readonly of: readonly PodLimit[] } | undefined {
  const any = { ...traffic, policies: { rateLimit: { requestsPerSecond: 1 } } }
  const wanted = podLimitsOf(any, services, workloads, '')
  const found = wanted.limits.map((one) => limits.find((other) => podLimitKey(other) === podLimitKey(one)))
  const [first] = found
  if (first === undefined || wanted.problems.length > 0) return undefined
  const isOne = found.every((one) => one !== undefined && JSON.stringify(one.limit) === JSON.stringify(first.limit))
  return isOne ? { limit: first.limit, of: found.flatMap((one) => one ?? []) } : undefined
}

type PodsOrProblem = { readonly pods: readonly Pods[] } | { readonly problem: string; readonly remedy: string }

interface Pods {
  readonly workload: Workload
  readonly port: number
}

function targetsOf(
  { service: apex, ports }: ServiceTraffic,
  services: ServiceDirectory,
): { readonly service: ServiceRef; readonly port: number }[] {
  const spoken = ports.filter(({ protocol }) => protocol !== 'tcp' && protocol !== 'tls')
  const backends = spoken.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends))
  const unrouted = requestPorts(apex, services).filter((port) => !ports.some((one) => one.port === port))
  const all = [...unrouted.map((port) => ({ service: apex, port })), ...backends]
  return all.filter(
    ({ service, port }, index) =>
      all.findIndex((other) => sameService(other.service, service) && other.port === port) === index,
  )
}

/** The ports of a Service on which there are requests. */
function requestPorts(service: ServiceRef, services: ServiceDirectory): number[] {
  return (tcpPorts(service, services) ?? []).filter((port) => spokenOn(service, port, services) === undefined)
}

function podsBehind(
  service: ServiceRef,
  port: number,
  services: ServiceDirectory,
  workloads: WorkloadDirectory,
): PodsOrProblem {
  const name = serviceName(service)
  if (!services.ports(service)?.includes(port)) return { pods: [] }
  const backing = services.backing?.(service, port)
  if (backing === undefined)
    return { problem: `the Service ${name} does not tell its pods`, remedy: 'Limit Services with a selector only.' }
  const own = workloads.in(service.namespace).filter(({ labels }) => selects(backing.labels, labels))
  if (own.length === 0) {
    const remedy = 'Let the Deployment be known: create it first, or give it with -f.'
    return { problem: `no Deployment of the pods of ${name} is known`, remedy }
  }
  const pods = own.map((workload) => ({ workload, port: numberOfPort(backing, workload) }))
  const unknown = pods.find((pod) => pod.port === undefined)
  if (unknown !== undefined) {
    const remedy = 'Declare the port of the container, with the name that the Service has for it.'
    return { problem: `${unknown.workload.name} declares no port ${backing.port} for ${name}`, remedy }
  }
  return {
    pods: pods.flatMap(({ workload, port: number }) => (number === undefined ? [] : [{ workload, port: number }])),
  }
}

function elsewhere(service: ServiceRef): PodsOrProblem {
  const problem = `the pods of ${serviceName(service)} are in another namespace`
  return { problem, remedy: 'Ask for the rate limit of that Service there.' }
}

function numberOfPort({ port }: PodPort, { portNames }: Workload): number | undefined {
  return typeof port === 'number' ? port : portNames[port]
}

function isSame({ workload, port }: Pods, other: Workload, otherPort: number): boolean {
  return workload.namespace === other.namespace && workload.name === other.name && port === otherPort
}

function distinct(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()]
}
