import type { MetricTarget } from '../mesh/metric-queries.ts'

/** One question to the mesh's telemetry. `window` is in milliseconds and looks back from now. */
export type MetricQuery =
  | {
      readonly metric: 'successRate' | 'errorRate' | 'requestRate'
      readonly target: MetricTarget
      readonly window: number
    }
  | {
      readonly metric: 'latency'
      readonly target: MetricTarget
      readonly window: number
      readonly quantile: number
    }
  /** A query of autopilot.yaml, its holes filled. */
  | {
      readonly metric: 'custom'
      readonly name: string
      readonly promql: string
    }

/**
 * What came of it. No traffic is `no-data` and not a failure; `error` means that nothing is known (Prometheus is down, slow,
 * or refused the query). `text` reads well in a sentence: `99.8 %`, `212 ms`, `no traffic in the last 1m`.
 */
export type MetricResult =
  | { readonly state: 'ok'; readonly value: number; readonly text: string }
  | { readonly state: 'no-data'; readonly text: string }
  | { readonly state: 'error'; readonly text: string }

/** Where measurements come from: Prometheus, or the simulator in its place. Never throws; trouble is a result. */
export interface MetricsSource {
  measure(query: MetricQuery, signal?: AbortSignal): Promise<MetricResult>
}
