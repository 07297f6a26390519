import type { Clock } from '../kube/clock.ts'
import type { MetricQueries } from '../mesh/metric-queries.ts'
import type { PrometheusConfig } from '../project/project.ts'
import { measured, noTraffic } from './describe.ts'
import type { MetricQuery, MetricResult, MetricsSource } from './metrics.ts'
import { PrometheusClient } from './prometheus-client.ts'
import { prometheusDuration } from './window.ts'

/** Measurements from Prometheus, by the queries of one mesh. */
export class PrometheusSource implements MetricsSource {
  readonly #queries: MetricQueries
  readonly #client: PrometheusClient

  constructor(config: PrometheusConfig, queries: MetricQueries, clock: Clock) {
    this.#queries = queries
    this.#client = new PrometheusClient(config, clock)
  }

  async measure(query: MetricQuery, signal?: AbortSignal): Promise<MetricResult> {
    const promql = this.#promql(query)
    if ('error' in promql) return { state: 'error', text: promql.error }
    const answer = await this.#client.query(promql.text, signal)
    if ('error' in answer) return { state: 'error', text: answer.error }
    const result = toResult(query, answer.value)
    if (answer.warnings.length === 0) return result
    return { ...result, text: `${result.text} (Prometheus warns: ${answer.warnings.join('; ')})` }
  }

  /** Ends the connections; queries under way become errors. */
  async close(): Promise<void> {
    await this.#client.close()
  }

  #promql(query: MetricQuery): { text: string } | { error: string } {
    if (query.metric === 'custom') return { text: query.promql }
    if (!(query.window > 0 && Number.isFinite(query.window)))
      return { error: `${query.window} ms is no window to look back on` }
    const window = prometheusDuration(query.window)
    try {
      if (query.metric !== 'latency') return { text: this.#queries[query.metric](query.target, window) }
      if (!(query.quantile > 0 && query.quantile < 1))
        return { error: `the quantile ${query.quantile} is not between 0 and 1` }
      return { text: this.#queries.latency(query.target, window, query.quantile) }
    } catch (cause) {
      // Names that cannot stand in a query, as a DiagnosticError.
      return { error: cause instanceof Error ? cause.message : String(cause) }
    }
  }
}

/** Rates of nothing are 0/0, and quantiles of nothing NaN: both say that there were no requests to measure. */
function toResult(query: MetricQuery, value: number | undefined): MetricResult {
  return value === undefined || !Number.isFinite(value) ? noTraffic(query) : measured(query, value)
}
