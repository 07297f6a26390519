import { createControlPlane } from '../apiserver/control-plane.ts'
import { HttpClient } from '../kube/http-client.ts'
import { InProcessTransport } from '../kube/in-process-transport.ts'
import { apiVersionOf, type KubeObject, type ObjectRef } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { OperatorDefinition } from '../operator/definition.ts'
import { createOperator } from '../operator/operator.ts'
import type { Project } from '../project/project.ts'
import { type CallVerb, CallVerbs } from './call-verbs.ts'
import { ClusterView } from './cluster-view.ts'
import { deploymentKind, Endpoints } from './endpoints.ts'
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
import { VirtualClock } from './virtual-clock.ts'

/** A time to begin at: simulations of one seed are the same whenever they are run. */
const epoch = Date.UTC(2025, 0, 1)
/** Milliseconds of virtual time between two looks at the traffic. */
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
  readonly signal?: AbortSignal | undefined
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
  object(group: string, kind: string, name: string, namespace?: string): KubeObject | undefined
  /** Writes objects as a user does with `kubectl apply --server-side`. */
  apply(objects: readonly KubeObject[]): Promise<void>
  /** Sets the image of a Deployment's first container as a user does with `kubectl set image`. */
  setImage(deployment: ObjectRef, image: string): Promise<void>
  /** Lets time pass until the condition holds, and says whether it does; at most `longest` milliseconds. */
  runUntil(condition: () => boolean, longest: number): Promise<boolean>
  runFor(ms: number): Promise<void>
  /** Opens the control plane to others on this machine; resolves with a kubeconfig. */
  serve(): Promise<string>
  stop(): Promise<void>
}

/** Makes a simulation and installs the kinds; nothing else has happened in it yet, and no time has passed. */
export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const simulation = new SimulatedCluster(options)
  await simulation.apply([...meshCrds(options.adapter.kinds), ...options.crds])
  simulation.start()
  return simulation
}

class SimulatedCluster implements Simulation {
  readonly clock: VirtualClock
  readonly timeline: Timeline
  readonly invariants: Invariants
  readonly traffic: Traffic
  readonly #options: SimulationOptions
  readonly #controlPlane: ControlPlane
  readonly #view = new ClusterView()
  readonly #user: ClientOf
  readonly #mesh: ClientOf
  readonly #operatorClient: ClientOf
  readonly #operator: Operator
  readonly #meshController: MeshController
  readonly #written = new Set<string>()
  readonly #stopping = new AbortController()
  readonly #signal: AbortSignal
  #writes = 0
  #running: Promise<void> | undefined

  constructor(options: SimulationOptions) {
    const { adapter, definition, project, seed } = options
    this.#options = options
    this.#signal = options.signal ?? this.#stopping.signal
    this.clock = new VirtualClock(epoch, { speed: options.speed })
    this.#controlPlane = createControlPlane({
      clock: this.clock,
      workloads: { readyAfter: options.startUp ?? 10_000 },
      uid: seededUid(seed),
    })
    this.#user = this.#connect('kubectl')
    this.#mesh = this.#connect('simulated-mesh')
    this.#operatorClient = this.#connect(project.operatorName)

    const telemetry = new Telemetry()
    const plane = new MeshDataPlane(adapter, this.#view)
    const endpoints = new Endpoints(this.#view)
    const { apex, port, clients } = options.traffic
    const common = { view: this.#view, clock: this.clock, adapter }
    this.traffic = new Traffic(
      { ...options.traffic, seed, start: this.clock.now() },
      { adapter, plane, endpoints, telemetry },
    )
    this.invariants = new Invariants({ ...common, traffic: this.traffic, clients })
    const { group, kind } = project
    this.timeline = new Timeline({
      ...common,
      plane,
      endpoints,
      traffic: this.traffic,
      kind: { group, kind },
      resource: options.resource,
      apex,
      port,
    })
    this.#meshController = new MeshController({ ...common, client: this.#mesh.client, delay: options.meshDelay ?? 200 })
    this.#controlPlane.onWrite((write) => {
      // What was sent up to now went by what held up to now.
      this.traffic.advance(this.clock.now())
      this.#writes += 1
      this.#view.see(write)
      this.#remember(write.object)
    })
    this.#operator = createOperator({
      project,
      definition,
      adapter,
      config: configOf(adapter),
      client: this.#operatorClient.client,
      metrics: new SimulatedMetrics(telemetry, this.clock),
      clock: this.clock,
      random: numbers(seed, 'operator'),
      log: pino({ enabled: false }),
      identity: project.operatorName,
    })
  }
