import { isRegisteredStatus } from './http-status.ts'
import type { ServiceRef } from './traffic.ts'

/** How often a request is tried again, beyond the first attempt. */
export interface Retries {
  /** 0 turns retries off; then nothing else here counts. */
  readonly attempts: number
  /** What is tried again: words of `retryConditions`, and status codes as text. */
  readonly conditions: readonly string[]
  /** Milliseconds for each attempt, the first one included. */
  readonly perTryTimeout?: number
  /** Milliseconds before the first retry; meshes lengthen it from there. */
  readonly backoff?: number
}

/** How an aborted request is answered: with an HTTP status, or with the code of a gRPC call, which an HTTP client takes for a 200. */
export type AbortAnswer = { readonly status: number } | { readonly grpcStatus: number }

/** What is done to a share of the requests before they go anywhere. Percentages from 0 to 100, in steps of 0.0001. */
export interface Fault {
  readonly abort?: AbortAnswer & { readonly percent: number }
  /** `duration` in milliseconds. */
  readonly delay?: { readonly duration: number; readonly percent: number }
}

/** Where a copy of a share of the requests goes; answers to copies are thrown away. `percent` from 0 to 100. */
export interface Mirror {
  readonly service: ServiceRef
  readonly port: number
  readonly percent: number
}

/** Changes of headers; no name is in two of the three, and names are compared in lower case. */
export interface HeaderChanges {
  /** Replaces what is there. */
  readonly set?: Readonly<Record<string, string>>
  /** Is added to what is there. */
  readonly add?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

/** What the backend gets in place of what the client sent: the name of the host, and the whole path without the query. */
export interface Rewrite {
  readonly host?: string
  readonly path?: string
}

/**
 * Where clients are sent instead. What is left out stays as the request had it, but for the port: with a scheme it is that
 * scheme's own, otherwise the port the request was sent to.
 */
export interface Redirect {
  readonly scheme?: 'http' | 'https'
  readonly host?: string
  readonly port?: number
  readonly path?: string
  /** 301, 302, 303, 307 or 308. */
  readonly status: number
}

/**
 * What is done to the requests of a rule besides dividing them. In this order: a redirect answers, and nothing else is done;
 * then the delay; then the abort, which is neither tried again, mirrored nor cut by the timeout; then the rest.
 */
export interface Treatment {
  /** Milliseconds for the whole request, retries included. */
  readonly timeout?: number
  /** What the mesh does of its own accord unless given: Istio tries twice again when no connection came about. */
  readonly retries?: Retries
  readonly fault?: Fault
  readonly mirrors?: readonly Mirror[]
  readonly requestHeaders?: HeaderChanges
  readonly responseHeaders?: HeaderChanges
  readonly rewrite?: Rewrite
  readonly redirect?: Redirect
}

/** Answers of the backend that may be worth another attempt: any 5xx or no answer, or 502, 503 and 504. */
const answerConditions: readonly string[] = ['5xx', 'gateway-error']
/** What goes wrong before there is an answer (Envoy's x-envoy-retry-on). */
const connectionConditions: readonly string[] = ['connect-failure', 'refused-stream', 'reset']
/** The status of a gRPC call, in the words of Envoy's x-envoy-retry-grpc-on and of Linkerd's retry.linkerd.io/grpc. */
const grpcConditions: readonly string[] = [
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]
/** Words a retry policy may use besides status codes. */
export const retryConditions: readonly string[] = [...answerConditions, ...connectionConditions, ...grpcConditions]

/** Whether a condition is a class of answers, to which an attempt that got none belongs as well. */
export function isAnswerClass(condition: string): boolean {
  return answerConditions.includes(condition)
}

/** Whether a condition is about the connection, which not every mesh looks at. */
export function isConnectionCondition(condition: string): boolean {
  return connectionConditions.includes(condition)
}

/** Whether a condition is about the status of a gRPC call rather than of an HTTP answer. */
export function isGrpcCondition(condition: string): boolean {
  return grpcConditions.includes(condition)
}

/** Whether a condition belongs to the neutral model. */
export function isRetryCondition(condition: string): boolean {
  return retryConditions.includes(condition) || (/^[45]\d\d$/.test(condition) && isRegisteredStatus(Number(condition)))
}
