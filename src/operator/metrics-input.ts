import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { MetricTarget } from '../mesh/metric-queries.ts'
import { customQuery } from '../metrics/custom-query.ts'
import type { MetricResult, MetricsSource } from '../metrics/metrics.ts'
import { parseDuration } from '../project/duration.ts'
import type { QueryTemplate } from '../project/project.ts'
import type { MetricsInput, TargetMetrics } from './worker.ts'

/** The metrics that a worker of one namespace sees. Questions that are no questions are errors of the worker. */
export function metricsInput(
  source: MetricsSource,
  queries: readonly QueryTemplate[],
  namespace: string,
  signal: AbortSignal,
): MetricsInput {
  const about = (target: MetricTarget): TargetMetrics => {
    const rate = async (metric: 'successRate' | 'errorRate' | 'requestRate', window: string) =>
      source.measure({ metric, target, window: windowOf(window) }, signal)
    return {
      successRate: ({ window }) => rate('successRate', window),
      errorRate: ({ window }) => rate('errorRate', window),
      requestRate: ({ window }) => rate('requestRate', window),
      latency: async ({ window, quantile }): Promise<MetricResult> =>
        source.measure({ metric: 'latency', target, window: windowOf(window), quantile: quantileOf(quantile) }, signal),
    }
  }
  const workload = (name: string) => about({ workload: { namespace, name } })
  return {
    successRate: (question) => workload(question.workload).successRate(question),
    errorRate: (question) => workload(question.workload).errorRate(question),
    requestRate: (question) => workload(question.workload).requestRate(question),
    latency: (question) => workload(question.workload).latency(question),
    edge: (from, to) => about({ edge: { from, to } }),
    service: (name) => about({ service: { namespace, name } }),
    backend: (apex, name) => about({ backend: { apex: { namespace, name: apex }, service: { namespace, name } } }),
    query: async (name, parameters) => {
      const query = queries.find((candidate) => candidate.name === name)
      const filled = query?.parameters.includes('Namespace') ? { Namespace: namespace, ...parameters } : parameters
      return source.measure(customQuery(queries, name, filled), signal)
    },
  }
}

function windowOf(text: string): number {
  const window = parseDuration(String(text))
  if (window !== undefined && window > 0) return window
  throw new DiagnosticError([diagnostic('AP4010', { what: 'the window', value: JSON.stringify(text) ?? 'undefined' })])
}

function quantileOf(quantile: number): number {
  if (quantile > 0 && quantile < 1) return quantile
  throw new DiagnosticError([diagnostic('AP4011', { value: String(quantile) })])
}
