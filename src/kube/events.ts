import type { Logger } from 'pino'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { fingerprint } from './desired-fields.ts'
import { isNotFound } from './errors.ts'
import { explained } from './explain.ts'
import { KeyQueue } from './key-queue.ts'
import { type Kind, type KubeObject, keyOf } from './object.ts'
import { TokenBuckets } from './token-buckets.ts'

/** core/v1: `kubectl describe` of every version shows these. */
const eventKind: Kind = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }

/** Repetitions within this time are one Event with a count. */
const seriesMs = 10 * 60_000
const maxSeries = 1_000
const longestNote = 1_024

export interface EventFacts {
  /** The object that the event is about. */
  readonly regarding: KubeObject
  readonly type: 'Normal' | 'Warning'
  /** One word in CamelCase. */
  readonly reason: string
  /** A sentence for people. */
  readonly note: string
}

export interface EventRecorderOptions {
  readonly client: KubeClient
  readonly clock: Clock
  /** Name of the operator. */
  readonly component: string
  /** Name of the process, such as its pod. */
  readonly instance: string
  readonly log?: Logger
}

interface Series {
  readonly facts: EventFacts
  /** Name of the Event in the cluster; undefined until it is there. */
  name: string | undefined
  count: number
  readonly first: number
  last: number
  scheduled: boolean
}

/**
 * Tells users what happened to an object, as Events beside it.
 *
 * Guarantees: `record` never throws and never waits; writes go out one at a time; the same reason and note about the same object
 * within ten minutes are one Event whose count grows; an object gets at most 25 in a burst and then one each five minutes (as
 * client-go's spam filter). An Event that cannot be written is logged and let go.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #series = new Map<string, Series>()
  readonly #buckets: TokenBuckets
  readonly #queue = new KeyQueue()

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#buckets = new TokenBuckets({ burst: 25, refillMs: 5 * 60_000, clock: options.clock })
  }

  record(facts: EventFacts): void {
    const { clock, log } = this.#options
    const { metadata } = facts.regarding
    const object = metadata.uid ?? `${facts.regarding.kind} ${keyOf(metadata)}`
    if (!this.#buckets.take(object)) {
      log?.debug({ object: keyOf(metadata), reason: facts.reason }, 'event dropped: too many about one object')
      return
    }
    const id = JSON.stringify([object, facts.type, facts.reason, facts.note])
    const series = this.#continued(id) ?? {
      facts,
      name: undefined,
      count: 0,
      first: clock.now(),
      last: 0,
      scheduled: false,
    }
    series.count++
    series.last = clock.now()
    this.#keep(id, series)
    if (series.scheduled) return
    series.scheduled = true
    void this.#queue.run('events', () => this.#write(series))
  }

  /** Resolves when everything recorded so far has been written or given up. */
  async flush(): Promise<void> {
    await this.#queue.run('events', async () => {})
  }

  #continued(id: string): Series | undefined {
    const series = this.#series.get(id)
    return series !== undefined && this.#options.clock.now() - series.last <= seriesMs ? series : undefined
  }

  /** The newest last, so that the one given up for want of room is the one that was quiet for longest. */
  #keep(id: string, series: Series): void {
    this.#series.delete(id)
    this.#series.set(id, series)
    const [oldest] = this.#series.keys()
    if (this.#series.size > maxSeries && oldest !== undefined) this.#series.delete(oldest)
  }

  async #write(series: Series): Promise<void> {
    const { client, log } = this.#options
    series.scheduled = false
    try {
      if (series.name === undefined || !(await this.#repeat(series, series.name))) await this.#create(series)
    } catch (error) {
      log?.warn({ reason: series.facts.reason, error: explained(error, client) }, 'event not written')
    }
  }

  /** False when the Event is gone: the API server keeps them for an hour. */
  async #repeat(series: Series, name: string): Promise<boolean> {
    const { client, component } = this.#options
    const patch = { count: series.count, lastTimestamp: seconds(series.last) }
    const ref = { namespace: namespaceOf(series.facts.regarding), name }
    try {
      await client.patch(eventKind, ref, patch, { type: 'merge', fieldManager: component })
      return true
    } catch (error) {
      if (!isNotFound(error)) throw error
      return false
    }
  }

  async #create(series: Series): Promise<void> {
    const { client, component, instance } = this.#options
    const { regarding, type, reason, note } = series.facts
    const { name, namespace, uid, resourceVersion } = regarding.metadata
    const id = fingerprint([uid, name, type, reason, note, series.last])
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '0')
    // A name is parted by dots, and each part ends in a letter or digit, also where it is cut (RFC 1123).
    const eventName = `${name.slice(0, 220).replace(/[-.]+$/, '')}.${id}`
    await client.create(
      eventKind,
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace: namespaceOf(regarding) },
        involvedObject: {
          apiVersion: regarding.apiVersion,
          kind: regarding.kind,
          name,
          namespace,
          uid,
          resourceVersion,
        },
        type,
        reason,
        message: note.length > longestNote ? `${note.slice(0, longestNote - 1)}…` : note,
        count: series.count,
        firstTimestamp: seconds(series.first),
        lastTimestamp: seconds(series.last),
        source: { component, host: instance },
        reportingComponent: component,
        reportingInstance: instance,
      },
      { fieldManager: component },
    )
    series.name = eventName
  }
}

/** Events of cluster-scoped objects are in `default`. */
function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? 'default'
}

/** metav1.Time: RFC 3339 without decimals. */
function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
