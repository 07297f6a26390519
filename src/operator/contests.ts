import { BackOff, type Random } from '../kube/back-off.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import { fingerprint } from '../kube/desired-fields.ts'
import { isNotFound } from '../kube/errors.ts'
import type { Kind, KubeObject } from '../kube/object.ts'
import { isRecord } from '../kube/wire.ts'
import { type AttachableKind, type AttachedSplit, type RouteRef, routeName } from '../mesh/attachment.ts'
import { fieldsOf, listOf } from '../mesh/fields.ts'
import { valueAtPath } from '../mesh/rule-records.ts'

/** A route whose weights somebody else has changed after they were right. */
export interface Contest {
  readonly route: string
  /** The field manager of the change; `somebody` where the API server does not tell. */
  readonly manager: string
  /** Milliseconds for which the weights are left as they are; 0 when they may be set again. */
  readonly wait: number
  /** Whether this change has not been told of yet. */
  readonly isNew: boolean
}

export interface ContestedRoute {
  readonly ref: RouteRef
  readonly kind: AttachableKind
  readonly splits: readonly AttachedSplit[]
  readonly live: KubeObject
  readonly wanted: KubeObject
}

interface Known {
  /** What was asked for when the weights were right the last time. */
  asked: string
  readonly backOff: BackOff
  /** Whether somebody has changed them since. */
  open: boolean
  manager: string
  until: number
  lastChange: number
}

/** After this long without a change by others, the next one is answered at once again. */
const quiet = 10 * 60_000
const delays = { firstMs: 1_000, maxMs: 60_000, factor: 2, jitter: 0.2, resetAfterMs: quiet }

/**
 * Tells a tool that insists on other weights from a new wish of our own. The first change is answered at once, further ones
 * each time later, up to a minute: two programs that write over each other are no use to anybody.
 *
 * Only this process' memory: after a restart the first change is a first one again.
 */
export class Contests {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #manager: string
  readonly #known = new Map<string, Known>()

  constructor(deps: { client: KubeClient; clock: Clock; random: Random; manager: string }) {
    this.#client = deps.client
    this.#clock = deps.clock
    this.#random = deps.random
    this.#manager = deps.manager
  }

  /** The weights are what the writer's splits ask for. */
  settled(writer: string, { ref, splits }: Pick<ContestedRoute, 'ref' | 'splits'>): void {
    const id = `${writer} ${routeName(ref)}`
    if (splits.length === 0) return void this.#known.delete(id)
    const asked = askedOf(splits)
    const known = this.#known.get(id)
    if (known !== undefined) Object.assign(known, { asked, open: false })
    else this.#known.set(id, this.#begin(asked))
  }

  /** The contest about a route that is not as it should be; undefined when nobody else has changed its weights. */
  async of(writer: string, route: ContestedRoute): Promise<Contest | undefined> {
    const { kind, live, ref, splits, wanted } = route
    const known = this.#known.get(`${writer} ${routeName(ref)}`)
    if (known === undefined || known.asked !== askedOf(splits) || sameWeights(kind, live, wanted)) return undefined
    const now = this.#clock.now()
    const isNew = !known.open
    if (isNew) {
      const isFirst = now - known.lastChange > quiet
      known.open = true
      known.manager = await this.#lastManager(kind.kind, ref)
      known.lastChange = now
      known.until = isFirst ? now : now + known.backOff.next()
    }
    return { route: routeName(ref), manager: known.manager, wait: Math.max(0, known.until - now), isNew }
  }

  #begin(asked: string): Known {
    const backOff = new BackOff(delays, this.#clock, this.#random)
    return { asked, backOff, open: false, manager: '', until: 0, lastChange: Number.NEGATIVE_INFINITY }
  }

  /** Whoever else wrote the route's spec last. Stores have no managedFields, so this asks the API server. */
  async #lastManager(kind: Kind, ref: RouteRef): Promise<string> {
    try {
      const { metadata } = await this.#client.get(kind, ref)
      const others = (metadata.managedFields ?? []).filter(
        ({ fieldsV1, manager, subresource }) =>
          manager !== this.#manager && subresource === undefined && isRecord(fieldsV1) && 'f:spec' in fieldsV1,
      )
      return others.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0]?.manager ?? 'somebody'
    } catch (error) {
      if (isNotFound(error)) return 'somebody'
      throw error
    }
  }
}

function askedOf(splits: readonly AttachedSplit[]): string {
  return fingerprint(splits.map(({ backends, rules }) => ({ backends, rules })))
}

/** Whether two states of a route that has the same rules differ in something else than weights. */
function sameWeights(kind: AttachableKind, a: KubeObject, b: KubeObject): boolean {
  return fingerprint(weightsOf(kind, a)) === fingerprint(weightsOf(kind, b))
}

function weightsOf(kind: AttachableKind, object: KubeObject): unknown {
  return kind.rules(object).map(({ path, destinations }) => {
    const entries = listOf(valueAtPath(object, path)).map(fieldsOf)
    return destinations.map(({ service }, index) => [service, entries[index]?.['weight']])
  })
}
