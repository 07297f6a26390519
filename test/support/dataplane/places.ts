import type { RoutingDecision } from '../../../src/mesh/routing.ts'
import { serviceName } from '../../../src/mesh/service.ts'
import type { Answer } from './client.ts'

/** Who answered: a Service at one of its ports, or the proxy with a status. */
export function exactPlace({ status, echo }: Answer): string {
  return echo === undefined ? `status ${status}` : `${echo.service}:${echo.port}`
}

/** The places that a decision leaves to chance, in the same words. */
export function decidedPlaces({ outcomes }: RoutingDecision): string[] {
  return outcomes.map((outcome) =>
    'status' in outcome ? `status ${outcome.status}` : `${serviceName(outcome.service)}:${outcome.port}`,
  )
}

/** A mesh may answer for what is missing with one 5xx or another. */
export function statusClass(place: string): string {
  return place.replace(/^status (\d)\d\d$/, 'status $1xx')
}

/** A Service that stands in for a fault counts as the status it answers with. */
export function faultPlace(place: string): string {
  return place.replace(/^[^/]+\/fault-(\d{3}):\d+$/, 'status $1').replace(/^[^/]+\/fault-grpc-\d+:\d+$/, 'status 200')
}
