import { readFile } from 'node:fs/promises'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { MeshRequest, ServiceDirectory } from '../../../src/mesh/routing.ts'
import { serviceName } from '../../../src/mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../../src/mesh/traffic.ts'
import { PlainClient } from '../cluster/client.ts'
import { waitFor } from '../cluster/processes.ts'
import { Backends } from './backends.ts'
import { CallClient } from './calls.ts'
import { type Answer, MeshClient } from './client.ts'
import type { Echo } from './echo.ts'
import { markerObjects } from './marker.ts'
import type { DataPlaneFacts } from './start-data-plane.ts'

/** The running mesh as one test file sees it: Services with backends of its own, objects, and requests through the sidecar. */
export class DataPlane {
  readonly facts: DataPlaneFacts
  /** Acts as `admin`. */
  readonly client: PlainClient
  readonly services: ServiceDirectory = {
    ports: (service) => this.#ports.get(serviceName(service)),
    application: (_service, port) => (this.#callPorts.has(port) ? 'grpc' : 'http'),
  }
  readonly #backends = new Backends()
  readonly #requests = new MeshClient()
  readonly #calls = new CallClient()
  readonly #ports = new Map<string, readonly number[]>()
  /** Of all Services: the sidecar has one listener for a port, whichever Service it is of. */
  readonly #callPorts = new Set<number>()
  readonly #namespaces = new Set<string>()
  readonly #unseen: MeshRequest[] = []
  /** What was written, by its path. */
  readonly #written = new Set<string>()
  #revision = 0

  constructor(facts: DataPlaneFacts) {
    this.facts = facts
    this.client = new PlainClient(facts.admin)
  }

  /**
   * Makes a Service whose ports a backend each stands behind, and its namespace if it is not there. Without `endpoints` nobody answers
   * for it; where it is not `listening`, its endpoints refuse every connection. `speaks` begins the names of its ports, but for those among
   * `calls`, which speak gRPC. There are as many `pods` as there are addresses at most.
   */
  async addService(
    service: ServiceRef,
    ports: readonly number[],
    { endpoints = true, listening = true, speaks = 'http', calls = [] as readonly number[], pods = 1 } = {},
  ): Promise<void> {
    await this.#addNamespace(service.namespace)
    for (const port of calls) this.#callPorts.add(port)
    const isCalls = (port: number) => calls.includes(port)
    const addresses = this.facts.backendAddresses.slice(0, pods)
    const namesOf = (port: number) => `${isCalls(port) ? 'grpc' : speaks}-${port}`
    await this.#create('v1', 'services', {
      metadata: service,
      spec: { ports: ports.map((port) => ({ name: namesOf(port), port })) },
    })
    // The sidecar has one listener per TCP port, which the marker must not claim.
    if (speaks === 'http') this.#ports.set(serviceName(service), ports)
    if (!endpoints) return
    for (const [index, address] of addresses.entries()) {
      const targets = ports.map(async (port) => {
        const place = { service: serviceName(service), port, address }
        const target = listening
          ? this.#backends.start(place, { calls: isCalls(port) })
          : this.#backends.closed(address)
        return { name: namesOf(port), port: await target, protocol: 'TCP' }
      })
      await this.#create('discovery.k8s.io/v1', 'endpointslices', {
        metadata: {
          namespace: service.namespace,
          name: index === 0 ? service.name : `${service.name}-${index}`,
          labels: { 'kubernetes.io/service-name': service.name },
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports: await Promise.all(targets),
      })
    }
    if (listening && speaks === 'http') this.#unseen.push(...ports.map((port) => ({ ...plainRequest, service, port })))
  }

  /** Makes a Service with one port that is on an address of somebody else's, such as a pod's. */
  async addEndpoint(service: ServiceRef, port: number, to: { readonly address: string; readonly port: number }) {
    const name = `http-${port}`
    await this.#create('v1', 'services', { metadata: service, spec: { ports: [{ name, port }] } })
    await this.#create('discovery.k8s.io/v1', 'endpointslices', {
      metadata: { ...service, labels: { 'kubernetes.io/service-name': service.name } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [to.address], conditions: { ready: true } }],
      ports: [{ name, port: to.port, protocol: 'TCP' }],
    })
  }

  /** Resolves when every Service made since the last time answers on all of its ports. */
  async reachable(): Promise<void> {
    for (const request of this.#unseen.splice(0)) {
      const what = `${serviceName(request.service)}:${request.port} answers`
      await this.#until(what, async () => (await this.#try(request))?.echo !== undefined)
    }
  }

  /** Writes objects of an adapter as its own operator does, by server-side apply. */
  async apply(adapter: Pick<MeshAdapter, 'kinds'>, objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const path = this.#path(adapter, object)
      this.#written.add(path)
      await this.client.ask(
        'PATCH',
        `${path}?fieldManager=autopilot&force=true`,
        object,
        'application/apply-patch+yaml',
      )
    }
  }

  async remove(adapter: Pick<MeshAdapter, 'kinds'>, object: KubeObject): Promise<void> {
    await this.client.ask('DELETE', this.#path(adapter, object))
  }

  /** The object as the API server has it. */
  async read(adapter: Pick<MeshAdapter, 'kinds'>, object: KubeObject): Promise<KubeObject> {
    return (await this.client.ask('GET', this.#path(adapter, object))) as KubeObject
  }

  /** Where the API server has one object of an adapter. */
  #path({ kinds }: Pick<MeshAdapter, 'kinds'>, { kind, apiVersion, metadata }: KubeObject): string {
    const known = kinds.find((one) => one.kind === kind)
    if (known === undefined) throw new Error(`the adapter writes no ${kind}`)
    return `/apis/${apiVersion}/namespaces/${metadata.namespace}/${known.plural}/${metadata.name}`
  }

  /**
   * Resolves when the proxy follows everything that was written before. A marker of the same kind is written last and asked for on each
   * port: istiod learns of one kind's objects in their order, and one push carries them all.
   */
  async settled(adapter: MeshAdapter): Promise<void> {
    this.#revision += 1
    const revision = String(this.#revision)
    for (const protocol of ['http', 'grpc'] as const) {
      const marker = await this.#marker(adapter, protocol)
      const ports = this.services.ports(marker) ?? []
      if (ports.length === 0) continue
      await this.apply(adapter, markerObjects(adapter, marker, { protocol, ports }, revision))
      for (const port of ports) {
        await this.#until(`Envoy follows the ${adapter.name} objects on port ${port}`, async () => {
          const answer = await this.#try({ ...plainRequest, service: marker, port })
          return answer?.headers['x-revision'] === revision
        })
      }
    }
  }

  /** Writes what the adapter makes of the traffic, and waits until the proxy follows it. */
  async follow(adapter: MeshAdapter, traffic: ServiceTraffic): Promise<void> {
    await this.apply(adapter, adapter.translate(traffic))
    await this.settled(adapter)
  }

  /** Sends a request, or makes a call where the port speaks gRPC. */
  send(request: MeshRequest): Promise<Answer> {
    return this.#callPorts.has(request.port) ? this.#calls.call(request) : this.#requests.send(request)
  }

  /** A counter of the proxy for one port of a Service, such as `upstream_rq_retry`. */
  async counter(name: string, service: ServiceRef, port: number): Promise<number> {
    return this.#stat(`^cluster\\.${literally(clusterOf(service, port))}.*\\.${literally(name)}$`)
  }

  /** How many requests to a port, of whichever Service, the proxy has held back by faults. */
  async delaysInjected(port: number): Promise<number> {
    return this.#stat(`^http\\..*_${port};?\\..*fault\\.delays_injected$`)
  }

  /** How the proxy treats what it sends to one port of a Service, as it says itself. */
  async cluster(service: ServiceRef, port: number): Promise<unknown> {
    const exactly = encodeURIComponent(`^${literally(clusterOf(service, port))}$`)
    const dump = await this.#admin(`/config_dump?resource=dynamic_active_clusters&name_regex=${exactly}`)
    return (dump as { configs?: { cluster: unknown }[] }).configs?.[0]?.cluster
  }

  /** What reached the backends of this file of the requests of one trial, see `trialHeaders`. */
  received(trial: string): readonly Echo[] {
    return this.#backends.received(trial)
  }

  /** Takes away all that was written: istiod would tell the proxy of it at every change in the files that follow. */
  async close(): Promise<void> {
    this.#requests.close()
    this.#calls.close()
    // What somebody has removed before is not there, which is as well.
    for (const path of this.#written) await this.client.call('DELETE', path)
    this.client.close()
    this.#backends.stop()
  }

  /** A Service of its own for each adapter and protocol, with all such ports that there are, made when it is first needed. */
  async #marker(adapter: MeshAdapter, protocol: 'http' | 'grpc'): Promise<ServiceRef> {
    const marker = { namespace: `marker-${process.pid}`, name: `marker-${adapter.name}-${protocol}` }
    if (this.services.ports(marker) === undefined) {
      const all = [...new Set([...this.#ports.values()].flat())]
      const ports = all.filter((port) => this.#callPorts.has(port) === (protocol === 'grpc'))
      if (ports.length === 0) return marker
      await this.addService(marker, ports, { calls: protocol === 'grpc' ? ports : [] })
      await this.reachable()
    }
    return marker
  }

  /** The sum of the proxy's statistics whose names this expression finds. */
  async #stat(names: string): Promise<number> {
    const page = await this.#admin(`/stats?format=json&filter=${encodeURIComponent(names)}`)
    const { stats } = page as { stats: { value?: number }[] }
    return stats.reduce((sum, { value = 0 }) => sum + value, 0)
  }

  /** What the proxy's own pages say. */
  async #admin(path: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.facts.sidecarAdminPort}${path}`)
    return answer.json()
  }

  async #addNamespace(name: string): Promise<void> {
    if (this.#namespaces.has(name)) return
    this.#namespaces.add(name)
    const { status } = await this.client.call('POST', '/api/v1/namespaces', { metadata: { name } })
    if (status !== 201 && status !== 409) throw new Error(`namespace ${name}: ${status}`)
  }

  async #create(
    apiVersion: string,
    plural: string,
    object: Pick<KubeObject, 'metadata'> & { readonly [field: string]: unknown },
  ): Promise<void> {
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
    const path = `${root}/namespaces/${object.metadata.namespace}/${plural}`
    await this.client.ask('POST', path, object)
    this.#written.add(`${path}/${object.metadata.name}`)
  }

  /** No answer, as while there is no listener yet, is undefined. */
  #try(request: MeshRequest): Promise<Answer | undefined> {
    return this.send(request).catch(() => undefined)
  }

  async #until(what: string, ready: () => Promise<boolean>): Promise<void> {
    try {
      await waitFor(what, ready, { timeout: 30_000, every: 20 })
    } catch (error) {
      const log = await readFile(this.facts.sidecarLog, 'utf8')
      const rejected = log.split('\n').filter((line) => line.includes('rejected'))
      throw new Error(`${what}: not so. Envoy says: ${rejected.slice(-3).join('\n') || 'nothing'}`, { cause: error })
    }
  }
}

/** A request with nothing special about it. */
export const plainRequest: Omit<MeshRequest, 'service' | 'port'> = { method: 'GET', path: '/', headers: {}, query: {} }

/** Istio's name for what goes to one port of a Service. */
function clusterOf({ namespace, name }: ServiceRef, port: number): string {
  return `outbound|${port}||${name}.${namespace}.svc.cluster.local`
}

/** The expression that finds just this text. */
function literally(text: string): string {
  return text.replace(/[|.]/g, '\\$&')
}
