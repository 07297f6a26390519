import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import { fieldsOf, isFields, listOf, numberOf } from '../../src/mesh/fields.ts'
import type { FieldPath } from '../../src/mesh/object-reading.ts'
import type { Retries, Treatment } from '../../src/mesh/treatment.ts'

/** `retry` of a rule of an HTTPRoute (GEP-1731), in the Experimental channel since v1.2. */
export interface RouteRetry {
  /** Beyond the first attempt; up to the implementation unless given. */
  readonly attempts: number | undefined
  /** HTTP statuses from 400 to 599. */
  readonly codes: readonly number[]
  /** Milliseconds. */
  readonly backoff: number | undefined
}

type Attempts = Pick<Treatment, 'timeout' | 'retries'>

/** The fields of a rule for how long a request may take and how often it is tried; a bound for each attempt is a timeout there. */
export function writeAttempts({ timeout, retries }: Attempts): object {
  const each = retries?.perTryTimeout
  return {
    ...((timeout !== undefined || each !== undefined) && {
      timeouts: {
        ...(timeout !== undefined && { request: formatDuration(timeout) }),
        ...(each !== undefined && { backendRequest: formatDuration(each) }),
      },
    }),
    ...(retries && {
      retry: {
        codes: retries.conditions.map(Number),
        attempts: retries.attempts,
        ...(retries.backoff !== undefined && { backoff: formatDuration(retries.backoff) }),
      },
    }),
  }
}

/** The same of a mesh that has its retries elsewhere. */
export function writeTimeout({ timeout }: Attempts): object {
  return writeAttempts(timeout === undefined ? {} : { timeout })
}

/** An empty `retry` asks for retries all the same. */
export function readRetry(value: unknown): RouteRetry | undefined {
  if (!isFields(value)) return undefined
  const { attempts, codes, backoff } = fieldsOf(value)
  return {
    attempts: numberOf(attempts),
    codes: listOf(codes).flatMap((code) => numberOf(code) ?? []),
    backoff: readDuration(backoff),
  }
}

/** What a `retry` asks for by the specification, which leaves numbers and conditions that are not said to the implementation. */
export function retriesOf(
  { attempts, codes, backoff }: RouteRetry,
  perTryTimeout: number | undefined,
): Retries | undefined {
  if (attempts === undefined) return undefined
  // CRDs before v1.6 take no attempts, or fewer, for a number.
  if (attempts <= 0) return { attempts: 0, conditions: [] }
  if (codes.length === 0) return undefined
  return {
    attempts,
    conditions: codes.map(String),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}

/** What has to be said in a `retry` for it to mean the same everywhere. */
export function unsaidOf(retry: RouteRetry | undefined): FieldPath[] {
  if (retry === undefined || retriesOf(retry, undefined) !== undefined) return []
  return [['retry', retry.attempts === undefined ? 'attempts' : 'codes']]
}
