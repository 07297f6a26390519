import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'

/** Prometheus' durations, greatest unit first (https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations). */
const duration = /^(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/

/** Lets a Prometheus duration through and refuses everything else. */
export function requireWindow(window: string): string {
  if (duration.test(window) && /[1-9]/.test(window)) return window
  throw new DiagnosticError([diagnostic('AP2124', { what: 'the window', value: window })])
}

/** Lets a share between 0 and 1 through and refuses everything else. */
function requireQuantile(quantile: number): string {
  if (quantile > 0 && quantile < 1) return String(quantile)
  throw new DiagnosticError([diagnostic('AP2124', { what: 'the quantile', value: String(quantile) })])
}

/**
 * The share that did not fail, of two rates that are sums without labels. No sample without requests; 1 when the series of
 * failures does not exist, 0 when all failed. Rounding cannot take it below 0.
 */
export function successShare(failures: string, total: string): string {
  return `clamp_min(1 - ${quotient(failures, total)}, 0)`
}

/** The share that failed, likewise; rounding cannot take it above 1. */
export function failureShare(failures: string, total: string): string {
  return `clamp_max(${quotient(failures, total)}, 1)`
}

function quotient(failures: string, total: string): string {
  return `((${failures}) or 0 * ${total}) / (${total} > 0)`
}

/** A quantile over the rate of a histogram's buckets; no sample instead of NaN when nothing was observed. */
export function histogramQuantile(quantile: number, buckets: string): string {
  return `histogram_quantile(${requireQuantile(quantile)}, sum by (le) (${buckets})) >= 0`
}
