import { ConnectionError, type ConnectionProblem } from './errors.ts'

/** Codes of Node's sockets, DNS and TLS (OpenSSL's verify errors), and of undici. */
const known: Readonly<Record<string, readonly [ConnectionProblem, string]>> = {
  ECONNREFUSED: ['refused', 'connection refused'],
  ECONNRESET: ['reset', 'the connection was reset'],
  EPIPE: ['reset', 'the connection was closed'],
  UND_ERR_SOCKET: ['reset', 'the connection was closed'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['reset', 'the answer broke off'],
  ENOTFOUND: ['dns', 'unknown host'],
  EAI_AGAIN: ['dns', 'DNS does not answer'],
  ETIMEDOUT: ['timeout', 'no connection in time'],
  EHOSTUNREACH: ['timeout', 'no route to the host'],
  ENETUNREACH: ['timeout', 'no route to the network'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'no connection in time'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'no answer in time'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'the answer stopped in the middle'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'its certificate is signed by an unknown authority'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'its certificate is self-signed'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'its certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', 'its certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'its certificate is signed by an unknown authority'],
  CERT_SIGNATURE_FAILURE: ['tls', 'its certificate is not signed by the authority of the kubeconfig'],
  CERT_HAS_EXPIRED: ['tls', 'its certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'its certificate is not valid yet'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'its certificate is for another name'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['protocol', 'it does not speak TLS'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['protocol', 'it does not speak TLS'],
}

/** What Node's or undici's error says about the way to a server. */
export function connectionError(server: string, error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const found = known[code]
  if (found !== undefined) return new ConnectionError(server, found[0], found[1], { cause: error })
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) {
    return new ConnectionError(server, 'tls', message, { cause: error })
  }
  if (code.startsWith('HPE_')) {
    return new ConnectionError(server, 'protocol', `it does not speak HTTP/1.1 (${message})`, { cause: error })
  }
  return new ConnectionError(server, 'other', message, { cause: error })
}

/** The code of an error or of what caused it; an error of several addresses has those of each. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string' && error.code !== 'UND_ERR') return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return codeOf(error.cause)
}
