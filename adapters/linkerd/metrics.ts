import type { MetricQueries, MetricTarget, WorkloadRef } from '../../src/mesh/metric-queries.ts'
import { label, requireName } from '../../src/mesh/promql.ts'
import { histogramQuantile, requireWindow, successShare } from '../../src/mesh/query-parts.ts'

/**
 * The proxy's own metrics (https://linkerd.io/2/reference/proxy-metrics/): inbound for a workload, outbound for an edge. The
 * proxy classifies responses itself, gRPC statuses included. Latency is the time to the first byte. Series that stand still
 * are dropped after ten minutes, and ports marked opaque have none.
 */
export const linkerdQueries: MetricQueries = {
  successRate(target, window) {
    const selector = select(target)
    return successShare(
      rate('response_total', `${selector},classification="failure"`, window),
      rate('response_total', selector, window),
    )
  },
  requestRate(target, window) {
    return `${rate('request_total', select(target), window)} > 0`
  },
  latency(target, window, quantile) {
    return histogramQuantile(quantile, `rate(response_latency_ms_bucket{${select(target)}}[${requireWindow(window)}])`)
  },
}

function rate(metric: string, selector: string, window: string): string {
  return `sum(rate(${metric}{${selector}}[${requireWindow(window)}]))`
}

function select(target: MetricTarget): string {
  if ('workload' in target) return `direction="inbound",${workloadLabels('', target.workload)}`
  const { from, to } = target.edge
  return `direction="outbound",${workloadLabels('', from)},${workloadLabels('dst_', to)}`
}

function workloadLabels(prefix: '' | 'dst_', { namespace, name }: WorkloadRef): string {
  const labels = [label(requireName('namespace', namespace)), label(requireName('workload', name))]
  return `${prefix}namespace=${labels[0]},${prefix}deployment=${labels[1]}`
}
