import type { ServiceDirectory } from '../mesh/routing.ts'
import { serviceName } from '../mesh/service.ts'
import type { ServiceRef } from '../mesh/traffic.ts'

export const apex: ServiceRef = { namespace: 'shop', name: 'web' }

export const presentServices: readonly ServiceRef[] = [
  apex,
  { namespace: 'shop', name: 'web-v1' },
  { namespace: 'shop', name: 'web-v2' },
]

export const elsewhere: ServiceRef = { namespace: 'pay', name: 'api' }

/** Backends on a missing Service, and on a port that the Service lacks, are part of life. */
export const missing: ServiceRef = { namespace: 'shop', name: 'gone' }

export const apexPorts = [80, 9090]

/** The port of generated Services that speaks gRPC. */
export const callPort = 50_051

/** The Services that generated traffic may name. */
export const generatedServices: ServiceDirectory = {
  ports: (service) => {
    if (serviceName(service) === serviceName(missing)) return undefined
    return serviceName(service) === serviceName(elsewhere)
      ? [8080]
      : [80, 8080, 9090, callPort].filter((port) => port !== 8080 || service.name !== 'web')
  },
  application: (_service, port) => (port === callPort ? 'grpc' : 'http'),
}
