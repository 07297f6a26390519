import type { Logger } from 'pino'
import type { Random } from './back-off.ts'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { isConflict, isNotFound } from './errors.ts'
import { explained } from './explain.ts'
import type { Kind, KubeObject } from './object.ts'
import { isRecord } from './wire.ts'

export const leaseKind: Kind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

export interface LeaseElectionOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly namespace: string
  readonly name: string
  /** This process and no other, such as its host name and a random part. */
  readonly identity: string
  readonly log?: Logger
  /** How long a leader that is silent stays leader; 15 s. */
  readonly leaseDurationMs?: number
  /** After how long without a successful renewal a leader steps down by itself; 10 s, less than the lease's duration. */
  readonly renewDeadlineMs?: number
  /** Between attempts; 2 s. */
  readonly retryPeriodMs?: number
}

/** A Lease as this process saw it, and when: only the time of this process counts, since clocks differ. */
interface Observation {
  readonly lease: KubeObject
  readonly at: number
}

/**
 * Chooses one leader among the processes that use the same Lease, as client-go's leader election does.
 *
 * Guarantees:
 * - a leader steps down before any other process may take the Lease, provided that clocks run equally fast (their settings do
 *   not matter: a Lease counts as expired when it has not changed for its duration in front of our eyes);
 * - errors of the API server are repeated until the deadline and never thrown;
 * - a leader that is told to stop gives the Lease back, so that the next one need not wait.
 */
export class LeaseElection {
  readonly #options: LeaseElectionOptions
  readonly #durationMs: number
  readonly #deadlineMs: number
  readonly #periodMs: number
  #observed: Observation | undefined
  #leading = false
  #trouble: string | undefined

  constructor(options: LeaseElectionOptions) {
    this.#options = options
    this.#durationMs = options.leaseDurationMs ?? 15_000
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000
    this.#periodMs = options.retryPeriodMs ?? 2_000
    if (this.#deadlineMs >= this.#durationMs || this.#periodMs >= this.#deadlineMs) {
      throw new RangeError('the lease must last longer than the renew deadline, and that longer than the retry period')
    }
  }

  get leading(): boolean {
    return this.#leading
  }

  /** Who holds the Lease as far as this process has seen; empty for nobody. */
  get holder(): string {
    return this.#observed === undefined ? '' : holderOf(this.#observed.lease)
  }

