import type { MetricQuery, MetricResult } from '../../metrics/metrics.ts'

/** What the process of the operator is started with. */
export interface OperatorTask {
  /** Absolute. */
  readonly folder: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
  /** Measurements are asked for by messages, not from Prometheus. */
  readonly simulated: boolean
}

/** From the process of the operator: its kind and the examples are in the cluster, or it wants a measurement. */
export type FromOperator = { readonly installed: true } | { readonly question: number; readonly query: MetricQuery }

/** To it: what came of a measurement. */
export interface ToOperator {
  readonly question: number
  readonly result: MetricResult
}
