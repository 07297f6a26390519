import type { MetricQueries, MetricTarget, WorkloadRef } from '../../src/mesh/metric-queries.ts'
import { label, requireName } from '../../src/mesh/promql.ts'
import { failureShare, histogramQuantile, requireWindow, successShare } from '../../src/mesh/query-parts.ts'

/** No response (Envoy reports code 0 when the client gave up or the connection broke) and server errors. */
const failedCodes = 'response_code=~"0|5.."'
/** gRPC says over HTTP 200 what failed; these are the codes that stand for a 5xx (google/rpc/code.proto). */
const failedGrpc = 'request_protocol="grpc",grpc_response_status=~"2|4|12|13|14|15"'

const requests = 'istio_requests_total'

/**
 * Istio's standard metrics (https://istio.io/latest/docs/reference/config/metrics/). `serverReporters` is the expression for
 * the `reporter` of proxies on the server's side: `destination` for sidecars, `waypoint` in ambient mode, where no proxy of the
 * client sees requests, so that it is `clientReporter` as well.
 */
export function istioQueries(serverReporters: string, clientReporter = 'source'): MetricQueries {
  const select = (target: MetricTarget) => {
    if ('workload' in target) return [served(target.workload, serverReporters)]
    if ('edge' in target) return called(target.edge, clientReporter)
    // The series name the Service that a request was routed to, and not the one that it was made to.
    return [
      `reporter=${label(clientReporter)},${serviceLabels('service' in target ? target.service : target.backend.service)}`,
    ]
  }
  const failuresAndAll = (target: MetricTarget, window: string) => {
    const selectors = select(target)
    const failed = [failedCodes, failedGrpc].flatMap((failure) => selectors.map((selector) => `${selector},${failure}`))
    return [`sum(${rates(requests, failed, window)})`, `sum(${rates(requests, selectors, window)})`] as const
  }
  return {
    successRate: (target, window) => successShare(...failuresAndAll(target, window)),
    errorRate: (target, window) => failureShare(...failuresAndAll(target, window)),
    requestRate(target, window) {
      return `sum(${rates(requests, select(target), window)}) > 0`
    },
    latency(target, window, quantile) {
      return histogramQuantile(quantile, rates('istio_request_duration_milliseconds_bucket', select(target), window))
    },
  }
}

/** Series that satisfy one of the selectors, each once. */
function rates(metric: string, selectors: readonly string[], window: string): string {
  return selectors.map((selector) => `rate(${metric}{${selector}}[${requireWindow(window)}])`).join(' or ')
}

function served(workload: WorkloadRef, reporters: string): string {
  return `reporter=~${label(reporters)},${workloadLabels('destination', workload)}`
}

/**
 * Calls as the caller's proxy saw them. One that never arrived has no destination workload; it is known by the Service it
 * was sent to, if that bears the workload's name.
 */
function called({ from, to }: { readonly from: WorkloadRef; readonly to: WorkloadRef }, reporter: string): string[] {
  const source = `reporter=${label(reporter)},${workloadLabels('source', from)}`
  return [
    `${source},${workloadLabels('destination', to)}`,
    `${source},destination_workload="unknown",${serviceLabels(to)}`,
  ]
}

function serviceLabels(service: WorkloadRef): string {
  return `destination_service_namespace=${namespaceLabel(service)},destination_service_name=${nameLabel(service)}`
}

function workloadLabels(side: 'source' | 'destination', workload: WorkloadRef): string {
  return `${side}_workload_namespace=${namespaceLabel(workload)},${side}_workload=${nameLabel(workload)}`
}

function namespaceLabel({ namespace }: WorkloadRef): string {
  return label(requireName('namespace', namespace))
}

function nameLabel({ name }: WorkloadRef): string {
  return label(requireName('workload', name))
}
