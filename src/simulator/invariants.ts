import type { Clock } from '../kube/clock.ts'
import { keyOf } from '../kube/object.ts'
import type { ClusterView, Write } from './cluster-view.ts'
import type { Clients, Destination, Traffic } from './traffic.ts'

/** A moment in which users would have been refused, and the write that brought it about. */
export interface Violation {
  readonly time: number
  readonly write: string
  /** A sentence without a full stop. */
  readonly problem: string
}

/**
 * Checks after every single write to the cluster that nobody's request can go nowhere:
 * the apex always has a backend with weight that is available, and weight is never on a backend that is not. This holds for
 * clients in the mesh by the mesh's rules, and for clients without a proxy by the Service alone.
 *
 * It begins at the first moment in which it holds: before a Deployment was first available there is nothing to lose.
 */
export class Invariants {
  readonly violations: Violation[] = []
  readonly #traffic: Traffic
  readonly #clients: readonly Clients[]
  readonly #clock: Clock
  #armed = false
  #standing = new Set<string>()

  constructor(options: {
    readonly view: ClusterView
    readonly traffic: Traffic
    readonly clients: readonly Clients[]
    readonly clock: Clock
  }) {
    this.#traffic = options.traffic
    this.#clients = [...options.clients, withoutProxy]
    this.#clock = options.clock
    options.view.onWrite((write) => this.#check(write))
  }

  #check(write: Write): void {
    const problems = new Set(
      this.#clients.flatMap((clients) => problemsOf(clients, this.#traffic.destinations(clients))),
    )
    if (problems.size === 0) this.#armed = true
    if (!this.#armed) return
    for (const problem of problems) {
      if (this.#standing.has(problem)) continue
      this.violations.push({ time: this.#clock.now(), write: describe(write), problem })
    }
    this.#standing = problems
  }
}

const withoutProxy: Clients = {
  name: 'clients without a proxy',
  users: 0,
  request: { method: 'GET', path: '/', headers: {}, query: {} },
  inMesh: false,
}

function problemsOf({ name }: Clients, destinations: readonly Destination[]): string[] {
  const refused = destinations.filter(({ answer }) => 'status' in answer && answer.status >= 500)
  if (refused.length === destinations.length) return [`no available backend for ${name}`]
  return refused.map(({ to }) => `weight for ${name} on ${to?.name ?? 'a backend'}, which is not available`)
}

function describe({ type, object }: Write): string {
  const verb = { ADDED: 'created', MODIFIED: 'changed', DELETED: 'deleted' }[type]
  return `${object.kind} ${keyOf(object.metadata)} ${verb}`
}
