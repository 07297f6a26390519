import type { KubeObject } from '../kube/object.ts'
import {
  type AccessDestination,
  type Labels,
  labelText,
  mayOverlap,
  type ServiceAccountRef,
  selects,
  type WorkloadAccess,
} from './access.ts'
import { normalAccess } from './access-normal-form.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf } from './fields.ts'
import { groupKind } from './object-reading.ts'
import { compareText } from './service.ts'

/** A health check by HTTP or gRPC that the kubelet makes without any identity. */
export interface Probe {
  readonly port: number
  readonly method: 'GET' | 'POST'
  readonly path: string
}

/** What a gRPC probe calls (grpc.health.v1.Health). */
const grpcHealth = '/grpc.health.v1.Health/Check'

/** Pods that are made alike, by a Deployment or its like. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string
  /** Labels by which its pods are found. */
  readonly selector: Labels
  /** All labels of its pods. */
  readonly labels: Labels
  /** TCP ports that its containers declare, ascending. */
  readonly ports: readonly number[]
  /** Those of them that have names. */
  readonly portNames: Readonly<Record<string, number>>
  readonly probes: readonly Probe[]
  /** Of its pods. */
  readonly annotations: Labels
}

/** The workloads of a namespace, as far as the caller knows them. */
export interface WorkloadDirectory {
  in(namespace: string): readonly Workload[]
  /**
   * What else there is in a namespace, the Namespace itself included: at least the objects of the kinds that the adapter consults, and
   * of those that it writes for traffic. Nothing where the directory does not tell.
   */
  beside?(namespace: string): readonly KubeObject[]
}

/** Pods to be selected by labels, with all that is known of their ports and health checks. */
export interface PodSelection {
  /** What tells it from the others of its destination; empty for the only one. */
  readonly name: string
  readonly labels: Labels
  /** Empty when no workload of these pods is known. */
  readonly ports: readonly number[]
  readonly probes: readonly Probe[]
}

/** Kinds, as `group/Kind`, that `readWorkload` reads. */
export const workloadKinds: readonly string[] = ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', '/Pod']

/** A Deployment, StatefulSet, DaemonSet or a Pod that nothing else makes; undefined for everything else. */
export function readWorkload(object: KubeObject): Workload | undefined {
  if (!workloadKinds.includes(groupKind(object))) return undefined
  const { name, namespace = 'default', labels: own = {}, ownerReferences = [] } = object.metadata
  const isPod = object.kind === 'Pod'
  if (isPod && ownerReferences.length > 0) return undefined
  const spec = fieldsOf(object.spec)
  const template = isPod
    ? { metadata: { labels: own, annotations: object.metadata.annotations }, spec }
    : fieldsOf(spec['template'])
  const labels = textMap(fieldsOf(fieldsOf(template)['metadata'])['labels'])
  const pod = fieldsOf(fieldsOf(template)['spec'])
  const { matchLabels, matchExpressions } = fieldsOf(spec['selector'])
  const isPlain = !isPod && isFields(matchLabels) && listOf(matchExpressions).length === 0
  const containers = listOf(pod['containers']).map(fieldsOf)
  return {
    namespace,
    name,
    serviceAccount: textOf(pod['serviceAccountName']) ?? 'default',
    selector: isPlain ? textMap(matchLabels) : labels,
    labels,
    ports: ascending(containers.flatMap((container) => portsOf(container).map(({ port }) => port))),
    portNames: Object.fromEntries(
      containers.flatMap(portsOf).flatMap(({ name: called, port }) => (called === undefined ? [] : [[called, port]])),
    ),
    probes: containers.flatMap(probesOf),
    annotations: textMap(fieldsOf(fieldsOf(template)['metadata'])['annotations']),
  }
}

/** A directory over some objects, of which those that are no workloads do not matter. */
export function workloadsAmong(objects: readonly KubeObject[]): WorkloadDirectory {
  const workloads = objects.flatMap((object) => readWorkload(object) ?? [])
  const namespaceOf = (object: KubeObject) =>
    groupKind(object) === '/Namespace' ? object.metadata.name : (object.metadata.namespace ?? 'default')
  return {
    in: (namespace) => workloads.filter((workload) => workload.namespace === namespace),
    beside: (namespace) => objects.filter((object) => namespaceOf(object) === namespace),
  }
}

/**
 * Labels that together select the pods of a destination, each pod by one of them only. Empty when nothing is known of a
 * ServiceAccount's pods.
 */
export function selectionsOf(destination: AccessDestination, directory: WorkloadDirectory): PodSelection[] {
  const all = directory.in(destination.namespace)
  if ('labels' in destination) {
    const own = all.filter(({ labels }) => selects(destination.labels, labels))
    return [{ name: '', labels: destination.labels, ...known(own) }]
  }
  const own = all.filter(({ serviceAccount }) => serviceAccount === destination.serviceAccount)
  const widest = own
    .filter(({ labels, selector }, index) => {
      // Of two that select alike the first stays.
      return !own.some((other, place) => {
        const covers = place !== index && selects(other.selector, labels) && selects(other.selector, selector)
        return covers && (place < index || labelText(other.selector) !== labelText(selector))
      })
    })
    .sort((a, b) => compareText(a.name, b.name))
  return widest.map(({ name, selector }) => ({
    name: widest.length === 1 ? '' : name,
    labels: selector,
    ...known(own.filter(({ labels }) => selects(selector, labels))),
  }))
}

