import { applicationProtocol } from './application-protocol.ts'
import { type Fields, isFields, listOf } from './fields.ts'
import type { ServiceDirectory } from './routing.ts'
import type { ServiceRef } from './traffic.ts'

/** A directory over the `spec` of Services, wherever they are kept; undefined for a Service that does not exist. */
export function directoryOf(specOf: (service: ServiceRef) => Fields | undefined): ServiceDirectory {
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
    type(service) {
      const spec = specOf(service)
      if (spec === undefined) return undefined
      if (spec['type'] === 'ExternalName') return 'ExternalName'
      return spec['clusterIP'] === 'None' ? 'Headless' : 'ClusterIP'
    },
  }
}

function isPort(value: unknown): value is { port: number; protocol?: string; name?: string; appProtocol?: string } {
  return isFields(value) && typeof value['port'] === 'number'
}
