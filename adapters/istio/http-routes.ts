import type { RouteDialect } from '../gateway-api/dialect.ts'
import type { RouteRule } from '../gateway-api/http-route.ts'
import { retriesOf } from '../gateway-api/retry.ts'
import { specification } from '../gateway-api/specification.ts'

/** What istiod takes for the number of a `retry` that has none. */
const usualAttempts = 2
/** What it retries on without being asked for codes, and beside them. */
const usualConditions = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled']

/**
 * Routes as istiod translates them, for a sidecar as for a waypoint: the specification, and where that leaves a choice, what
 * pilot/pkg/config/kube/gateway/conversion.go makes of it. A bound for each attempt bounds the whole request where nothing is tried again. Conditions that it adds to codes are those on which it retries without any
 * `retry` as well.
 */
export const istioRoutes: RouteDialect = {
  ...specification,
  attempts({ timeouts: { request, backendRequest }, retry }: RouteRule) {
    const said = retry && { ...retry, attempts: retry.attempts ?? usualAttempts }
    const retries = said && (retriesOf(said, backendRequest) ?? withoutCodes(said, backendRequest))
    const timeout = retry === undefined ? (backendRequest ?? request) : request
    return { ...(timeout !== undefined && { timeout }), ...(retries && { retries }) }
  },
  unreadRetry: () => [],
  openRetry: () => [],
}

function withoutCodes(
  { attempts, backoff }: { readonly attempts: number; readonly backoff: number | undefined },
  perTryTimeout: number | undefined,
) {
  return {
    attempts,
    conditions: usualConditions,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}