/** The workloads of other ServiceAccounts that the labels of a destination select as well. */
export function strangersAmong(destination: AccessDestination, directory: WorkloadDirectory): Workload[] {
  if ('labels' in destination) return []
  const selections = selectionsOf(destination, directory)
  return directory.in(destination.namespace).filter(({ serviceAccount, labels }) => {
    if (serviceAccount === destination.serviceAccount) return false
    return selections.some((selection) => selects(selection.labels, labels))
  })
}

/** The one ServiceAccount whose pods, all of them and no others, are a destination; undefined when there is none. */
export function accountOf(destination: AccessDestination, directory: WorkloadDirectory): ServiceAccountRef | undefined {
  const { namespace } = destination
  if ('serviceAccount' in destination) return { namespace, name: destination.serviceAccount }
  const all = directory.in(namespace)
  const names = new Set(
    all.filter(({ labels }) => selects(destination.labels, labels)).map(({ serviceAccount }) => serviceAccount),
  )
  const [name] = names
  if (name === undefined || names.size > 1) return undefined
  const own = all.filter(({ serviceAccount }) => serviceAccount === name)
  return own.every(({ labels }) => selects(destination.labels, labels)) ? { namespace, name } : undefined
}

/**
 * What was read by labels, by ServiceAccount where that is the same: where all selections of an account are there with the
 * same access, and no others. In normal form.
 */
export function byAccount(accesses: readonly WorkloadAccess[], directory: WorkloadDirectory): WorkloadAccess[] {
  const left = new Map(accesses.map((access) => [destinationKey(access.destination), normalAccess(access)]))
  const found: WorkloadAccess[] = []
  for (const namespace of new Set(accesses.map(({ destination }) => destination.namespace))) {
    for (const serviceAccount of new Set(directory.in(namespace).map((workload) => workload.serviceAccount))) {
      const destination = { namespace, serviceAccount }
      const keys = selectionsOf(destination, directory).map(({ labels }) => destinationKey({ namespace, labels }))
      const parts = keys.map((key) => left.get(key))
      const [first, ...others] = parts
      if (first === undefined || strangersAmong(destination, directory).length > 0) continue
      if (!others.every((other) => other !== undefined && contents(other) === contents(first))) continue
      for (const key of keys) left.delete(key)
      found.push({ ...first, destination })
    }
  }
  return [...found, ...left.values()].sort((a, b) => {
    return compareText(destinationKey(a.destination), destinationKey(b.destination))
  })
}

/** Whether two destinations may have pods in common. */
export function mayShare(a: AccessDestination, b: AccessDestination, directory: WorkloadDirectory): boolean {
  if (a.namespace !== b.namespace) return false
  return selectionsOf(a, directory).some((one) =>
    selectionsOf(b, directory).some((other) => mayOverlap(one.labels, other.labels)),
  )
}

export function destinationKey(destination: AccessDestination): string {
  const { namespace } = destination
  return 'serviceAccount' in destination
    ? `${namespace}/${destination.serviceAccount}`
    : `${namespace} ${labelText(destination.labels)}`
}

function contents({ ports, grants }: WorkloadAccess): string {
  return JSON.stringify([ports ?? null, grants])
}

function known(workloads: readonly Workload[]): Pick<PodSelection, 'ports' | 'probes'> {
  return {
    ports: ascending(workloads.flatMap(({ ports }) => ports)),
    probes: workloads.flatMap(({ probes }) => probes),
  }
}

function probesOf(container: Fields): Probe[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((kind): Probe[] => {
    const probe = fieldsOf(container[kind])
    const { port: grpcPort } = fieldsOf(probe['grpc'])
    if (typeof grpcPort === 'number') return [{ port: grpcPort, method: 'POST', path: grpcHealth }]
    const { path = '/', port } = fieldsOf(probe['httpGet'])
    if (port === undefined) return []
    const number = numberOf(port) ?? portsOf(container).find(({ name }) => name === port)?.port
    // What stands behind a question mark is no part of the path that is compared.
    if (number === undefined || typeof path !== 'string') return []
    return [{ port: number, method: 'GET', path: path.split('?')[0] || '/' }]
  })
}

function portsOf(container: Fields): { readonly name: string | undefined; readonly port: number }[] {
  return listOf(container['ports'])
    .map(fieldsOf)
    .flatMap(({ name, containerPort, protocol = 'TCP' }) => {
      const port = numberOf(containerPort)
      return port === undefined || protocol !== 'TCP' ? [] : [{ name: textOf(name), port }]
    })
}

function ascending(ports: readonly number[]): number[] {
  return [...new Set(ports)].sort((a, b) => a - b)
}

function textMap(value: unknown): Labels {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([key, item]) => (typeof item === 'string' ? [[key, item]] : [])),
  )
}
