import type { MeshAdapter } from '../mesh/adapter.ts'
import { faultBackendAnswer } from '../mesh/fault-backend.ts'
import type { WorkloadRef } from '../mesh/metric-queries.ts'
import type { MeshRequest } from '../mesh/routing.ts'
import type { ServiceRef } from '../mesh/traffic.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import type { MeshDataPlane } from './mesh-data-plane.ts'
import { Random } from './random.ts'
import type { Answered, Telemetry } from './telemetry.ts'
import { drawLatency, drawStatus, healthy, type Version } from './version.ts'

/** People, or programs, that call the apex service in the same way. */
export interface Clients {
  readonly name: string
  /** How many there are; each request is of one of them. */
  readonly users: number
  /** What they send. */
  readonly request: Pick<MeshRequest, 'method' | 'path' | 'headers' | 'query'>
  /** Clients without a proxy know nothing of the mesh's objects: the Service's own endpoints answer them. */
  readonly inMesh: boolean
}

export interface TrafficOptions {
  readonly seed: number
  /** Requests per second of virtual time; 0 is silence. They come whether or not earlier ones were answered. */
  readonly rate: number
  readonly apex: ServiceRef
  readonly port: number
  /** The workload whose Pods the clients are, for the measurements of edges. */
  readonly source: WorkloadRef
  readonly clients: readonly Clients[]
  /** Behaviour by image; others are healthy. */
  readonly versions: Readonly<Record<string, Version>>
}

/** One place a request may end at. */
export interface Destination {
  /** Sum of the shares up to and including this one. */
  readonly upTo: number
  readonly to: WorkloadRef | undefined
  /** The Service the workload is behind; absent when the mesh answers by itself. */
  readonly service: ServiceRef | undefined
  /** How the workload behaves, or what comes back in its place. */
  readonly answer: Version | { readonly status: number }
}

/** Hears of each request, with the kind of client and the number of the user who sent it. */
export type AnswerListener = (answered: Answered, clients: Clients, user: number) => void

/** What the proxy itself answers comes at once. */
const proxyLatency = 1

/** Requests to one service, sent where the mesh's own rules over the objects in the cluster send them. */
export class Traffic {
  readonly #options: TrafficOptions
  readonly #adapter: MeshAdapter
  readonly #plane: MeshDataPlane
  readonly #endpoints: Endpoints
  readonly #telemetry: Telemetry
  readonly #arrivals: Random
  readonly #routing: Random
  readonly #answers: Random
  readonly #firstUser: readonly number[]
  readonly #users: number
  readonly #listeners: AnswerListener[] = []
  readonly #routes = new Map<Clients, readonly Destination[]>()
  #routesOf = ''
  /** Requests that are due but were not a whole one yet. */
  #remainder = 0
  #time: number
  rate: number

  constructor(
    options: TrafficOptions & { readonly start: number },
    world: {
      readonly adapter: MeshAdapter
      readonly plane: MeshDataPlane
      readonly endpoints: Endpoints
      readonly telemetry: Telemetry
    },
  ) {
    this.#options = options
    this.rate = options.rate
    this.#time = options.start
    this.#adapter = world.adapter
    this.#plane = world.plane
    this.#endpoints = world.endpoints
    this.#telemetry = world.telemetry
    this.#arrivals = new Random(options.seed, 'arrivals')
    this.#routing = new Random(options.seed, 'routing')
    this.#answers = new Random(options.seed, 'answers')
    let users = 0
    this.#firstUser = options.clients.map((clients) => {
      users += clients.users
      return users - clients.users
    })
    this.#users = users
  }

  onAnswer(listener: AnswerListener): void {
    this.#listeners.push(listener)
  }

  /** Sends the requests of the time since the last call, by the rules that hold now. */
  advance(now: number): void {
    const length = now - this.#time
    this.#remainder += (length / 1000) * this.rate
    const due = Math.floor(this.#remainder)
    this.#remainder -= due
    for (let request = 0; request < due; request++) this.#send(this.#time + (length * request) / due)
    this.#time = now
  }

  /** Where requests of these clients may go now, and how probably; worked out once per change of the cluster. */
  destinations(clients: Clients): readonly Destination[] {
    const current = `${this.#plane.revision} ${this.#endpoints.revision}`
    if (current !== this.#routesOf) {
      this.#routes.clear()
      this.#routesOf = current
    }
    const known = this.#routes.get(clients)
    if (known !== undefined) return known
    const found = this.#route(clients)
    this.#routes.set(clients, found)
    return found
  }

  #send(time: number): void {
    const user = this.#arrivals.below(this.#users)
    const clients = this.#options.clients[this.#firstUser.findLastIndex((first) => first <= user)]
    if (clients === undefined) return
    const destinations = this.destinations(clients)
    const point = this.#routing.next()
    const destination = destinations.find(({ upTo }) => point < upTo) ?? destinations.at(-1)
    if (destination === undefined) return
    const answered = this.#answer(destination, time)
    this.#telemetry.record(answered)
    for (const listener of this.#listeners) listener(answered, clients, user)
  }

  #answer({ to, service, answer }: Destination, time: number): Answered {
    const { source: from, apex } = this.#options
    const backend = service && { apex, service }
    const sent = { time, from, to, backend }
    if ('status' in answer) return { ...sent, arrived: false, status: answer.status, latency: proxyLatency }
    const latency = drawLatency(answer, this.#answers)
    return { ...sent, arrived: true, status: drawStatus(answer, this.#answers), latency }
  }

  #route(clients: Clients): Destination[] {
    const { apex, port } = this.#options
    if (!clients.inMesh) return cumulative(this.#serve(apex, port, 1))
    const request: MeshRequest = { service: apex, port, ...clients.request }
    const { outcomes } = this.#adapter.route(request, this.#plane.objects(), this.#endpoints)
    return cumulative(
      outcomes.flatMap((outcome) =>
        'status' in outcome
          ? [{ share: outcome.share, to: undefined, service: undefined, answer: { status: outcome.status } }]
          : this.#serve(outcome.service, outcome.port, outcome.share),
      ),
    )
  }

  /** Divides a share among the replicas behind a Service; where there are none, the proxy answers 503 in their place. */
  #serve(service: ServiceRef, port: number, share: number): Share[] {
    const endpoints = this.#endpoints.behind(service)
    const replicas = endpoints.reduce((sum, { available }) => sum + available, 0)
    const open = this.#endpoints.ports(service)?.includes(port) ?? false
    if (replicas === 0 || !open) return [{ share, to: endpoints[0]?.workload, service, answer: { status: 503 } }]
    const fault = faultBackendAnswer(service.name)
    // Stands in for the proxy, and is no version of the workload.
    if (fault && 'status' in fault) return [{ share, to: endpoints[0]?.workload, service, answer: fault }]
    return endpoints
      .filter(({ available }) => available > 0)
      .map((endpoint) => ({
        share: (share * endpoint.available) / replicas,
        to: endpoint.workload,
        service,
        answer: this.#version(endpoint),
      }))
  }

  #version({ image }: Endpoint): Version {
    return this.#options.versions[image] ?? healthy
  }
}

interface Share extends Omit<Destination, 'upTo'> {
  readonly share: number
}

function cumulative(shares: readonly Share[]): Destination[] {
  let upTo = 0
  return shares
    .filter(({ share }) => share > 0)
    .map(({ share, to, service, answer }) => {
      upTo += share
      return { upTo, to, service, answer }
    })
}
