import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, isFields, numberOf, otherFields } from '../../src/mesh/fields.ts'
import type { Breaker } from '../../src/mesh/service-policies.ts'
import type { Foreign } from './service-policy.ts'

/** Errors in a row after which Envoy leaves a pod out unless told (OutlierDetection.consecutive_5xx). */
const usualErrors = 5
const connectionFields = ['maxConnections', 'maxPendingRequests', 'maxRequests'] as const

/**
 * `default` of a MeshCircuitBreaker. `totalFailures` counts 5xx answers and, unless failures are split, those where there was no
 * answer. Both switches are written, as the circuit breaker of the whole mesh fills in what this one leaves out.
 */
export function breakerDefault(breaker: Breaker): object {
  const { consecutiveErrors, interval, ejectionTime, maxEjectionPercent } = breaker
  const limits = Object.entries(breaker).filter(([field]) => connectionFields.some((known) => known === field))
  return {
    ...(limits.length > 0 && { connectionLimits: Object.fromEntries(limits) }),
    ...(consecutiveErrors !== undefined && {
      outlierDetection: {
        disabled: false,
        splitExternalAndLocalErrors: false,
        ...(interval !== undefined && { interval: formatDuration(interval) }),
        ...(ejectionTime !== undefined && { baseEjectionTime: formatDuration(ejectionTime) }),
        ...(maxEjectionPercent !== undefined && { maxEjectionPercent }),
        detectors: { totalFailures: { consecutive: consecutiveErrors } },
      },
    }),
  }
}

export function readBreaker(conf: Fields, foreign: Foreign): Breaker {
  for (const field of otherFields(conf, ['connectionLimits', 'outlierDetection'])) foreign(field)
  const limits = fieldsOf(conf['connectionLimits'])
  for (const field of otherFields(limits, connectionFields)) foreign('connectionLimits', field)
  return {
    ...readDetection(conf['outlierDetection'], foreign),
    ...Object.assign({}, ...connectionFields.map((field) => countOf(limits[field], field))),
  }
}

function readDetection(value: unknown, foreign: Foreign): Breaker {
  if (!isFields(value)) return {}
  const below: Foreign = (...path) => foreign('outlierDetection', ...path)
  const { disabled, splitExternalAndLocalErrors, interval, baseEjectionTime, maxEjectionPercent } = value
  if (disabled === true) {
    below('disabled')
    return {}
  }
  const known = ['disabled', 'splitExternalAndLocalErrors', 'interval', 'baseEjectionTime', 'maxEjectionPercent']
  for (const field of otherFields(value, [...known, 'detectors'])) below(field)
  if (splitExternalAndLocalErrors === true) below('splitExternalAndLocalErrors')
  const detectors = fieldsOf(value['detectors'])
  for (const field of otherFields(detectors, ['totalFailures'])) below('detectors', field)
  // A detector that is not there detects nothing.
  if (!isFields(detectors['totalFailures'])) {
    for (const field of known.slice(2).filter((name) => name in value)) below(field)
    return {}
  }
  const time = readDuration(interval)
  const ejectionTime = readDuration(baseEjectionTime)
  return {
    consecutiveErrors: numberOf(detectors['totalFailures']['consecutive']) ?? usualErrors,
    ...(time !== undefined && { interval: time }),
    ...(ejectionTime !== undefined && { ejectionTime }),
    ...countOf(maxEjectionPercent, 'maxEjectionPercent'),
  }
}

function countOf(value: unknown, field: keyof Breaker): Breaker {
  const count = numberOf(value)
  return count === undefined ? {} : { [field]: count }
}
