import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { ServiceRef } from '../../../src/mesh/traffic.ts'
import {
  type Calls,
  type Exporter,
  istioSidecars,
  istioWaypoint,
  linkerdProxies,
} from '../../metrics/exported-series.ts'
import type { MeshName } from '../cluster/crds.ts'
import { freePort } from '../cluster/ports.ts'
import { isAvailable, type Way, waysOf } from './apex.ts'
import type { Recorder } from './recorder.ts'

const exporters: Readonly<Record<MeshName, Exporter>> = {
  istio: istioSidecars,
  'istio-ambient': istioWaypoint,
  'gateway-api': istioWaypoint,
  linkerd: linkerdProxies,
  smi: linkerdProxies,
}

/** How a version behaves; which one a pod is, its image tells. */
interface Behaviour {
  readonly errorRate: number
  /** How many of a thousand requests take no longer than so many milliseconds. */
  readonly latency: Readonly<Record<string, number>>
}

const good: Behaviour = { errorRate: 0, latency: { '10': 500, '50': 990, '100': 1000, '500': 1000, '2000': 1000 } }
// In one thing alone: Prometheus is asked several questions, between which it may come to know more.
const bad: Behaviour = { ...good, errorRate: 0.1 }

/** The tag of an image of a version that fails a tenth of its requests. */
export const badTag = 'bad'

const requestsPerSecond = 100

/**
 * The proxies of one mesh, as far as their metrics tell: a steady stream of requests to the apex is divided as the mesh's
 * objects say at each moment, and counted under that mesh's names and labels.
 */
export class ApexTelemetry {
  /** Requests that went to a backend without an available replica. */
  lost = 0
  readonly #counters = new Map<string, number>()
  readonly #exported: Exporter
  readonly #apex: ServiceRef
  readonly #ways: () => Way[]
  #settled = performance.now()

  constructor(mesh: MeshName, adapter: MeshAdapter, apex: ServiceRef, recorder: Recorder) {
    this.#exported = exporters[mesh]
    this.#apex = apex
    this.#ways = () => waysOf(adapter, apex, recorder.now)
    recorder.listen(() => this.#settle())
  }

  /** In the text format of Prometheus. */
  text(): string {
    this.#settle()
    return [...this.#counters].map(([series, value]) => `${series} ${value}\n`).join('')
  }

  /** Counts the requests since it was last called. */
  #settle(): void {
    const now = performance.now()
    const requests = ((now - this.#settled) / 1000) * requestsPerSecond
    this.#settled = now
    for (const way of this.#ways()) {
      const share = requests * way.share
      if (share === 0) continue
      const [deployment] = way.deployments
      if (deployment === undefined || !isAvailable(way)) {
        this.lost += share
        continue
      }
      const image = deployment.spec?.template.spec?.containers[0]?.image ?? ''
      for (const calls of callsOf(deployment.metadata.name, this.#apex.namespace, image, share)) {
        for (const { series, perScrape } of this.#exported(calls)) {
          this.#counters.set(series, (this.#counters.get(series) ?? 0) + perScrape)
        }
      }
    }
  }
}

function callsOf(to: string, namespace: string, image: string, requests: number): Calls[] {
  const { errorRate, latency } = image.endsWith(badTag) ? bad : good
  const calls = (status: number, perScrape: number): Calls => {
    const buckets = Object.entries(latency).map(([le, count]) => [le, (perScrape * count) / 1000])
    return {
      from: 'client',
      to,
      namespace,
      status,
      perScrape,
      buckets: Object.fromEntries([...buckets, ['+Inf', perScrape]]),
    }
  }
  // Failures are counted from 0 on: of a series that begins with another number, Prometheus takes that for its past and sees no rate.
  return [calls(200, requests * (1 - errorRate)), calls(503, requests * errorRate)]
}

/** Where Prometheus scrapes: the sum of everything that was added. */
export class TelemetryEndpoint {
  readonly address: string
  readonly #server: Server
  readonly #sources: Set<ApexTelemetry>

  private constructor(address: string, server: Server, sources: Set<ApexTelemetry>) {
    this.address = address
    this.#server = server
    this.#sources = sources
  }

  static async start(): Promise<TelemetryEndpoint> {
    const sources = new Set<ApexTelemetry>()
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end([...sources].map((source) => source.text()).join(''))
    })
    const port = await freePort()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new TelemetryEndpoint(`127.0.0.1:${port}`, server, sources)
  }

  add(source: ApexTelemetry): void {
    this.#sources.add(source)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
