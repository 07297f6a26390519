import type { KubeObject } from '../../kube/object.ts'
import { at, isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts'
import type { Column } from '../resource.ts'
import { ageOf } from '../time.ts'

/** The columns `kubectl get` shows for built-in kinds. Source: `pkg/printers/internalversion/printers.go`. */

type Cell = (object: KubeObject, now: number) => unknown

function column(name: string, cell: Cell, type = 'string', priority = 0): Column {
  return { name, type, format: name === 'Name' ? 'name' : '', description: '', priority, cell }
}

const name = column('Name', (object) => object.metadata.name)
const age = column('Age', (object, now) => ageOf(object.metadata.creationTimestamp, now))

function field(title: string, ...path: string[]): Column {
  return column(title, (object) => at(object, ...path) ?? '')
}

function count(title: string, ...path: string[]): Column {
  return column(title, (object) => numberOf(at(object, ...path)), 'integer')
}

function keysIn(title: string, ...fields: string[]): Column {
  return column(title, (object) => fields.reduce((sum, one) => sum + Object.keys(objectOf(object[one])).length, 0))
}

function selectorText(selector: unknown): string {
  const labels = objectOf(isJsonObject(objectOf(selector).matchLabels) ? objectOf(selector).matchLabels : selector)
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
  return text === '' ? '<none>' : text
}

function containers(field: string): Cell {
  return (object) =>
    listOf(at(object.spec, 'template', 'spec', 'containers'))
      .map((one) => stringOf(objectOf(one)[field]))
      .join(',')
}

const wideWorkload = [
  column('Containers', containers('name'), 'string', 1),
  column('Images', containers('image'), 'string', 1),
  column('Selector', (object) => selectorText(at(object.spec, 'selector')), 'string', 1),
]

function servicePorts(object: KubeObject): string {
  const ports = listOf(at(object.spec, 'ports')).map((port) => {
    const { port: number, nodePort, protocol } = objectOf(port)
    return nodePort === undefined ? `${number}/${protocol}` : `${number}:${nodePort}/${protocol}`
  })
  return ports.length === 0 ? '<none>' : ports.join(',')
}

function externalIp(object: KubeObject): string {
  const spec = objectOf(object.spec)
  if (spec.type === 'ExternalName') return stringOf(spec.externalName)
  const ingress = listOf(at(object.status, 'loadBalancer', 'ingress')).map(
    (one) => objectOf(one).ip ?? objectOf(one).hostname,
  )
  if (spec.type === 'LoadBalancer') return ingress.length === 0 ? '<pending>' : ingress.join(',')
  const given = listOf(spec.externalIPs)
  return given.length === 0 ? '<none>' : given.join(',')
}

function podReady(object: KubeObject): string {
  const ready = listOf(at(object.status, 'containerStatuses')).filter((one) => objectOf(one).ready === true).length
  return `${ready}/${listOf(at(object.spec, 'containers')).length}`
}

function podRestarts(object: KubeObject): string {
  const restarts = listOf(at(object.status, 'containerStatuses')).map((one) => numberOf(objectOf(one).restartCount))
  return String(restarts.reduce((sum, one) => sum + one, 0))
}

function nodeStatus(object: KubeObject): string {
  const ready = listOf(at(object.status, 'conditions')).find((one) => objectOf(one).type === 'Ready')
  const text = ready === undefined ? 'Unknown' : objectOf(ready).status === 'True' ? 'Ready' : 'NotReady'
  return at(object.spec, 'unschedulable') === true ? `${text},SchedulingDisabled` : text
}

function eventObject(object: KubeObject): string {
  const involved = objectOf(object.involvedObject)
  return `${stringOf(involved.kind).toLowerCase()}/${stringOf(involved.name)}`
}

/** When an Event was last seen, by the newest of the fields that may tell. */
function lastSeen(object: KubeObject, now: number): string {
  const series = at(object, 'series', 'lastObservedTime')
  return ageOf(series ?? object.lastTimestamp ?? object.eventTime ?? object.metadata.creationTimestamp, now)
}

function autoscalerReference(object: KubeObject): string {
  const target = objectOf(at(object.spec, 'scaleTargetRef'))
  return `${stringOf(target.kind)}/${stringOf(target.name)}`
}

function endpointsText(object: KubeObject): string {
  const addresses = listOf(object.subsets).flatMap((subset) => {
    const ports = listOf(objectOf(subset).ports).map((port) => objectOf(port).port)
    return listOf(objectOf(subset).addresses).flatMap((one) =>
      ports.map((port) => `${String(objectOf(one).ip)}:${String(port)}`),
    )
  })
  return addresses.length === 0 ? '<none>' : addresses.join(',')
}

/** For kinds without columns of their own. */
export const defaultColumns: readonly Column[] = [
  name,
  column('Created At', (object) => object.metadata.creationTimestamp ?? '', 'date'),
]

const bindingColumns = [
  name,
  column('Role', (object) => `${stringOf(at(object, 'roleRef', 'kind'))}/${stringOf(at(object, 'roleRef', 'name'))}`),
  age,
]

export const builtinColumns: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [name, field('Status', 'status', 'phase'), age],
  configmaps: [name, keysIn('Data', 'data', 'binaryData'), age],
  secrets: [name, field('Type', 'type'), keysIn('Data', 'data'), age],
  serviceaccounts: [name, column('Secrets', (object) => listOf(object.secrets).length, 'integer'), age],
  services: [
    name,
    field('Type', 'spec', 'type'),
    column('Cluster-IP', (object) => at(object.spec, 'clusterIP') ?? '<none>'),
    column('External-IP', externalIp),
    column('Port(s)', servicePorts),
    age,
    column('Selector', (object) => selectorText(at(object.spec, 'selector')), 'string', 1),
  ],
  endpoints: [name, column('Endpoints', endpointsText), age],
  pods: [
    name,
    column('Ready', podReady),
    column('Status', (object) =>
      object.metadata.deletionTimestamp === undefined ? (at(object.status, 'phase') ?? 'Pending') : 'Terminating',
    ),
    column('Restarts', podRestarts),
    age,
    column('IP', (object) => at(object.status, 'podIP') ?? '<none>', 'string', 1),
    column('Node', (object) => at(object.spec, 'nodeName') ?? '<none>', 'string', 1),
  ],
  nodes: [
    name,
    column('Status', nodeStatus),
    column('Roles', () => '<none>'),
    age,
    field('Version', 'status', 'nodeInfo', 'kubeletVersion'),
  ],
  events: [
    column('Last Seen', lastSeen),
    field('Type', 'type'),
    field('Reason', 'reason'),
    column('Object', eventObject),
    column('Message', (object) => stringOf(object.message).trim()),
    { ...name, priority: 1 },
  ],
  deployments: [
    name,
    column(
      'Ready',
      (object) => `${numberOf(at(object.status, 'readyReplicas'))}/${numberOf(at(object.spec, 'replicas'))}`,
    ),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    age,
    ...wideWorkload,
  ],
  replicasets: [
    name,
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    age,
    ...wideWorkload,
  ],
  statefulsets: [
    name,
    column(
      'Ready',
      (object) => `${numberOf(at(object.status, 'readyReplicas'))}/${numberOf(at(object.spec, 'replicas'))}`,
    ),
    age,
    ...wideWorkload.slice(0, 2),
  ],
  daemonsets: [
    name,
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    age,
  ],
  horizontalpodautoscalers: [
    name,
    column('Reference', autoscalerReference),
    count('MinPods', 'spec', 'minReplicas'),
    count('MaxPods', 'spec', 'maxReplicas'),
    count('Replicas', 'status', 'currentReplicas'),
    age,
  ],
  jobs: [
    name,
    column(
      'Completions',
      (object) => `${numberOf(at(object.status, 'succeeded'))}/${numberOf(at(object.spec, 'completions'))}`,
    ),
    age,
  ],
  cronjobs: [
    name,
    field('Schedule', 'spec', 'schedule'),
    column('Suspend', (object) => String(at(object.spec, 'suspend') === true)),
    age,
  ],
  leases: [name, field('Holder', 'spec', 'holderIdentity'), age],
  poddisruptionbudgets: [
    name,
    column('Min Available', (object) => String(at(object.spec, 'minAvailable') ?? 'N/A')),
    column('Max Unavailable', (object) => String(at(object.spec, 'maxUnavailable') ?? 'N/A')),
    count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
    age,
  ],
  customresourcedefinitions: [name, column('Created At', (object) => object.metadata.creationTimestamp ?? '', 'date')],
  roles: [name, column('Created At', (object) => object.metadata.creationTimestamp ?? '', 'date')],
  rolebindings: bindingColumns,
  clusterrolebindings: bindingColumns,
  endpointslices: [
    name,
    field('AddressType', 'addressType'),
    column(
      'Ports',
      (object) =>
        listOf(object.ports)
          .map((port) => String(objectOf(port).port))
          .join(',') || '<unset>',
    ),
    column(
      'Endpoints',
      (object) =>
        listOf(object.endpoints)
          .flatMap((one) => listOf(objectOf(one).addresses))
          .join(',') || '<unset>',
    ),
    age,
  ],
}
