import type { ServiceRef } from './traffic.ts'

/** A Deployment (or other workload) by name, as meshes label their series. */
export interface WorkloadRef {
  readonly namespace: string
  readonly name: string
}

/** One backend Service of the split of another, its apex. */
export interface BackendRef {
  readonly apex: ServiceRef
  readonly service: ServiceRef
}

/**
 * What is measured. `workload`: one workload as its own proxy sees it. All others are as callers' proxies see them, which includes faults,
 * timeouts and connections that never arrived: `edge`: the calls of one workload to another; `service`: all calls that were sent to
 * the endpoints of a Service, whichever name they were made by; `backend`: those of them that came by way of an apex. A mesh whose series
 * do not name the apex counts all calls to the backend's endpoints.
 */
export type MetricTarget =
  | { readonly workload: WorkloadRef }
  | { readonly edge: { readonly from: WorkloadRef; readonly to: WorkloadRef } }
  | { readonly service: ServiceRef }
  | { readonly backend: BackendRef }

/**
 * PromQL over the series one mesh exports. Each expression yields at most one sample: none when there were no requests.
 * `window` is a Prometheus duration such as `1m`. Names are checked and escaped; a DiagnosticError refuses the rest.
 */
export interface MetricQueries {
  /** Share of requests that did not fail, 0 to 1. Failed: HTTP 5xx, or a gRPC status the mesh counts as a failure. */
  successRate(target: MetricTarget, window: string): string
  /** Share of requests that failed, 0 to 1: what is missing from the success rate. */
  errorRate(target: MetricTarget, window: string): string
  /** Requests per second. */
  requestRate(target: MetricTarget, window: string): string
  /** Milliseconds below which the given share (0 to 1) of requests stayed. */
  latency(target: MetricTarget, window: string, quantile: number): string
}
