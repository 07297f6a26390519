import { systemClock } from '../kube/clock.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { MetricsSource } from '../metrics/metrics.ts'
import type { ClusterView } from './cluster-view.ts'
import { Endpoints } from './endpoints.ts'
import { MeshDataPlane } from './mesh-data-plane.ts'
import { SimulatedMetrics } from './simulated-metrics.ts'
import { Telemetry } from './telemetry.ts'
import { Traffic } from './traffic.ts'
import { healthy, type Version } from './version.ts'

/** Milliseconds from one batch of requests to the next. */
const tick = 250

/** A Service of the namespace `default` that users call. */
export interface CalledService {
  readonly name: string
  readonly port: number
  /** Requests per second. */
  readonly rate: number
}

export interface LocalTrafficOptions {
  readonly services: readonly CalledService[]
  /** By image of a Deployment, the share (0 to 1) of its answers that are errors; none unless given. */
  readonly errorRates: Readonly<Record<string, number>>
}

/**
 * Users of a local cluster, in real time, whose requests go where the mesh's own rules send them, and what the mesh would measure of them. Made
 * before there is anything in the cluster: it hears of what is written from then on.
 */
export function startLocalTraffic(
  adapter: MeshAdapter,
  view: ClusterView,
  { services, errorRates }: LocalTrafficOptions,
): { readonly metrics: MetricsSource; stop(): void } {
  const telemetry = new Telemetry()
  const parts = { adapter, plane: new MeshDataPlane(adapter, view), endpoints: new Endpoints(view), telemetry }
  const request = { method: 'GET', path: '/', headers: {}, query: {} }
  const versions = Object.fromEntries(
    Object.entries(errorRates).map(([image, errorRate]): [string, Version] => [image, { ...healthy, errorRate }]),
  )
  const all = services.map(
    ({ name, port, rate }, seed) =>
      new Traffic(
        {
          seed,
          rate,
          port,
          start: systemClock.now(),
          apex: { namespace: 'default', name },
          source: { namespace: 'default', name: 'clients' },
          clients: [{ name: 'users', users: 100, inMesh: true, request }],
          versions,
        },
        parts,
      ),
  )
  const advance = () => {
    for (const traffic of all) traffic.advance(systemClock.now())
  }
  const timer = setInterval(advance, tick)
  return { metrics: new SimulatedMetrics(telemetry, systemClock), stop: () => clearInterval(timer) }
}
