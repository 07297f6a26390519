import type { Clock } from '../kube/clock.ts'
import { measured, noTraffic } from '../metrics/describe.ts'
import type { MetricQuery, MetricResult, MetricsSource } from '../metrics/metrics.ts'
import type { Telemetry } from './telemetry.ts'

/** Answers in place of Prometheus, from the requests that were simulated. Queries in PromQL have nothing to be evaluated on. */
export class SimulatedMetrics implements MetricsSource {
  readonly #telemetry: Telemetry
  readonly #clock: Clock

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#telemetry = telemetry
    this.#clock = clock
  }

  async measure(query: MetricQuery): Promise<MetricResult> {
    if (query.metric === 'custom') return { state: 'error', text: `the query ${query.name} is not simulated` }
    const { requests, failures, latencies } = this.#telemetry.measure(query.target, this.#clock.now(), query.window)
    if (requests === 0) return noTraffic(query)
    switch (query.metric) {
      case 'successRate':
        return measured(query, (requests - failures) / requests)
      case 'errorRate':
        return measured(query, failures / requests)
      case 'requestRate':
        return measured(query, requests / (query.window / 1000))
      case 'latency':
        return measured(query, latencies.quantile(query.quantile) ?? 0)
    }
  }
}
