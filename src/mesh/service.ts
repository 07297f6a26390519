import type { ServiceDirectory } from './routing.ts'
import type { PortTraffic, ServiceRef } from './traffic.ts'

/** `namespace/name`: how messages and keys call a Service. */
export function serviceName(service: ServiceRef): string {
  return `${service.namespace}/${service.name}`
}

export function sameService(a: ServiceRef, b: ServiceRef): boolean {
  return a.namespace === b.namespace && a.name === b.name
}

/** By namespace, then by name; by code units, so that no locale has a say. */
export function compareServices(a: ServiceRef, b: ServiceRef): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name)
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What a port speaks, as far as it is not HTTP in one version or another. */
export function spokenOn(service: ServiceRef, port: number, services: ServiceDirectory): 'tcp' | 'tls' | undefined {
  const spoken = services.application?.(service, port)
  return spoken === 'tcp' || spoken === 'tls' ? spoken : undefined
}

/** Ports of a Service that a mesh can divide: those of TCP. Undefined when the Service does not exist. */
export function tcpPorts(service: ServiceRef, services: ServiceDirectory): number[] | undefined {
  return services.ports(service)?.filter((port) => (services.protocol?.(service, port) ?? 'TCP') === 'TCP')
}

/** What the Service itself says is spoken on one of its ports, as the rules of the port have it. */
export function saidProtocol(
  service: ServiceRef,
  port: number,
  services: ServiceDirectory,
): Pick<PortTraffic, 'protocol'> {
  const said = services.application?.(service, port)
  return said === undefined || said === 'http' ? {} : { protocol: said }
}
