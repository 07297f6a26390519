import type { BackendRef, MetricQueries, MetricTarget, WorkloadRef } from '../../src/mesh/metric-queries.ts'
import { label, requireName } from '../../src/mesh/promql.ts'
import { failureShare, histogramQuantile, requireWindow, successShare } from '../../src/mesh/query-parts.ts'

/**
 * The proxy's own metrics (https://linkerd.io/2/reference/proxy-metrics/): inbound for a workload, outbound for everything else. Of a
 * backend the series of its routes are taken, which name the apex, since Linkerd 2.16. The proxy classifies responses itself, gRPC
 * statuses included; on routes it only counts them. Latency is the time to the first byte, and on routes it is coarse (seven
 * buckets up to ten seconds). Series that stand still are dropped after ten minutes, and ports marked opaque have none.
 */
export const linkerdQueries: MetricQueries = {
  successRate: (target, window) => successShare(...failuresAndAll(target, window)),
  errorRate: (target, window) => failureShare(...failuresAndAll(target, window)),
  requestRate(target, window) {
    if ('backend' in target) return `${routeSum('requests_total', backendLabels(target.backend), window)} > 0`
    return `${rate('request_total', select(target), window)} > 0`
  },
  latency(target, window, quantile) {
    if ('backend' in target) {
      const buckets = routeRates('response_duration_seconds_bucket', backendLabels(target.backend), window)
      return `1000 * (${histogramQuantile(quantile, buckets)})`
    }
    return histogramQuantile(quantile, `rate(response_latency_ms_bucket{${select(target)}}[${requireWindow(window)}])`)
  },
}

function failuresAndAll(target: MetricTarget, window: string): [string, string] {
  if ('backend' in target) {
    const selector = backendLabels(target.backend)
    const statuses = 'response_statuses_total'
    return [routeSum(statuses, selector, window, routeFailures), routeSum(statuses, selector, window)]
  }
  const selector = select(target)
  return [
    rate('response_total', `${selector},classification="failure"`, window),
    rate('response_total', selector, window),
  ]
}

/** What failed without any status has an `error`; gRPC's codes are those that stand for a 5xx (google/rpc/code.proto). */
const routeFailures = {
  http: ['http_status=~"5.."', 'http_status="",error!=""'],
  grpc: ['grpc_status=~"2|4|12|13|14|15"', 'grpc_status="",error!=""'],
} as const

function routeSum(
  metric: string,
  selector: string,
  window: string,
  failures?: Readonly<Record<'http' | 'grpc', readonly string[]>>,
): string {
  return `sum(${routeRates(metric, selector, window, failures)})`
}

/** HTTPRoutes and GRPCRoutes have series of their own, whose labels differ; each that satisfies a condition counts once. */
function routeRates(
  metric: string,
  selector: string,
  window: string,
  failures: Readonly<Record<'http' | 'grpc', readonly string[]>> = { http: [''], grpc: [''] },
): string {
  const rates = (['http', 'grpc'] as const).flatMap((protocol) =>
    failures[protocol].map((condition) => {
      const labels = condition === '' ? selector : `${selector},${condition}`
      return `rate(outbound_${protocol}_route_backend_${metric}{${labels}}[${requireWindow(window)}])`
    }),
  )
  return rates.join(' or ')
}

function backendLabels({ apex, service }: BackendRef): string {
  return `${routeLabels('parent', apex)},${routeLabels('backend', service)}`
}

function routeLabels(side: 'parent' | 'backend', service: WorkloadRef): string {
  const [namespace, name] = names(service)
  return `${side}_kind="Service",${side}_namespace=${namespace},${side}_name=${name}`
}

function rate(metric: string, selector: string, window: string): string {
  return `sum(rate(${metric}{${selector}}[${requireWindow(window)}]))`
}

function select(target: Exclude<MetricTarget, { backend: unknown }>): string {
  if ('workload' in target) return `direction="inbound",${workloadLabels('', target.workload)}`
  if ('edge' in target) {
    const { from, to } = target.edge
    return `direction="outbound",${workloadLabels('', from)},${workloadLabels('dst_', to)}`
  }
  const [namespace, name] = names(target.service)
  return `direction="outbound",dst_namespace=${namespace},dst_service=${name}`
}

function workloadLabels(prefix: '' | 'dst_', workload: WorkloadRef): string {
  const [namespace, name] = names(workload)
  return `${prefix}namespace=${namespace},${prefix}deployment=${name}`
}

function names({ namespace, name }: WorkloadRef): [string, string] {
  return [label(requireName('namespace', namespace)), label(requireName('workload', name))]
}
