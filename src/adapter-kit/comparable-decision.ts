import { faultBackendAnswer } from '../mesh/fault-backend.ts'
import type { RoutingDecision } from '../mesh/routing.ts'
import { serviceName } from '../mesh/service.ts'
import type { WeightedBackend } from '../mesh/traffic.ts'

type Changes = Pick<WeightedBackend, 'requestHeaders' | 'responseHeaders'>

/**
 * Meshes answer for what is missing with one 5xx or another; that much of a status is compared. A Service that stands in for
 * a fault answers with its status.
 */
export function comparable({ rule, outcomes, ...facts }: RoutingDecision): Record<string, unknown> {
  const shares = new Map<string, number>()
  for (const outcome of outcomes) {
    const answer = 'service' in outcome ? faultBackendAnswer(outcome.service.name) : outcome
    const place =
      'service' in outcome && answer === undefined
        ? `${serviceName(outcome.service)}:${outcome.port}${changesText(outcome)}`
        : comparableAnswer(answer ?? {})
    shares.set(place, (shares.get(place) ?? 0) + outcome.share)
  }
  return { ...Object.fromEntries([...shares].map(([place, share]) => [place, shareText(share)])), facts }
}

/**
 * Nine digits. Shares lie halfway between two of them often, as 0.1250000625, and were computed in different ways: what is added is far
 * more than the error of that and far less than a digit, so that both are rounded up.
 */
function shareText(share: number): string {
  return (share + 3.3e-12).toFixed(9)
}

/** Two ways to one place that change other headers are two places. */
function changesText({ requestHeaders, responseHeaders }: Changes): string {
  if (requestHeaders === undefined && responseHeaders === undefined) return ''
  return ` ${JSON.stringify({ requestHeaders, responseHeaders })}`
}

function comparableAnswer({ status, grpcStatus }: { readonly status?: number; readonly grpcStatus?: number }): string {
  return grpcStatus === undefined ? `${Math.trunc((status ?? 0) / 100)}xx` : `grpc ${grpcStatus}`
}
