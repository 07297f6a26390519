/** A Deployment (or other workload) by name, as meshes label their series. */
export interface WorkloadRef {
  readonly namespace: string
  readonly name: string
}

/**
 * What is measured: one workload as its own proxy sees it (`workload`), or the calls of one workload to another as the
 * caller's proxy sees them (`edge`), which includes faults, timeouts and connections that never arrived.
 */
export type MetricTarget =
  | { readonly workload: WorkloadRef }
  | { readonly edge: { readonly from: WorkloadRef; readonly to: WorkloadRef } }

/**
 * PromQL over the series one mesh exports. Each expression yields at most one sample: none when there were no requests.
 * `window` is a Prometheus duration such as `1m`. Names are checked and escaped; a DiagnosticError refuses the rest.
 */
export interface MetricQueries {
  /** Share of requests that did not fail, 0 to 1. Failed: HTTP 5xx, or a gRPC status the mesh counts as a failure. */
  successRate(target: MetricTarget, window: string): string
  /** Requests per second. */
  requestRate(target: MetricTarget, window: string): string
  /** Milliseconds below which the given share (0 to 1) of requests stayed. */
  latency(target: MetricTarget, window: string, quantile: number): string
}
