import { type Capabilities, emulated, native, type Support, unsupported } from '../../src/mesh/capabilities.ts'
import type { Bundle } from './bundle.ts'

type RetryRows = Pick<
  Capabilities,
  | 'retries'
  | 'retriesOff'
  | 'retryBackoff'
  | 'retryOnClass'
  | 'retryOnConnection'
  | 'retryOnGrpcStatus'
  | 'grpcRetries'
  | 'grpcRetryOnHttp'
>

const since = 'v1.2'

const retriesOfCalls = unsupported(
  'a GRPCRoute has no retries, in either channel',
  'Retry in the client, as gRPC does by its service config, or leave `retries` out for the port.',
)

/** What a table says of retries where HTTPRoutes have none. */
export const withoutRetries: RetryRows = rowsWithout(
  unsupported(
    'retries are in the Experimental channel of the Gateway API only',
    `Leave \`retries\` out of the policy, as \`timeout\` alone works, or install the Experimental channel of ${since} or later; commands take its CustomResourceDefinition with -f.`,
  ),
)

/** What it says where they have (GEP-1731). */
const withRetries: RetryRows = {
  retries: emulated(
    '`retry` of the rule',
    'implementations have to try 500, 502, 503 and 504 again, may do so for other codes, and should for broken connections, whether asked or not',
  ),
  retriesOff: unsupported(
    '`retry` has no word for none',
    'Leave `retries` out of the policy; what the mesh does of its own accord is a matter of its own configuration.',
  ),
  retryBackoff: native(),
  retryOnClass: unsupported(
    '`retry` lists status codes, and what becomes of attempts without an answer, which belong to these classes, is up to the implementation',
    'List the codes: 500, 502, 503 and 504 are tried again everywhere.',
  ),
  retryOnConnection: unsupported(
    '`retry` lists status codes, and which broken connections are tried again beside them is up to the implementation',
    'List status codes alone: with any `retry` implementations should try broken connections again, and Istio does where none came about.',
  ),
  retryOnGrpcStatus: unsupported('`retry` lists the status codes of HTTP', 'Use these, from 400 to 599.'),
  grpcRetries: retriesOfCalls,
  grpcRetryOnHttp: retriesOfCalls,
}

/** The rows for an installed release. */
export function retryCapabilities({ minor, channel }: Bundle): RetryRows {
  if (channel === 'standard') return withoutRetries
  if (minor >= 2) return withRetries
  return rowsWithout(
    unsupported(
      `the installed HTTPRoutes have no retries, which are in the Experimental channel since ${since} of the Gateway API`,
      `Install the Experimental channel of ${since} or later and start the operator again.`,
    ),
  )
}

function rowsWithout(row: Support): RetryRows {
  return {
    retries: row,
    retriesOff: row,
    retryBackoff: row,
    retryOnClass: row,
    retryOnConnection: row,
    retryOnGrpcStatus: row,
    grpcRetries: retriesOfCalls,
    grpcRetryOnHttp: retriesOfCalls,
  }
}
