import type { KubeClient } from '../../kube/client.ts'
import { systemClock } from '../../kube/clock.ts'
import type { Kind } from '../../kube/object.ts'
import { SharedInformers } from '../../kube/shared-informers.ts'

/** Changes that come together are one; milliseconds. */
const together = 100

/** Tells when objects of a kind change, by a watch. Where that is not allowed nothing is ever told, and waiting lasts as long as it may. */
export class Changes {
  readonly #informers: SharedInformers
  #changed = false
  #wake = () => {}

  /** Of all namespaces unless one is given. */
  constructor(client: KubeClient, kind: Kind, namespace: string | undefined) {
    this.#informers = new SharedInformers({ client, namespace, clock: systemClock, random: Math.random })
    this.#informers.of(kind).listen(() => {
      this.#changed = true
      this.#wake()
    })
  }

  /** Resolves when something has changed since the last call, after `longest` milliseconds, or when the signal aborts. */
  async next(longest: number, signal: AbortSignal): Promise<void> {
    if (!this.#changed) {
      const over = new AbortController()
      this.#wake = () => over.abort()
      await systemClock.sleep(longest, AbortSignal.any([signal, over.signal]))
    }
    if (this.#changed) await systemClock.sleep(together, signal)
    this.#changed = false
  }

  stop(): Promise<void> {
    return this.#informers.stop()
  }
}
