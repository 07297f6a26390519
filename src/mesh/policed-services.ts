import { normalForm } from './normal-form.ts'
import type { ServiceDirectory } from './routing.ts'
import { compareServices, sameService } from './service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic } from './traffic.ts'

/**
 * The apex and every Service that gets requests of it, each once and in a stable order: the ones to write about where a mesh applies
 * a policy by the Service that a request goes to, and not by the one it was sent to.
 */
export function policedServices(traffic: ServiceTraffic): ServiceRef[] {
  return distinct([traffic.service, ...backendsOf(normalForm(traffic).ports)])
}

/** Those of them that get requests in fact: the apex only if a port, or a rule, leaves some to it. Traffic in normal form. */
export function reachedServices({ service, ports }: ServiceTraffic, services: ServiceDirectory): ServiceRef[] {
  const all = services.ports(service) ?? []
  const backends = backendsOf(ports)
  const isLeft = backends.length === 0 || !all.every((port) => ports.some((one) => one.port === port))
  return distinct([...(isLeft ? [service] : []), ...backends])
}

function backendsOf(ports: readonly PortTraffic[]): ServiceRef[] {
  return ports.flatMap(({ rules }) => rules.flatMap(({ backends }) => backends.map(({ service }) => service)))
}

function distinct(services: readonly ServiceRef[]): ServiceRef[] {
  return services
    .filter((service, index) => services.findIndex((other) => sameService(other, service)) === index)
    .sort(compareServices)
}
