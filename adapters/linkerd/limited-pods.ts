import type { KubeObject } from '../../src/kube/object.ts'
import { selects } from '../../src/mesh/access.ts'
import { fieldsOf, isFields, listOf, textsOf } from '../../src/mesh/fields.ts'
import type { Workload, WorkloadDirectory } from '../../src/mesh/workloads.ts'

/** A port of the pods of one workload. */
export interface PodPlace {
  readonly workload: Workload
  readonly port: number
}

/** What a Server is about, as far as workloads tell. */
export interface ServerReach {
  readonly object: KubeObject
  readonly namespace: string
  readonly places: readonly PodPlace[]
}

/** The ports of pods that a Server selects, by labels and expressions, by the port's number or its name. */
export function reachOf(server: KubeObject, workloads: WorkloadDirectory): ServerReach {
  const { namespace = 'default' } = server.metadata
  const { podSelector, port, externalWorkloadSelector } = fieldsOf(server.spec)
  const all = externalWorkloadSelector === undefined ? workloads.in(namespace) : []
  const places = all
    .filter(({ labels }) => isSelected(podSelector, labels))
    .flatMap((workload): PodPlace[] => {
      const number = typeof port === 'string' ? workload.portNames[port] : port
      return typeof number === 'number' ? [{ workload, port: number }] : []
    })
  return { object: server, namespace, places }
}

export function samePlace(a: PodPlace, b: PodPlace): boolean {
  return a.port === b.port && a.workload.namespace === b.workload.namespace && a.workload.name === b.workload.name
}

/** Whether all of some places are among others. */
export function isWithin(places: readonly PodPlace[], others: readonly PodPlace[]): boolean {
  return places.every((place) => others.some((other) => samePlace(place, other)))
}

/** As `metav1.LabelSelector`: all conditions hold. */
function isSelected(selector: unknown, labels: Workload['labels']): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector)
  const wanted = Object.entries(isFields(matchLabels) ? matchLabels : {}).map(([name, value]) => [name, String(value)])
  if (!selects(Object.fromEntries(wanted), labels)) return false
  return listOf(matchExpressions).every((expression) => {
    const { key, operator, values } = fieldsOf(expression)
    const value = labels[String(key)]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    const isListed = value !== undefined && textsOf(values).includes(value)
    return operator === 'In' ? isListed : !isListed
  })
}
