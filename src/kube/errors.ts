/** metav1.Status, as far as errors need it. */
export interface ApiStatus {
  readonly message?: string | undefined
  readonly reason?: string | undefined
  readonly details?: StatusDetails | undefined
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly retryAfterSeconds?: number
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[]
}

/** The call an error is about, as words: verb, resource and, if there is one, the object. */
export interface Call {
  readonly verb: string
  readonly resource: string
  /** `namespace/name`, the namespace alone for lists, or empty. */
  readonly target: string
}

/** `patch deployments shop/podinfo`. */
export function describeCall({ verb, resource, target }: Call): string {
  return target === '' ? `${verb} ${resource}` : `${verb} ${resource} ${target}`
}

/** The API server answered, and the answer is an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status. */
  readonly code: number
  /** Machine-readable reason such as `AlreadyExists`; empty when the answer was no Status. */
  readonly reason: string
  readonly details: StatusDetails
  readonly call: Call
  /** From the `Retry-After` header or the Status; absent when the server named none. */
  readonly retryAfterMs: number | undefined

  constructor(call: Call, code: number, status: ApiStatus, retryAfterMs?: number) {
    super(`${describeCall(call)}: ${code} ${status.message ?? status.reason ?? 'without a message'}`)
    this.call = call
    this.code = code
    this.reason = status.reason ?? ''
    this.details = status.details ?? {}
    const seconds = status.details?.retryAfterSeconds
    this.retryAfterMs = retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000)
  }
}

/** What kept an answer from coming. */
export type ConnectionProblem = 'refused' | 'dns' | 'tls' | 'timeout' | 'reset' | 'protocol' | 'other'

/** There was no answer, or it broke off. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly server: string
  readonly problem: ConnectionProblem
  /** What happened, without the names of the server and the call. */
  readonly explanation: string
  /** Absent as long as only the transport knows of it. */
  readonly call: Call | undefined

  constructor(
    server: string,
    problem: ConnectionProblem,
    explanation: string,
    options: { readonly call?: Call; readonly cause?: unknown } = {},
  ) {
    const { call, cause } = options
    super(`${call === undefined ? '' : `${describeCall(call)}: `}${server}: ${explanation}`, { cause })
    this.server = server
    this.problem = problem
    this.explanation = explanation
    this.call = call
  }

  during(call: Call): ConnectionError {
    return new ConnectionError(this.server, this.problem, this.explanation, { call, cause: this.cause })
  }
}

/** The answer was no JSON or not what the API promises. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError'
}

/** An object of this name exists already and is not managed by this operator, so it is left as it is. */
export class ForeignObjectError extends Error {
  override readonly name = 'ForeignObjectError'
  readonly resource: string
  readonly key: string
  /** Value of the object's managed-by label, if it has one. */
  readonly managedBy: string | undefined

  constructor(resource: string, key: string, managedBy: string | undefined) {
    super(
      managedBy === undefined
        ? `${resource} ${key} exists and was not made by this operator`
        : `${resource} ${key} exists and is managed by ${managedBy}`,
    )
    this.resource = resource
    this.key = key
    this.managedBy = managedBy
  }
}

const withCode = (code: number) => (error: unknown) => error instanceof ApiError && error.code === code

export const isForbidden = withCode(403)
export const isNotFound = withCode(404)
export const isConflict = withCode(409)
/** The resourceVersion or the continue token is too old: list again. */
export const isExpired = withCode(410)
export const isInvalid = withCode(422)

/** The store had another version or another object than the server: 409, or 422 about the uid that is not the live one. */
export function isOutdated(error: unknown): boolean {
  if (isConflict(error)) return true
  if (!isInvalid(error) || !(error instanceof ApiError)) return false
  return (error.details.causes ?? []).some(({ field }) => field === 'metadata.uid')
}
