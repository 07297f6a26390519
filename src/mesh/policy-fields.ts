import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { longestDuration } from './duration.ts'
import { describeValue, type Fields, isFields, otherFields } from './fields.ts'
import { dnsLabel } from './output-fields.ts'

/** Reads the fields of one policy; what is wrong is reported, and something harmless answered in its place. */
export interface PolicyFields {
  malformed(problem: string): void
  invalid(field: string, value: unknown, allowed: string): void
  /** A change of headers that meshes do not agree on. */
  unusable(field: string, value: string, problem: string): void
  /** An object with no other fields than these. */
  part(value: unknown, field: string, keys: readonly string[]): Fields | undefined
  whole(value: unknown, field: string, least: number, most: number): number
  percent(value: unknown, field: string): number
  /** Milliseconds; undefined when there is nothing. */
  duration(value: unknown, field: string): number | undefined
  requiredDuration(value: unknown, field: string): number
  serviceName(value: unknown, field: string): string
}

/** Readers for the fields of the policy that messages call `output`. */
export function policyFields(output: string, problems: Diagnostic[]): PolicyFields {
  const invalid = (field: string, value: unknown, allowed: string) => {
    problems.push(diagnostic('AP2140', { output, field, value: show(value), allowed }))
  }
  const malformed = (problem: string) => {
    problems.push(diagnostic('AP2104', { output, problem }))
  }
  const whole = (value: unknown, field: string, least: number, most: number) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    invalid(field, value, `a whole number from ${least} to ${most}`)
    return least
  }
  const requiredDuration = (value: unknown, field: string) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= longestDuration) return value
    invalid(field, value, `whole milliseconds from 1 to ${longestDuration}`)
    return 1
  }
  return {
    malformed,
    invalid,
    unusable: (field, value, problem) => problems.push(diagnostic('AP2146', { output, field, value, problem })),
    part(value, field, keys) {
      if (value === undefined) return undefined
      if (!isFields(value)) {
        malformed(`\`${field}\` is not an object`)
        return undefined
      }
      const unknown = otherFields(value, keys)[0]
      if (unknown !== undefined) malformed(`\`${field}\` has the unknown field ${unknown}`)
      return value
    },
    whole,
    percent(value, field) {
      // Envoy counts in millionths.
      if (typeof value === 'number' && value >= 0 && value <= 100 && Number(value.toFixed(4)) === value) return value
      invalid(field, value, 'a number from 0 to 100 with at most four decimals')
      return 0
    },
    duration: (value, field) => (value === undefined ? undefined : requiredDuration(value, field)),
    requiredDuration,
    serviceName(value, field) {
      if (typeof value === 'string' && dnsLabel.test(value)) return value
      problems.push(diagnostic('AP2117', { output, field, name: describeValue(value) }))
      return ''
    },
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : `a ${typeof value}`
}
