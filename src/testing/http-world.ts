import type { KubeObject } from '../kube/object.ts'
import type { SimulationOptions } from '../simulator/simulation.ts'

const namespace = 'default'
const port = 80
/** Milliseconds. */
const latency = { median: 5, p99: 20 }

/**
 * A Service on port 80 in `default` and, unless it selects the Pods of another, a Deployment of two replicas of its own name whose
 * image has that name as well.
 */
export function httpService(name: string, selects = name): KubeObject[] {
  const labels = { app: selects }
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ name: 'http', port }] },
  }
  if (selects !== name) return [service]
  const container = { name: 'web', image: name, ports: [{ containerPort: port }] }
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  }
  return [service, deployment]
}

export interface HttpClientsOptions {
  /** Requests per second. */
  readonly rate: number
  /** By Deployment made with `httpService`, the share (0 to 1) of its answers that are errors; none unless given. */
  readonly errorRates?: Readonly<Record<string, number>>
}

/** A hundred users in the mesh who call a Service of `httpService`. */
export function httpClients(
  service: string,
  { rate, errorRates = {} }: HttpClientsOptions,
): SimulationOptions['traffic'] {
  const request = { method: 'GET', path: '/', headers: {}, query: {} }
  return {
    rate,
    apex: { namespace, name: service },
    port,
    source: { namespace, name: 'clients' },
    clients: [{ name: 'users', users: 100, inMesh: true, request }],
    versions: Object.fromEntries(
      Object.entries(errorRates).map(([image, errorRate]) => [image, { errorRate, latency }]),
    ),
  }
}
