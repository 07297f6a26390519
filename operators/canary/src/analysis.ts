import type { MetricsInput } from '../../../src/operator/worker.ts'
import { formatDuration } from '../../../src/project/duration.ts'
import type { Plan } from './plan.ts'

/** What the measurements of the canary say. `unknown` means that nothing can be said: neither success nor failure. */
export interface Verdict {
  readonly state: 'passed' | 'failed' | 'no-traffic' | 'unknown'
  /** A sentence without a full stop. */
  readonly text: string
}

/** Measures a workload and judges it by the plan; a definite failure outweighs a measurement that could not be had. */
export async function judge(plan: Plan, workload: string, metrics: MetricsInput): Promise<Verdict> {
  const { window, maxLatency, successThreshold } = plan
  const [rate, latency] = await Promise.all([
    metrics.successRate({ workload, window }),
    maxLatency === undefined ? undefined : metrics.latency({ workload, window, quantile: 0.99 }),
  ])
  const measurements = [
    {
      what: 'success rate',
      result: rate,
      fails: (value: number) => value < successThreshold / 100 - 1e-9,
      bound: `below ${successThreshold} %`,
    },
    ...(latency && maxLatency !== undefined
      ? [
          {
            what: '99th percentile of the latency',
            result: latency,
            fails: (value: number) => value > maxLatency,
            bound: `above ${formatDuration(maxLatency)}`,
          },
        ]
      : []),
  ].map(({ what, result, fails, bound }) => {
    const known = result.state === 'ok' && Number.isFinite(result.value)
    return {
      state: result.state === 'no-data' ? 'no-data' : known ? (fails(result.value) ? 'failed' : 'passed') : 'unknown',
      text: known ? `${what} ${result.text}` : result.text,
      what,
      bound,
    }
  })
  const failed = measurements.filter(({ state }) => state === 'failed')
  if (failed.length > 0)
    return { state: 'failed', text: failed.map(({ text, bound }) => `${text} is ${bound}`).join(', ') }
  const unknown = measurements.find(({ state }) => state === 'unknown')
  if (unknown) return { state: 'unknown', text: `no measurement of the ${unknown.what}: ${unknown.text}` }
  const missing = measurements.find(({ state }) => state === 'no-data')
  if (missing) return { state: 'no-traffic', text: missing.text }
  return { state: 'passed', text: measurements.map(({ text }) => text).join(', ') }
}
