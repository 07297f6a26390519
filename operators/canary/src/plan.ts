import { formatDuration, parseDuration } from '../../../src/project/duration.ts'
import type { CanaryDeploymentSpec } from './generated/phases.ts'

/** A spec that makes sense, in numbers. Durations are milliseconds. */
export interface Plan {
  /** Rising shares of the canary in percent; at least one. */
  readonly steps: readonly number[]
  readonly analysisPeriod: number
  readonly window: string
  readonly windowLength: number
  readonly successThreshold: number
  readonly maxLatency: number | undefined
  readonly noTraffic: CanaryDeploymentSpec['noTraffic']
  readonly progressDeadline: number
}

/** The plan of a spec, or every reason why there is none. */
export function readPlan(spec: CanaryDeploymentSpec): Plan | { readonly problems: readonly string[] } {
  const problems = [...stepProblems(spec)]
  const duration = (field: 'analysisPeriod' | 'measurementInterval' | 'maxLatency' | 'progressDeadline') => {
    const text = spec[field]
    const value = text === undefined ? undefined : parseDuration(text)
    if (text !== undefined && (value === undefined || value <= 0))
      problems.push(`spec.${field} is ${JSON.stringify(text)}, not a positive duration such as 10s`)
    return value ?? 0
  }
  const analysisPeriod = duration('analysisPeriod')
  const windowLength = duration('measurementInterval')
  const progressDeadline = duration('progressDeadline')
  const maxLatency = spec.maxLatency === undefined ? undefined : duration('maxLatency')
  if (!(spec.successThreshold >= 0 && spec.successThreshold <= 100))
    problems.push(`spec.successThreshold is ${spec.successThreshold}, not a percentage`)
  if (problems.length > 0) return { problems }
  return {
    steps: spec.steps ?? evenSteps(spec.stepWeight ?? 5, spec.maxWeight ?? 50),
    analysisPeriod,
    window: formatDuration(windowLength),
    windowLength,
    successThreshold: spec.successThreshold,
    maxLatency,
    noTraffic: spec.noTraffic,
    progressDeadline,
  }
}

function* stepProblems(spec: CanaryDeploymentSpec): Generator<string> {
  const { steps, stepWeight, maxWeight } = spec
  if (steps !== undefined && (stepWeight !== undefined || maxWeight !== undefined))
    yield 'spec.steps cannot be combined with spec.stepWeight and spec.maxWeight: give one form'
  if (steps?.length === 0) yield 'spec.steps is empty'
  for (const [index, weight] of (steps ?? []).entries()) {
    const before = steps?.[index - 1]
    if (!isShare(weight)) yield `spec.steps[${index}] is ${weight}, not a whole percentage from 1 to 100`
    else if (before !== undefined && weight <= before)
      yield `spec.steps must rise, but steps[${index}] is ${weight} after ${before}`
  }
  for (const [field, weight] of Object.entries({ stepWeight, maxWeight }))
    if (weight !== undefined && !isShare(weight))
      yield `spec.${field} is ${weight}, not a whole percentage from 1 to 100`
}

function isShare(weight: number): boolean {
  return Number.isInteger(weight) && weight >= 1 && weight <= 100
}

/** `add`, twice `add` and so on, the last step being `max` itself. */
function evenSteps(add: number, max: number): number[] {
  const steps = []
  for (let weight = add; weight < max; weight += add) steps.push(weight)
  return [...steps, max]
}
