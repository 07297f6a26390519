import { readAnswer } from './prometheus-answer.ts'

/** Why an HTTP status is no answer; follows the name of the server in a sentence. */
export function describeStatus(
  status: number,
  body: string,
  location: string | readonly string[] | undefined,
  promql: string,
): string {
  const said = readAnswer(body)
  const own = /^\s*\{/.test(body) && 'error' in said ? `: ${said.error}` : ''
  // What Go's net/http answers there.
  if (status === 400 && body.startsWith('Client sent an HTTP request to an HTTPS server'))
    return 'speaks TLS only (HTTP 400); prometheus.url begins with https:// then'
  if (status === 400 || status === 422) return `refused the query${own || ` (HTTP ${status})`}, in ${promql}`
  if (status === 401) return 'does not know who asks (HTTP 401); check prometheus.bearerTokenFile'
  if (status === 403)
    return 'does not allow the query (HTTP 403); check the rights of the token in prometheus.bearerTokenFile'
  if (status === 404) return 'has no /api/v1/query (HTTP 404); check that prometheus.url is its base address'
  if (status >= 300 && status < 400)
    return `sends elsewhere (HTTP ${status}, ${location}); give the final address as prometheus.url`
  return `answered HTTP ${status}${own}`
}

/** Why a request had no answer at all; follows the name of the server in a sentence. */
export function describeFailure(cause: unknown): string {
  const code = codeOf(cause)
  if (isTlsFailure(cause)) return `has a certificate that is not trusted (${code}); check prometheus.caFile`
  if (/^(EPROTO|ERR_SSL_)/.test(code))
    return `does not speak TLS as it is asked to (${code}); check whether prometheus.url begins with http://`
  const known: Record<string, string> = {
    ECONNREFUSED: 'cannot be reached: the connection was refused',
    ENOTFOUND: 'cannot be reached: its name is not known',
    EAI_AGAIN: 'cannot be reached: the name server does not answer',
    ECONNRESET: 'broke the connection',
    UND_ERR_SOCKET: 'broke the connection',
    UND_ERR_CONNECT_TIMEOUT: 'cannot be reached: the connection took too long',
    UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answered more than a measurement can be',
  }
  const fallback = cause instanceof Error ? `gave no answer: ${cause.message.split('\n')[0]}` : 'gave no answer'
  return known[code] ?? fallback
}

/** Whether a request did not get as far as a server. */
export function isUnreachable(cause: unknown): boolean {
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/.test(
    codeOf(cause),
  )
}

/** Codes of Node's TLS for chains and names that do not fit (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
export function isTlsFailure(cause: unknown): boolean {
  return /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(codeOf(cause))
}

/** Several addresses for one name fail together as an AggregateError; the first one tells enough. */
function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0])
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
