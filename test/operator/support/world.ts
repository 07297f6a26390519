import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { gatewayApiProvider } from '../../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../../adapters/istio/index.ts'
import { type ControlPlane, createControlPlane } from '../../../src/apiserver/control-plane.ts'
import type { WorkloadOptions } from '../../../src/apiserver/workloads.ts'
import { HttpClient } from '../../../src/kube/http-client.ts'
import { InProcessTransport } from '../../../src/kube/in-process-transport.ts'
import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import type { Transport } from '../../../src/kube/transport.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import { serviceKind } from '../../../src/mesh/core-kinds.ts'
import { usualFaultBackendPod } from '../../../src/mesh/fault-backend-objects.ts'
import type { MetricsSource } from '../../../src/metrics/metrics.ts'
import type { OperatorDefinition } from '../../../src/operator/definition.ts'
import {
  createOperator,
  type Operator,
  type OperatorDeps,
  type OperatorOptions,
} from '../../../src/operator/operator.ts'
import type { OperatorConfig, Phase, Project } from '../../../src/project/project.ts'
import { meshCrds } from '../../../src/simulator/mesh-crds.ts'
import { quiescent } from '../../../src/simulator/quiescence.ts'
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts'

const meshContext = { clusterDomain: 'cluster.local', apiVersions: {} }
export const istio: MeshAdapter = istioProvider.create(meshContext)
export const gatewayApi: MeshAdapter = gatewayApiProvider.create(meshContext)

export const flowKind: Kind = {
  group: 'flows.example.io',
  version: 'v1',
  kind: 'Flow',
  plural: 'flows',
  namespaced: true,
}
export const configMapKind: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}

export function phase(name: string, fields: Partial<Phase> = {}): Phase {
  return { name, description: name, initial: false, final: false, inputs: [], outputs: [], ...fields }
}

export function flowProject(phases: readonly Phase[], fields: Partial<Project> = {}): Project {
  return {
    kind: 'Flow',
    group: 'flows.example.io',
    version: 'v1',
    plural: 'flows',
    operatorName: 'flow-operator',
    phases,
    enableFinalizer: false,
    customParameters: [],
    queries: [],
    verbs: [],
    ...fields,
  }
}

export interface WorldOptions {
  readonly project: Project
  readonly definition: OperatorDefinition
  readonly adapter?: MeshAdapter
  /** Makes the adapter for what discovery finds; without it the adapter stays as it is. */
  readonly adapterFor?: OperatorDeps['adapterFor']
  /** Kinds of the mesh that the cluster has; those of its traffic unless given. */
  readonly kinds?: readonly Kind[]
  readonly metrics?: MetricsSource
  readonly config?: Partial<OperatorConfig>
  readonly options?: Partial<OperatorOptions>
  /** How Deployments behave. */
  readonly workloads?: WorkloadOptions
}

/** What a running operator process is to a test. */
export interface Process {
  readonly operator: Operator
  /** Ends it as SIGTERM does. */
  stop(): Promise<void>
  /** Ends it as SIGKILL does: from now on not one of its calls reaches the server. */
  kill(): void
  /** `rejected` when `run` failed. */
  readonly ended: Promise<unknown>
}

const silent: MetricsSource = { measure: async () => ({ state: 'no-data', text: 'no traffic' }) }

/** A cluster with the mesh's kinds and the Flow resource, on virtual time, in which operators can be started. */
export class World {
  readonly clock = new VirtualClock(Date.UTC(2025, 0, 1))
  readonly server: ControlPlane
  readonly client: HttpClient
  readonly logs: Record<string, unknown>[] = []
  readonly #options: WorldOptions
  readonly #transports: Transport[] = []
  readonly #processes: Process[] = []
  #calls = 0
  #instances = 0

  constructor(options: WorldOptions) {
    this.#options = options
    let uids = 0
    const { workloads } = options
    const uid = () => `uid-${++uids}`.padEnd(36, '0')
    this.server = createControlPlane({ clock: this.clock, uid, ...(workloads && { workloads }) })
    this.client = this.#connect('tester')
  }

