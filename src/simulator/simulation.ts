import { type Logger, pino } from 'pino'
import { type ControlPlane, createControlPlane } from '../apiserver/control-plane.ts'
import type { KubeClient } from '../kube/client.ts'
import { HttpClient } from '../kube/http-client.ts'
import { InProcessTransport } from '../kube/in-process-transport.ts'
import type { Kind, KubeObject, ObjectRef } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { installedKinds } from '../mesh/adapter-kinds.ts'
import { commandAnnotation, formatCommand } from '../operator/command.ts'
import type { OperatorDefinition } from '../operator/definition.ts'
import { createOperator, type Operator } from '../operator/operator.ts'
import { parseOperatorConfig } from '../project/parse-operator-config.ts'
import type { Project } from '../project/project.ts'
import { type CallVerb, CallVerbs } from './call-verbs.ts'
import { ClusterView } from './cluster-view.ts'
import { Endpoints } from './endpoints.ts'
import { enrolled, firstNamespaces } from './enrolled.ts'
import { Invariants } from './invariants.ts'
import { MeshController } from './mesh-controller.ts'
import { meshCrds } from './mesh-crds.ts'
import { MeshDataPlane } from './mesh-data-plane.ts'
import { quiescent } from './quiescence.ts'
import { Random } from './random.ts'
import { SimulatedMetrics } from './simulated-metrics.ts'
import { Telemetry } from './telemetry.ts'
import { Timeline } from './timeline.ts'
import { Traffic, type TrafficOptions } from './traffic.ts'
import { User } from './user.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A time to begin at: simulations of one seed are the same whenever they are run. */
const epoch = Date.UTC(2025, 0, 1)
/** Milliseconds of virtual time from one batch of requests to the next. */
const trafficTick = 250

export interface SimulationOptions {
  readonly project: Project
  readonly definition: OperatorDefinition
  /** CustomResourceDefinitions to install besides the mesh's: the project's own. */
  readonly crds: readonly KubeObject[]
  readonly adapter: MeshAdapter
  readonly seed: number
  /** The resource whose workflow is followed. */
  readonly resource: ObjectRef
  readonly traffic: Omit<TrafficOptions, 'seed'>
  /** Milliseconds until new replicas are available. */
  readonly startUp?: number
  /** Milliseconds until a mesh with route status has taken up a route. */
  readonly meshDelay?: number
  /** Virtual seconds per real second; undefined is as fast as possible. */
  readonly speed?: number | undefined
  /** Ends every wait for the simulated time when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Where the operator logs to; nowhere unless given. */
  readonly log?: Logger
}

