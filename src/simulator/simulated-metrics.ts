import type { Clock } from '../kube/clock.ts'
import type { MetricQuery, MetricResult, MetricsSource } from '../metrics/metrics.ts'
import { formatDuration } from '../project/duration.ts'
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
    if (requests === 0) return { state: 'no-data', text: `no traffic in the last ${formatDuration(query.window)}` }
    if (query.metric === 'latency') {
      const latency = latencies.quantile(query.quantile) ?? 0
      return { state: 'ok', value: latency, text: `${Math.round(latency)} ms` }
    }
    if (query.metric === 'requestRate') {
      const rate = requests / (query.window / 1000)
      return { state: 'ok', value: rate, text: `${rate.toFixed(1)} requests/s` }
    }
    const rate = (requests - failures) / requests
    return { state: 'ok', value: rate, text: percentText(rate) }
  }
}

/** `99.8 %`; what is not quite all is not rounded up to it. */
export function percentText(share: number): string {
  const percent = share * 100
  if (percent > 99.95 && percent < 100) return `${(Math.floor(percent * 100) / 100).toFixed(2)} %`
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`
}
