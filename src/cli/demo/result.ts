import type { PhaseChange, Shares, Step, StepMeasurement } from '../../simulator/timeline.ts'
import type { Scenario, ScenarioName } from './podinfo.ts'

/** What was measured of one workload in one step; null where there were no requests. */
export interface WorkloadResult {
  readonly requests: number
  /** Percent. */
  readonly successRate: number | null
  /** 99th percentile in milliseconds. */
  readonly p99: number | null
}

/** One weight. Shares are the canary's, in percent of the traffic. */
export interface StepResult {
  /** What the resource asked for. */
  readonly requested: number
  /** What the mesh's objects said. */
  readonly observed: number
  /** What came of it: the canary's share of the requests that were routed; null when there were none. */
  readonly routed: number | null
  readonly phase: string
  /** Seconds since the beginning of the run. */
  readonly from: number
  readonly seconds: number
  readonly primary: WorkloadResult
  readonly canary: WorkloadResult
}

export interface TransitionResult {
  /** Seconds since the beginning of the run. */
  readonly at: number
  readonly phase: string
  readonly reason: string
}

/** One canary on one mesh: an element of what `ap demo -o json` prints. */
export interface RunResult {
  readonly mesh: string
  readonly scenario: ScenarioName
  readonly verdict: Scenario['verdict']
  readonly phases: readonly string[]
  readonly steps: readonly StepResult[]
  /** Calls of the operator, by the verbs that kube-apiserver counts. */
  readonly apiCalls: Readonly<Record<string, number>>
  /** What the operator wrote, as `Kind name`, besides its own resource. */
  readonly objects: readonly string[]
  /** Users who got at least one answer of 5xx. */
  readonly errorsSeen: number
  readonly users: number
  readonly requests: number
  readonly transitions: readonly TransitionResult[]
  /** Moments in which a request could have gone nowhere. */
  readonly violations: readonly string[]
  /** Simulated seconds from the first object to the verdict. */
  readonly seconds: number
  readonly seed: number
}

export function stepResult(step: Step, times: { readonly start: number; readonly now: number }): StepResult {
  const requests = [...step.routed.values()].reduce((sum, measured) => sum + measured.requests, 0)
  const canary = step.routed.get('podinfo-canary')
  return {
    requested: canaryShare(step.requested ?? {}),
    observed: canaryShare(step.observed),
    routed: requests === 0 ? null : rounded(((canary?.requests ?? 0) / requests) * 100),
    phase: step.phase,
    from: (step.time - times.start) / 1000,
    seconds: ((step.end ?? times.now) - step.time) / 1000,
    primary: workloadResult(step.routed.get('podinfo-primary')),
    canary: workloadResult(canary),
  }
}

export function transitionResult({ time, phase, reason }: PhaseChange, start: number): TransitionResult {
  return { at: (time - start) / 1000, phase, reason }
}

function canaryShare(shares: Shares): number {
  return rounded(shares['podinfo-canary'] ?? 0)
}

function workloadResult(measured: StepMeasurement | undefined): WorkloadResult {
  if (measured === undefined || measured.requests === 0) return { requests: 0, successRate: null, p99: null }
  const { requests, failures, latencies } = measured
  const p99 = latencies.quantile(0.99)
  return {
    requests,
    successRate: rounded(((requests - failures) / requests) * 100),
    p99: p99 === undefined ? null : Math.round(p99),
  }
}

/** To a tenth; what is not quite all is not rounded up to all. */
function rounded(percent: number): number {
  const tenths = Math.round(percent * 10) / 10
  return tenths === 100 && percent < 100 ? 99.9 : tenths
}

/** `9.8 %`, or a dash where there was nothing. */
export function shareText(percent: number | null): string {
  return percent === null ? '–' : `${percent} %`
}
