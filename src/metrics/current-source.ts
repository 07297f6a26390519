import type { MetricQuery, MetricResult, MetricsSource } from './metrics.ts'

/** A source with connections. */
export interface ClosableSource extends MetricsSource {
  close(): Promise<void>
}

/** A source that can be exchanged while it is in use, as an edited configuration may ask for. */
export class CurrentSource implements ClosableSource {
  #source: ClosableSource

  constructor(source: ClosableSource) {
    this.#source = source
  }

  measure(query: MetricQuery, signal?: AbortSignal): Promise<MetricResult> {
    return this.#source.measure(query, signal)
  }

  /** Later questions go to `source`; those under way become errors, which no worker takes for a measurement. */
  async exchange(source: ClosableSource): Promise<void> {
    const before = this.#source
    this.#source = source
    await before.close()
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
