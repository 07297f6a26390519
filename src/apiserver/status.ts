/** One cause in `details.causes` of a Status, as `k8s.io/apimachinery` names and words them. */
export interface Cause {
  readonly reason: string
  readonly message: string
  readonly field?: string
}

/** What a Status says it is about. `kind` is the plural resource for most errors and the kind for invalid objects. */
export interface Subject {
  readonly group: string
  readonly kind: string
  readonly name?: string
}

interface Details {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly Cause[]
  readonly retryAfterSeconds?: number
}

/** A failed request, with everything its Status body says. Thrown anywhere below the request's entry and answered there. */
export class ApiError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Details | undefined

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** `meta.k8s.io/v1 Status` of an error. */
export function statusOf(error: ApiError): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    code: error.code,
  }
}

/** `deployments.apps`, or `services` in the core group: how messages call a resource. */
function qualified(kind: string, group: string): string {
  return group === '' ? kind : `${kind}.${group}`
}

function detailsOf({ name = '', group, kind }: Subject): Details {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
  }
}

export function notFound(subject: Subject): ApiError {
  const text = `${qualified(subject.kind, subject.group)} "${subject.name ?? ''}" not found`
  return new ApiError(404, 'NotFound', text, detailsOf(subject))
}

export function alreadyExists(subject: Subject): ApiError {
  const text = `${qualified(subject.kind, subject.group)} "${subject.name ?? ''}" already exists`
  return new ApiError(409, 'AlreadyExists', text, detailsOf(subject))
}

export function conflict(subject: Subject, because: string): ApiError {
  const text = `Operation cannot be fulfilled on ${qualified(subject.kind, subject.group)} "${subject.name ?? ''}": ${because}`
  return new ApiError(409, 'Conflict', text, detailsOf(subject))
}

/** The conflict every reader of a stale object gets. */
export function modified(subject: Subject): ApiError {
  return conflict(
    subject,
    'the object has been modified; please apply your changes to the latest version and try again',
  )
}

export function forbidden(subject: Subject, because: string, causes?: readonly Cause[]): ApiError {
  const about = `${qualified(subject.kind, subject.group)}${subject.name === undefined ? '' : ` "${subject.name}"`}`
  const details = { ...detailsOf(subject), ...(causes === undefined ? {} : { causes }) }
  return new ApiError(403, 'Forbidden', `${about} is forbidden: ${because}`, details)
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

/** An invalid object: `subject.kind` is its kind, and `causes` is not empty. */
export function invalid(subject: Subject, causes: readonly Cause[]): ApiError {
  const texts = [...new Set(causes.map((cause) => `${cause.field ?? '<nil>'}: ${cause.message}`))]
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const message = `${qualified(subject.kind, subject.group)} "${subject.name ?? ''}" is invalid: ${text}`
  return new ApiError(422, 'Invalid', message, { ...detailsOf(subject), causes })
}

/** A JSON patch that is well formed but cannot be applied, e.g. a failed `test`. kube-apiserver does not tell clients why. */
export function unprocessable(because: string): ApiError {
  const error = new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
  error.cause = because
  return error
}

/** 404 for a path below a group that is served. */
export function unknownResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

/** 410: what was asked for has been compacted away; the client lists again. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  const text = `406: Not Acceptable\n\nAvailable representations: ${accepted.join(', ')}`
  return new ApiError(406, 'NotAcceptable', text, {})
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized')
}

/** Causes in the wording of `k8s.io/apimachinery/pkg/util/validation/field`. */
export const cause = {
  required: (field: string, detail = ''): Cause => ({
    reason: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
    field,
  }),
  invalid: (field: string, value: unknown, detail: string): Cause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${shown(value)}: ${detail}`,
    field,
  }),
  type: (field: string, value: string, detail: string): Cause => ({
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
    field,
  }),
  unsupported: (field: string, value: unknown, supported: readonly unknown[]): Cause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
    field,
  }),
  duplicate: (field: string, value: unknown): Cause => ({
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${shown(value)}`,
    field,
  }),
  notFound: (field: string, value: unknown): Cause => ({
    reason: 'FieldValueNotFound',
    message: `Not found: ${shown(value)}`,
    field,
  }),
  forbidden: (field: string, detail: string): Cause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${detail}`,
    field,
  }),
  tooLong: (field: string, limit: number): Cause => ({
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${limit} bytes`,
    field,
  }),
  tooMany: (field: string, count: number, limit: number): Cause => ({
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${limit} items`,
    field,
  }),
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}
