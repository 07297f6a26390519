import { formatDuration } from '../project/duration.ts'
import type { MetricQuery, MetricResult } from './metrics.ts'

/** A measured value with the text that stands for it in reasons and events. */
export function measured(query: MetricQuery, value: number): MetricResult {
  return { state: 'ok', value, text: valueText(query, value) }
}

/** The result of a query that found nothing to measure. */
export function noTraffic(query: MetricQuery): MetricResult {
  if (query.metric === 'custom') return { state: 'no-data', text: `no data for the query ${query.name}` }
  return { state: 'no-data', text: `no traffic in the last ${formatDuration(query.window)}` }
}

function valueText(query: MetricQuery, value: number): string {
  switch (query.metric) {
    case 'successRate':
    case 'errorRate':
      return percentText(value)
    case 'requestRate':
      return `${rounded(value, 1)} requests/s`
    case 'latency':
      return value < 10 ? `${rounded(value, 1)} ms` : `${Math.round(value)} ms`
    case 'custom':
      return String(Number(value.toPrecision(4)))
  }
}

/** `99.8 %`; nearly all is never rounded up to all: a promise of 100 % that was missed must not read as kept. */
function percentText(share: number): string {
  const percent = share * 100
  if (percent >= 99.95 && percent < 100) return `${Math.min(99.99, Math.floor(percent * 100) / 100)} %`
  return `${rounded(percent, 1)} %`
}

function rounded(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
