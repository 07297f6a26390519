import type { Informers } from '../kube/informers.ts'
import type { Kind } from '../kube/object.ts'
import { isRecord } from '../kube/wire.ts'
import { applicationProtocol } from '../mesh/application-protocol.ts'
import type { ServiceDirectory } from '../mesh/routing.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import type { ReadLog } from './dependencies.ts'

export const serviceKind: Kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true }

/** Services as the informer knows them. What is asked for is noted, so that a new port is a reason to look again. */
export function serviceDirectory(informers: Informers, reads?: ReadLog): ServiceDirectory {
  const specOf = (service: ServiceRef) => {
    reads?.object(serviceKind, service)
    const found = informers.of(serviceKind).store.get(service)
    return found === undefined ? undefined : isRecord(found.spec) ? found.spec : {}
  }
  const portsOf = (service: ServiceRef) => {
    const ports = specOf(service)?.['ports']
    return (Array.isArray(ports) ? ports : []).filter(isPort)
  }
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
    type(service) {
      const spec = specOf(service)
      if (spec === undefined) return undefined
      if (spec['type'] === 'ExternalName') return 'ExternalName'
      return spec['clusterIP'] === 'None' ? 'Headless' : 'ClusterIP'
    },
  }
}

function isPort(value: unknown): value is { port: number; protocol?: string; name?: string; appProtocol?: string } {
  return isRecord(value) && typeof value['port'] === 'number'
}