  /** A world that ends with the test. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options)
    onTestFinished(() => world.close())
    const crd: Kind = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      namespaced: false,
    }
    for (const object of meshCrds([flowKind, ...(options.kinds ?? world.adapter.kinds)]))
      await world.client.create(crd, approved(object))
    const namespaces: Kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
    await world.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    return world
  }

  get adapter(): MeshAdapter {
    return this.#options.adapter ?? istio
  }

  /** Starts an operator. `through` stands between it and the server. */
  start(
    through: (send: Transport['send']) => Transport['send'] = (send) => send,
    fields: Partial<WorldOptions> = {},
  ): Process {
    const { project, definition, adapterFor, metrics = silent, config, options } = { ...this.#options, ...fields }
    let dead = false
    const client = this.#connect('flow-operator', (send) => {
      const throughSend = through(send)
      return (request) => (dead ? Promise.reject(new Error('the process is dead')) : throughSend(request))
    })
    const log = pino({ base: null }, { write: (line: string) => void this.logs.push(JSON.parse(line)) })
    const operator = createOperator({
      project,
      definition,
      config: { ...defaultConfig, ...config },
      client,
      adapter: this.adapter,
      ...(adapterFor !== undefined && { adapterFor }),
      metrics,
      clock: this.clock,
      random: () => 0.5,
      log,
      identity: `operator-${++this.#instances}`,
      ...(options !== undefined && { options }),
    })
    const stopping = new AbortController()
    const ended = operator.run(stopping.signal).catch((error: unknown) => error)
    const process: Process = {
      operator,
      ended,
      stop: async () => {
        stopping.abort()
        await this.idle()
        await ended
      },
      kill: () => {
        dead = true
        stopping.abort()
      },
    }
    this.#processes.push(process)
    return process
  }

  /** Resolves when nothing is left to do without time passing. */
  idle(): Promise<void> {
    return quiescent({
      count: () => this.#calls,
      busy: () =>
        this.#transports.some((transport) => transport.inFlight() > 0) ||
        this.#processes.some(({ operator }) => operator.busy()),
    })
  }

  async run(ms: number): Promise<void> {
    await this.clock.run(() => false, { idle: () => this.idle(), deadline: this.clock.now() + ms })
  }

  async service(name: string, ports: readonly number[] = [80]): Promise<void> {
    await this.client.create(serviceKind, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec: { selector: { app: name }, ports: ports.map((port) => ({ name: `http-${port}`, port })) },
    })
  }

  flow(name: string, spec: Record<string, unknown> = {}): Promise<KubeObject> {
    return this.client.create(flowKind, {
      apiVersion: 'flows.example.io/v1',
      kind: 'Flow',
      metadata: { name, namespace: 'shop' },
      spec,
    })
  }

  async deleteFlow(name: string): Promise<void> {
    await this.client.delete(flowKind, { namespace: 'shop', name }, { propagationPolicy: 'Background' })
  }

  /** An object as it is in the cluster now, or undefined. */
  async get(kind: Kind, name: string): Promise<KubeObject | undefined> {
    const { items } = await this.client.list(kind, { namespace: 'shop' })
    return items.find(({ metadata }) => metadata.name === name)
  }

  async list(kind: Kind): Promise<KubeObject[]> {
    return (await this.client.list(kind, { namespace: 'shop' })).items
  }

  async status(name: string): Promise<FlowStatus> {
    const flow = await this.get(flowKind, name)
    return (flow?.status ?? {}) as FlowStatus
  }

  async condition(name: string, type = 'Ready') {
    return (await this.status(name)).conditions?.find((condition) => condition.type === type)
  }

  /** Reasons and messages of the Events about an object, oldest first. */
  async events(name: string): Promise<string[]> {
    const kind: Kind = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }
    const items = (await this.list(kind)) as (KubeObject & {
      involvedObject: { name: string }
      reason: string
      message: string
      type: string
    })[]
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
  }

  /** Positive weights of an apex as the mesh's objects say, by backend. */
  async weights(apex: string): Promise<Record<string, number>> {
    const objects = (await Promise.all(this.adapter.kinds.map((kind) => this.list(kind)))).flat()
    const service = { namespace: 'shop', name: apex }
    const directory = { ports: () => [80] }
    const { traffic } = this.adapter.observe(objects, service, directory)
    const rule = traffic?.ports[0]?.rules.find(({ matches }) => matches.length === 0)
    return Object.fromEntries((rule?.backends ?? []).map(({ service: { name }, weight }) => [name, weight]))
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process.kill()
    await this.server.close()
  }

  #connect(userAgent: string, through: (send: Transport['send']) => Transport['send'] = (send) => send): HttpClient {
    const inner = new InProcessTransport((request) => this.server.handle(request), { clock: this.clock })
    const send = through((request) => inner.send(request))
    const transport: Transport = {
      server: inner.server,
      inFlight: () => inner.inFlight(),
      close: () => inner.close(),
      send: async (request) => {
        this.#calls++
        const response = await send(request)
        this.#calls++
        return response
      },
    }
    this.#transports.push(transport)
    return new HttpClient(transport, { clock: this.clock, random: () => 0.5, userAgent })
  }
}

/** Groups of kubernetes.io are only taken with this annotation. */
function approved(crd: KubeObject): KubeObject {
  const annotations = { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api' }
  return { ...crd, metadata: { ...crd.metadata, annotations } }
}

export interface FlowStatus {
  readonly phase?: string
  readonly observedGeneration?: number
  readonly conditions?: readonly {
    type: string
    status: string
    reason: string
    message: string
    lastTransitionTime: string
  }[]
  readonly phaseHistory?: readonly { phase: string; entered: string; left?: string; reason?: string }[]
  readonly outputs?: unknown
  readonly [field: string]: unknown
}

export const defaultConfig: OperatorConfig = {
  version: '0.0.1',
  meshProvider: 'istio',
  controlPlaneNs: 'istio-system',
  workInterval: 5_000,
  metricsAddr: '',
  enableLeaderElection: false,
  watchNamespace: '',
  leaderElectionNamespace: '',
  logLevel: 0,
  metricsProvider: 'istio',
  clusterDomain: 'cluster.local',
  meshApiVersions: {},
  prometheus: { url: 'http://prometheus', timeout: 5_000, insecureSkipVerify: false },
  faultBackend: usualFaultBackendPod,
}
