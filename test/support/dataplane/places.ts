import { faultBackendAnswer } from '../../../src/mesh/fault-backend.ts'
import { grpcCodeOfHttp } from '../../../src/mesh/grpc-status.ts'
import type { RoutingDecision } from '../../../src/mesh/routing.ts'
import { serviceName } from '../../../src/mesh/service.ts'
import type { Answer } from './client.ts'

/** Who answered: a Service at one of its ports, or the proxy with a status, or with the code of a call. */
export function exactPlace({ status, grpcStatus, echo }: Answer): string {
  if (echo !== undefined) return `${echo.service}:${echo.port}`
  return grpcStatus === undefined ? `status ${status}` : `code ${grpcStatus}`
}

/** The places that a decision leaves to chance, in the same words, where such an answer came. */
export function decidedPlaces(
  { outcomes }: RoutingDecision,
  { grpcStatus }: Pick<Answer, 'grpcStatus'> = {},
): string[] {
  return outcomes.map((outcome) => {
    if (!('status' in outcome)) return `${serviceName(outcome.service)}:${outcome.port}`
    if (grpcStatus === undefined) return `status ${outcome.status}`
    return `code ${outcome.grpcStatus ?? grpcCodeOfHttp(outcome.status)}`
  })
}

/** A mesh may answer for what is missing with one 5xx or another, and with the code that stands for either. */
export function statusClass(place: string): string {
  return place.replace(/^status (\d)\d\d$/, 'status $1xx').replace(/^code (2|14)$/, 'code of a 5xx')
}

/** A Service that stands in for a fault counts as the status it answers with. */
export function faultPlace(place: string, { grpcStatus }: Pick<Answer, 'grpcStatus'> = {}): string {
  const answer = faultBackendAnswer(/^[^/]+\/(.*):\d+$/.exec(place)?.[1] ?? '')
  if (answer === undefined) return place
  if (grpcStatus === undefined) return `status ${'status' in answer ? answer.status : 200}`
  return `code ${'status' in answer ? grpcCodeOfHttp(answer.status) : answer.grpcStatus}`
}
