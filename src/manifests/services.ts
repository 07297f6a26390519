import type { KubeObject } from '../kube/object.ts'
import { fieldsOf, listOf } from '../mesh/fields.ts'
import { type FieldProblem, groupKind } from '../mesh/object-reading.ts'
import {
  anything,
  list,
  map,
  type ObjectSchema,
  object,
  oneOf,
  port,
  schemaProblems,
  text,
} from '../mesh/object-schema.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import { sameService } from '../mesh/service.ts'
import { directoryOf } from '../mesh/service-directory.ts'
import type { ServiceRef } from '../mesh/traffic.ts'

const servicePort = object(
  {
    name: text,
    protocol: oneOf('TCP', 'UDP', 'SCTP'),
    appProtocol: text,
    port,
    targetPort: anything,
    nodePort: anything,
  },
  { required: ['port'] },
)

/** `spec` of a Service (core/v1 of Kubernetes 1.34). */
const serviceSpec: ObjectSchema = object({
  ports: list(servicePort),
  selector: map(text),
  type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
  clusterIP: text,
  clusterIPs: list(text),
  externalIPs: list(text),
  externalName: text,
  externalTrafficPolicy: text,
  internalTrafficPolicy: text,
  trafficDistribution: text,
  sessionAffinity: text,
  sessionAffinityConfig: anything,
  loadBalancerIP: text,
  loadBalancerClass: text,
  loadBalancerSourceRanges: list(text),
  allocateLoadBalancerNodePorts: anything,
  healthCheckNodePort: anything,
  ipFamilies: list(text),
  ipFamilyPolicy: text,
  publishNotReadyAddresses: anything,
})

export function isService(one: KubeObject): boolean {
  return groupKind(one) === '/Service' && one.apiVersion === 'v1'
}

/** A DNS label (core/v1 ServicePort). */
const portName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** What the API server refuses about a Service. */
export function serviceProblems({ spec }: KubeObject): FieldProblem[] {
  const shape = schemaProblems(serviceSpec, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const { type, clusterIP, ports } = fieldsOf(spec)
  const entries = listOf(ports).map(fieldsOf)
  if (entries.length === 0 && type !== 'ExternalName' && clusterIP !== 'None')
    return [{ path: ['spec'], problem: 'ports is missing' }]
  return entries.flatMap((entry, index): FieldProblem[] => {
    const unnamed = entries.length > 1 && (entry['name'] ?? '') === ''
    const { name } = entry
    const isTaken = name !== undefined && name !== '' && entries.findIndex((one) => one['name'] === name) < index
    const rival = entries.findIndex(
      (one) => one['port'] === entry['port'] && (one['protocol'] ?? 'TCP') === (entry['protocol'] ?? 'TCP'),
    )
    return [
      ...(unnamed
        ? [{ path: ['spec', 'ports', index], problem: 'name is missing; of several ports each has one' }]
        : []),
      ...(typeof name === 'string' && name !== '' && !portName.test(name)
        ? [{ path: ['spec', 'ports', index, 'name'], problem: `${JSON.stringify(name)} is no name of a port` }]
        : []),
      ...(isTaken
        ? [{ path: ['spec', 'ports', index, 'name'], problem: `a port is called ${JSON.stringify(name)} already` }]
        : []),
      ...(rival < index ? [{ path: ['spec', 'ports', index, 'port'], problem: 'this port is there already' }] : []),
    ]
  })
}

/** Whether an object is a Namespace, whose labels may say that a mesh looks after it. */
export function isNamespace(one: KubeObject): boolean {
  return groupKind(one) === '/Namespace' && one.apiVersion === 'v1'
}

/** The Services among some objects as a directory: they are all there are. Namespaces among them tell their labels. */
export function givenServices(objects: readonly KubeObject[]): ServiceDirectory {
  return directoryOf(
    (service) => findService(objects, service),
    (name) => objects.find((one) => isNamespace(one) && one.metadata.name === name),
  )
}

export function findService(objects: readonly KubeObject[], service: ServiceRef): KubeObject | undefined {
  return objects.find((one) => {
    const { name, namespace = 'default' } = one.metadata
    return isService(one) && sameService({ namespace, name }, service)
  })
}

const allPorts: readonly number[] = Array.from({ length: 65_535 }, (_, index) => index + 1)

/** Where no Service is given, every name exists and has every port. */
export const everyService: ServiceDirectory = { ports: () => allPorts }