  /** Why the last attempt to take or renew the Lease failed; undefined when it did not, or when somebody else was quicker. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /**
   * Waits for leadership, holds it, and resolves when it is over: `stopped` when `signal` aborted, `lost` when the Lease could
   * not be renewed. `elected` is called once in between, with a signal that aborts when leadership ends.
   */
  async run(signal: AbortSignal, elected: (leadership: AbortSignal) => void): Promise<'stopped' | 'lost'> {
    const { clock, random, log, identity } = this.#options
    for (;;) {
      if (signal.aborted) return 'stopped'
      const started = clock.elapsed()
      if (await this.#attempt(signal, started + this.#deadlineMs)) {
        const leadership = new AbortController()
        this.#leading = true
        log?.info({ lease: this.#options.name, identity }, 'leadership acquired')
        elected(leadership.signal)
        await this.#hold(signal, started)
        this.#leading = false
        leadership.abort()
        if (!signal.aborted) {
          log?.error({ lease: this.#options.name, identity, holder: this.holder }, 'leadership lost')
          return 'lost'
        }
        await this.#release()
        return 'stopped'
      }
      await clock.sleep(this.#periodMs * (1 + 1.2 * random()), signal)
    }
  }

  /** Renews until the signal aborts, another one holds the Lease, or the deadline passes. */
  async #hold(signal: AbortSignal, acquired: number): Promise<void> {
    const { clock, identity } = this.#options
    let renewed = acquired
    while (!signal.aborted) {
      const deadline = renewed + this.#deadlineMs
      await clock.sleep(Math.max(0, Math.min(this.#periodMs, deadline - clock.elapsed())), signal)
      if (signal.aborted) return
      const started = clock.elapsed()
      if (started >= deadline) return
      if (await this.#attempt(signal, deadline)) renewed = started
      else if (this.holder !== '' && this.holder !== identity) return
    }
  }

  /** One attempt to take or renew the Lease, given up at `deadline`. */
  async #attempt(signal: AbortSignal, deadline: number): Promise<boolean> {
    const { client, clock, log, name, namespace } = this.#options
    const late = new AbortController()
    const cancel = clock.after(deadline - clock.elapsed(), () => late.abort())
    try {
      const taken = await this.#takeOrRenew(AbortSignal.any([signal, late.signal]))
      this.#trouble = undefined
      return taken
    } catch (error) {
      // A conflict is another process that was quicker: the next attempt sees what it wrote.
      const trouble = isConflict(error) || signal.aborted ? undefined : explained(error, client)
      // Attempts are seconds apart: the same is said once.
      if (trouble !== undefined && trouble !== this.#trouble)
        log?.warn({ lease: name, namespace, error: trouble }, 'lease attempt failed')
      this.#trouble = trouble
      return false
    } finally {
      cancel()
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity } = this.#options
    if (this.#leading && this.#observed !== undefined) {
      try {
        await this.#write(this.#observed.lease, signal)
        return true
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error
      }
    }
    const lease = await this.#read(signal)
    if (lease === undefined) {
      this.#see(await client.create(leaseKind, this.#claimed(this.#blank()), { signal }))
      return true
    }
    if (lease.metadata.resourceVersion !== this.#observed?.lease.metadata.resourceVersion) this.#see(lease)
    const holder = holderOf(lease)
    const expires = (this.#observed?.at ?? clock.elapsed()) + durationOf(lease, this.#durationMs)
    if (holder !== '' && holder !== identity && clock.elapsed() < expires) return false
    await this.#write(lease, signal)
    return true
  }

  async #read(signal: AbortSignal): Promise<KubeObject | undefined> {
    const { client, namespace, name } = this.#options
    try {
      return await client.get(leaseKind, { namespace, name }, signal)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async #write(lease: KubeObject, signal: AbortSignal): Promise<void> {
    this.#see(await this.#options.client.update(leaseKind, this.#claimed(lease), { signal }))
  }

  #see(lease: KubeObject): void {
    this.#observed = { lease, at: this.#options.clock.elapsed() }
  }

  #claimed(lease: KubeObject): KubeObject {
    const { clock, identity } = this.#options
    const spec = specOf(lease)
    const now = microTime(clock.now())
    const mine = spec['holderIdentity'] === identity
    const transitions = typeof spec['leaseTransitions'] === 'number' ? spec['leaseTransitions'] : 0
    const first = lease.metadata.resourceVersion === undefined
    return {
      ...lease,
      spec: {
        ...spec,
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
        acquireTime: mine ? (spec['acquireTime'] ?? now) : now,
        renewTime: now,
        leaseTransitions: mine || first ? transitions : transitions + 1,
      },
    }
  }

  /** Gives the Lease back; if that fails, the others wait until it expires. */
  async #release(): Promise<void> {
    const { client, clock, log, name } = this.#options
    if (this.#observed === undefined) return
    const { lease } = this.#observed
    const late = new AbortController()
    const cancel = clock.after(this.#periodMs, () => late.abort())
    const now = microTime(clock.now())
    const spec = { ...specOf(lease), holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now }
    try {
      this.#see(await client.update(leaseKind, { ...lease, spec }, { signal: late.signal }))
    } catch (error) {
      log?.warn({ lease: name, error: explained(error, client) }, 'lease not released')
    } finally {
      cancel()
    }
  }

  #blank(): KubeObject {
    const { namespace, name } = this.#options
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } }
  }
}

function specOf({ spec }: KubeObject): Record<string, unknown> {
  return isRecord(spec) ? spec : {}
}

function holderOf(lease: KubeObject): string {
  const holder = specOf(lease)['holderIdentity']
  return typeof holder === 'string' ? holder : ''
}

function durationOf(lease: KubeObject, fallbackMs: number): number {
  const seconds = specOf(lease)['leaseDurationSeconds']
  return typeof seconds === 'number' ? seconds * 1000 : fallbackMs
}

/** metav1.MicroTime: RFC 3339 with six decimals. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