/** A cluster on virtual time with an operator, a mesh and users in it. */
export interface Simulation {
  readonly clock: VirtualClock
  readonly timeline: Timeline
  readonly invariants: Invariants
  readonly traffic: Traffic
  /** Calls of the operator, by the verbs that kube-apiserver counts. */
  operatorCalls(): Record<CallVerb, number>
  /** What the operator wrote, as `Kind name`, besides the resource itself; in the order of the first write. */
  written(): string[]
  /** An object as it stands, whatever the version of its API. */
  object(kind: Pick<Kind, 'group' | 'kind'>, ref: ObjectRef): KubeObject | undefined
  /** Writes objects as a user does with `kubectl apply --server-side`. */
  apply(objects: readonly KubeObject[]): Promise<void>
  /** Asks for an object to be deleted, as a user does with `kubectl delete --wait=false`. */
  delete(object: KubeObject): Promise<void>
  /** Sets the image of a Deployment's container as a user does with `kubectl set image`. */
  setImage(deployment: ObjectRef, container: string, image: string): Promise<void>
  /** Tells the resource to do something, as a user does with `ap promote`; the verb is one of autopilot.yaml. */
  tell(verb: string, by?: string): Promise<void>
  /** Lets time pass until the condition holds, and says whether it does; at most `longest` milliseconds. */
  runUntil(condition: () => boolean, longest: number): Promise<boolean>
  runFor(ms: number): Promise<void>
  /** Opens the control plane to other programs on this machine; resolves with a kubeconfig. */
  serve(): Promise<string>
  stop(): Promise<void>
  /** As `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a simulation and installs the kinds. No time has passed in it yet. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const cluster = new SimulatedCluster(options)
  await cluster.apply([
    ...meshCrds(installedKinds(options.adapter)),
    ...options.crds,
    ...firstNamespaces(options.adapter),
  ])
  cluster.start()
  return cluster
}

class SimulatedCluster implements Simulation {
  readonly clock: VirtualClock
  readonly timeline: Timeline
  readonly invariants: Invariants
  readonly traffic: Traffic
  readonly #options: SimulationOptions
  readonly #controlPlane: ControlPlane
  readonly #view = new ClusterView()
  readonly #transports: InProcessTransport[] = []
  readonly #calls = new CallVerbs()
  readonly #user: User
  readonly #operator: Operator
  readonly #mesh: MeshController
  readonly #written = new Set<string>()
  readonly #stop = new AbortController()
  #events = 0
  #told = 0
  #running: Promise<void> = Promise.resolve()

  constructor(options: SimulationOptions) {
    const { adapter, definition, project, seed } = options
    this.#options = options
    this.clock = new VirtualClock(epoch, { speed: options.speed })
    const { clock } = this
    const view = this.#view
    this.#controlPlane = createControlPlane({
      clock,
      workloads: { readyAfter: options.startUp ?? 10_000 },
      uid: seededUids(seed),
    })
    const telemetry = new Telemetry()
    const plane = new MeshDataPlane(adapter, view)
    const endpoints = new Endpoints(view)
    const start = clock.now()
    this.traffic = new Traffic({ ...options.traffic, seed, start }, { adapter, plane, endpoints, telemetry })
    const { traffic } = this
    const { apex, port, clients } = options.traffic
    this.invariants = new Invariants({ view, traffic, clients, clock })
    const { resource } = options
    this.timeline = new Timeline({
      view,
      plane,
      endpoints,
      traffic,
      adapter,
      clock,
      kind: project,
      resource,
      apex,
      port,
    })
    this.#user = new User(this.#connect('kubectl'))
    this.#mesh = new MeshController({
      adapter,
      view,
      client: this.#connect('simulated-mesh'),
      clock,
      delay: options.meshDelay ?? 200,
    })
    this.#operator = createOperator({
      project,
      definition,
      adapter,
      config: configFor(adapter),
      client: this.#connect(project.operatorName, this.#calls),
      metrics: new SimulatedMetrics(telemetry, clock),
      clock,
      random: numbers(seed, 'operator'),
      log: options.log ?? pino({}, { write: () => {} }),
      identity: project.operatorName,
    })
    this.#controlPlane.onWrite((write) => {
      // What was sent up to now went by what held up to now.
      traffic.advance(clock.now())
      this.#events += 1
      this.#note(write.object)
      view.see(write)
    })
  }

  start(): void {
    this.#running = this.#operator.run(this.#stop.signal)
    const tick = () => {
      if (this.#stop.signal.aborted) return
      this.traffic.advance(this.clock.now())
      this.clock.after(trafficTick, tick)
    }
    tick()
  }

  operatorCalls(): Record<CallVerb, number> {
    return this.#calls.counts()
  }

  written(): string[] {
    return [...this.#written]
  }

  object(kind: Pick<Kind, 'group' | 'kind'>, ref: ObjectRef): KubeObject | undefined {
    return this.#view.get(kind, ref)
  }

  apply(objects: readonly KubeObject[]): Promise<void> {
    return this.#user.apply(enrolled(objects, this.#options.adapter))
  }

  delete(object: KubeObject): Promise<void> {
    return this.#user.delete(object)
  }

  setImage(deployment: ObjectRef, container: string, image: string): Promise<void> {
    return this.#user.setImage(deployment, container, image)
  }

  tell(verb: string, by = 'user'): Promise<void> {
    const { project, resource } = this.#options
    // Time may stand still between two commands, which are told apart by it.
    this.#told = Math.max(this.clock.now(), this.#told + 1)
    const command = formatCommand({ verb, at: new Date(this.#told).toISOString(), by })
    return this.#user.annotate({ ...project, namespaced: true }, resource, { [commandAnnotation(project)]: command })
  }

  async runUntil(condition: () => boolean, longest: number): Promise<boolean> {
    await this.clock.run(condition, {
      idle: () => this.#idle(),
      deadline: this.clock.now() + longest,
      ...(this.#options.signal && { signal: this.#options.signal }),
    })
    return condition()
  }

  async runFor(ms: number): Promise<void> {
    await this.runUntil(() => false, ms)
  }

  async serve(): Promise<string> {
    const { url } = await this.#controlPlane.listen()
    return this.#controlPlane.kubeconfig(url)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    let stopped = false
    const ended = this.#running.finally(() => {
      stopped = true
    })
    this.clock.setSpeed(undefined)
    // What waits for the clock has to be let go, and a signal that is aborted already must not hinder that.
    await this.clock.run(() => stopped, { idle: () => this.#idle(), deadline: this.clock.now() + 60_000 })
    await this.#controlPlane.close()
    await ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #idle(): Promise<void> {
    return quiescent({
      count: () => this.#events,
      busy: () =>
        this.#operator.busy() || this.#mesh.busy() || this.#transports.some((transport) => transport.inFlight() > 0),
    })
  }

  #connect(userAgent: string, calls?: CallVerbs): KubeClient {
    const transport = new InProcessTransport((request) => this.#controlPlane.handle(request), {
      clock: this.clock,
      onRequest: (facts) => {
        this.#events += 1
        calls?.add(facts)
      },
    })
    this.#transports.push(transport)
    return new HttpClient(transport, { clock: this.clock, random: numbers(this.#options.seed, userAgent), userAgent })
  }

  /** The operator is told by its field manager; its Events and the resource itself are not what a workflow writes. */
  #note(object: KubeObject): void {
    const { project } = this.#options
    const own = object.kind === project.kind || object.kind === 'Event'
    const managers = object.metadata.managedFields ?? []
    if (own || !managers.some(({ manager }) => manager === project.operatorName)) return
    this.#written.add(`${object.kind} ${object.metadata.name}`)
  }
}

/** One operator alone needs no Lease, and nobody scrapes it. */
function configFor({ name }: MeshAdapter) {
  const text = `meshProvider: ${name}\nmetricsAddr: ""\nenableLeaderElection: false\n`
  return parseOperatorConfig(text, 'autopilot-operator.yaml', { knownMeshes: [name] })
}

function numbers(seed: number, stream: string): () => number {
  const random = new Random(seed, stream)
  return () => random.next()
}

/** Uids in the form of RFC 9562, the same for the same seed. */
function seededUids(seed: number): () => string {
  const random = new Random(seed, 'uids')
  const hex = (digits: number) => Array.from({ length: digits }, () => random.below(16).toString(16)).join('')
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`
}
