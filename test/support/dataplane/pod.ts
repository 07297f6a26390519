import { request as httpRequest } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ServiceAccountRef } from '../../../src/mesh/access.ts'
import type { MeshRequest } from '../../../src/mesh/routing.ts'
import { istio } from '../../adapters/adapters.ts'
import { type Running, waitFor } from '../cluster/processes.ts'
import { Backends } from './backends.ts'
import type { DataPlane } from './data-plane.ts'
import { type Identity, issueIdentity } from './identity.ts'
import { startSecretService } from './secret-service.ts'
import { type Sidecar, startProxy } from './sidecar.ts'

/** What a pod is, and the TCP ports on which it speaks HTTP. */
export interface PodSpec {
  readonly name: string
  readonly account: ServiceAccountRef
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly number[]
}

/** What comes of a call: a status, or undefined where there is no connection or no answer on it. */
type Outcome = number | undefined

/** A pod of the mesh: a program on loopback, and before it a proxy of its own with a certificate of istiod. */
export class Pod {
  /** Where other proxies reach its ports. */
  readonly address: string
  readonly #mesh: DataPlane
  readonly #spec: PodSpec
  readonly #backends: Backends
  readonly #running: Running[]
  readonly #stopSecrets: () => void

  #proxy: Sidecar | undefined
  #revision = 0

  private constructor(
    mesh: DataPlane,
    spec: PodSpec,
    address: string,
    backends: Backends,
    running: Running[],
    stopSecrets: () => void,
  ) {
    this.#mesh = mesh
    this.#spec = spec
    this.address = address
    this.#backends = backends
    this.#running = running
    this.#stopSecrets = stopSecrets
  }

  /**
   * Starts it. No connection is redirected here, so that a Sidecar says on which ports the proxy takes those for the program; it sends
   * none on.
   */
  static async start(mesh: DataPlane, spec: PodSpec): Promise<Pod> {
    const { client, facts } = mesh
    const { name, account, labels, ports } = spec
    const { namespace } = account
    const [address = ''] = facts.backendAddresses
    const backends = new Backends()
    const ingress = []
    for (const port of ports) {
      const place = { service: `${namespace}/${name}`, port, address: '127.0.0.1' }
      const target = await backends.start(place)
      const listener = { number: port, protocol: 'HTTP', name: `http-${port}` }
      ingress.push({ port: listener, bind: address, defaultEndpoint: `127.0.0.1:${target}` })
    }
    await client.ask('POST', `/apis/networking.istio.io/v1/namespaces/${namespace}/sidecars`, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name, namespace },
      spec: { workloadSelector: { labels }, ingress, egress: [{ hosts: ['~/*'] }] },
    })
    const secrets = await startSecretService(await issueIdentity(client, facts, account))
    const running: Running[] = []
    const pod = new Pod(mesh, spec, address, backends, running, secrets.stop)
    const node = { name, namespace, address, labels, account: account.name }
    const { discoveryPort, envoy, folder, logs } = facts
    const started = (one: Running) => void running.push(one)
    pod.#proxy = await startProxy(name, envoy, node, {
      discoveryPort,
      secretsPort: secrets.port,
      folder,
      logs,
      started,
    })
    return pod
  }

  /** Calls a port of the pod over a connection of its own: by mutual TLS as somebody, or in plain text as nobody. */
  async call(
    port: number,
    { method, path, headers, query }: Pick<MeshRequest, 'method' | 'path' | 'headers' | 'query'>,
    identity?: Identity,
  ): Promise<Outcome> {
    const socket = await this.#connect(port, identity).catch(() => undefined)
    if (socket === undefined) return undefined
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''
    return new Promise<Outcome>((resolve) => {
      const options = { method, path: `${path}${search}`, headers: { host: 'pod', ...headers, connection: 'close' } }
      const sent = httpRequest({ ...options, createConnection: () => socket }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', () => resolve(undefined))
      sent.end()
    }).finally(() => socket.destroy())
  }

  /**
   * Resolves when the proxy follows all AuthorizationPolicies that were written before: one that refuses what nobody sends is written last, since istiod
   * learns of one kind's objects in their order.
   */
  async settled(): Promise<void> {
    this.#revision += 1
    const revision = `revision-${this.#revision}`
    const { account, labels, name } = this.#spec
    const metadata = { name: `${name}-marker`, namespace: account.namespace }
    const when = [{ key: 'request.headers[x-revision]', values: [revision] }]
    const spec = { selector: { matchLabels: labels }, action: 'DENY', rules: [{ when }] }
    await this.#mesh.apply({ kinds: istio.access?.kinds ?? [] }, [
      { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata, spec },
    ])
    await waitFor(`the proxy of ${name} follows`, async () => {
      const answer = await fetch(`http://127.0.0.1:${this.#proxy?.adminPort}/config_dump?resource=dynamic_listeners`)
      const { configs = [] }: { configs?: { active_state?: unknown }[] } = JSON.parse(await answer.text())
      const active = configs.flatMap(({ active_state }) =>
        active_state === undefined ? [] : [JSON.stringify(active_state)],
      )
      return active.length >= this.#spec.ports.length && active.every((text) => text.includes(revision))
    })
  }

  async stop(): Promise<void> {
    for (const one of this.#running) await one.stop()
    this.#stopSecrets()
    this.#backends.stop()
  }

  #connect(port: number, identity: Identity | undefined): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>()
    const to = { host: this.address, port }
    if (identity === undefined) {
      const socket = connectTcp(to, () => resolve(socket))
      socket.on('error', reject)
      return promise
    }
    const { key, chain: cert, root: ca } = identity
    // The protocol by which Istio's proxies know each other (pilot/pkg/networking/util, ALPNHttp); names are identities here, not hosts.
    const options = { key, cert, ca, ALPNProtocols: ['istio-http/1.1'], checkServerIdentity: () => undefined }
    const socket = connectTls({ ...to, ...options, servername: 'pod' }, () => resolve(socket))
    socket.on('error', reject)
    return promise
  }
}
