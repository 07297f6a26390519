import type { MetricQueries, MetricTarget, WorkloadRef } from '../../src/mesh/metric-queries.ts'
import { label, literalPattern, requireName } from '../../src/mesh/promql.ts'
import { failureShare, histogramQuantile, requireWindow, successShare } from '../../src/mesh/query-parts.ts'

/**
 * Envoy's statistics as a MeshMetric has them scraped. Kuma's proxies know Services and not workloads, so that a workload is
 * measured by the Service of its name: the clusters `localhost_<port>` of its own proxies, or those of the callers' proxies.
 */
export const kumaQueries: MetricQueries = {
  successRate: (target, window) => successShare(...failuresAndAll(target, window)),
  errorRate: (target, window) => failureShare(...failuresAndAll(target, window)),
  requestRate(target, window) {
    const { selector } = answers(target)
    return `${rate('envoy_cluster_upstream_rq_total', selector, window)} > 0`
  },
  latency(target, window, quantile) {
    const { selector } = answers(target)
    const buckets = `rate(envoy_cluster_upstream_rq_time_bucket{${selector}}[${requireWindow(window)}])`
    return histogramQuantile(quantile, buckets)
  },
}

function failuresAndAll(target: MetricTarget, window: string): [string, string] {
  const { metric, selector } = answers(target)
  return [rate(metric, `${selector},envoy_response_code_class="5"`, window), rate(metric, selector, window)]
}

function rate(metric: string, selector: string, window: string): string {
  return `sum(rate(${metric}{${selector}}[${requireWindow(window)}]))`
}

/** What a server's proxy hears from outside is `external`; a caller's proxy has but one count. */
function answers(target: MetricTarget): { readonly metric: string; readonly selector: string } {
  if ('workload' in target) {
    const selector = `mesh="default",${services(target.workload)},envoy_cluster_name=~"localhost_.*"`
    return { metric: 'envoy_cluster_external_upstream_rq_xx', selector }
  }
  const metric = 'envoy_cluster_upstream_rq_xx'
  if ('edge' in target) {
    const { from, to } = target.edge
    return { metric, selector: `mesh="default",${services(from)},${clusterOf(to)}` }
  }
  // Clusters are those of backends: by which name a call was made is not among their labels.
  return {
    metric,
    selector: `mesh="default",${clusterOf('service' in target ? target.service : target.backend.service)}`,
  }
}

/** The clusters in callers' proxies that stand for a Service. */
function clusterOf(to: WorkloadRef): string {
  const cluster = `(${serviceTag(to)}.*|default_${named(to.name)}_${named(to.namespace)}_.*_msvc_[0-9]+)`
  return `envoy_cluster_name=~${label(cluster)}`
}

/** The label lists all Services of a proxy, between commas. */
function services(workload: WorkloadRef): string {
  return `kuma_io_services=~${label(`(.*,)?${serviceTag(workload)}(,.*)?`)}`
}

/** The tag `kuma.io/service` of any port of a Service. */
function serviceTag({ namespace, name }: WorkloadRef): string {
  return `${named(name)}_${named(namespace)}_svc_[0-9]+`
}

function named(name: string): string {
  return literalPattern(requireName('workload', name))
}
