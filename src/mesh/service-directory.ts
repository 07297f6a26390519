import type { KubeObject } from '../kube/object.ts'
import { applicationProtocol } from './application-protocol.ts'
import { surroundingsOf } from './enrollment.ts'
import { fieldsOf, isFields, listOf } from './fields.ts'
import type { ServiceDirectory } from './routing.ts'
import type { ServiceRef } from './traffic.ts'

/**
 * A directory over Services, wherever they are kept; undefined for a Service that does not exist. `namespaceNamed` is for callers that
 * know Namespaces as well.
 */
export function directoryOf(
  objectOf: (service: ServiceRef) => KubeObject | undefined,
  namespaceNamed: (name: string) => KubeObject | undefined = () => undefined,
): ServiceDirectory {
  const specOf = (service: ServiceRef) => {
    const found = objectOf(service)
    return found && fieldsOf(found.spec)
  }
  const portsOf = (service: ServiceRef) => listOf(specOf(service)?.['ports']).filter(isPort)
  return {
    ports(service) {
      if (specOf(service) === undefined) return undefined
      return [...new Set(portsOf(service).map(({ port }) => port))].sort((a, b) => a - b)
    },
    protocol(service, port) {
      const protocols = portsOf(service).filter((entry) => entry.port === port)
      if (protocols.length === 0) return undefined
      // One port may be there for TCP and for UDP: then it can be routed.
      const found = protocols.map(({ protocol = 'TCP' }) => protocol)
      return found.includes('TCP') ? 'TCP' : found.includes('UDP') ? 'UDP' : 'SCTP'
    },
    application(service, port) {
      const found = portsOf(service).find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === 'TCP')
      return found && applicationProtocol(found)
    },
    portNamed: (service, name) => portsOf(service).find((entry) => entry.name === name)?.port,
    backing(service, port) {
      const { selector, type } = specOf(service) ?? {}
      const found = portsOf(service).find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === 'TCP')
      if (!isFields(selector) || Object.keys(selector).length === 0 || type === 'ExternalName' || found === undefined)
        return undefined
      const labels = Object.entries(selector).map(([name, value]) => [name, String(value)])
      return { labels: Object.fromEntries(labels), port: found.targetPort ?? port }
    },
    type(service) {
      const spec = specOf(service)
      if (spec === undefined) return undefined
      if (spec['type'] === 'ExternalName') return 'ExternalName'
      return spec['clusterIP'] === 'None' ? 'Headless' : 'ClusterIP'
    },
    surroundings: (service) => surroundingsOf(objectOf(service), namespaceNamed(service.namespace)),
  }
}

function isPort(
  value: unknown,
): value is { port: number; protocol?: string; name?: string; appProtocol?: string; targetPort?: number | string } {
  return isFields(value) && typeof value['port'] === 'number'
}
