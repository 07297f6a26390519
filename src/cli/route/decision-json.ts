import { formatDuration } from '../../mesh/duration.ts'
import { grpcCodeOfHttp } from '../../mesh/grpc-status.ts'
import { joinedHeaders } from '../../mesh/header-changes.ts'
import type { Outcome, RoutingDecision } from '../../mesh/routing.ts'
import { serviceName } from '../../mesh/service.ts'
import type { HeaderChanges } from '../../mesh/treatment.ts'

/** One outcome as programs read it: a backend with port and subset, or a status. */
export type OutcomeJson =
  | {
      readonly share: number
      readonly backend: string
      readonly port: number
      readonly subset: string | null
      /** What this way changes besides what the whole decision does: there when backends differ in it. */
      readonly requestHeaders?: Required<HeaderChanges>
      readonly responseHeaders?: Required<HeaderChanges>
    }
  | { readonly share: number; readonly status: number }

/** A decision as `ap route -o json` prints it. What is optional is there when it applies, and only then. */
export interface DecisionJson {
  readonly outcomes: readonly OutcomeJson[]
  readonly rule: string | null
  readonly timeout?: string
  readonly backendTimeout?: string
  readonly retries?: { readonly attempts: number; readonly perTryTimeout?: string; readonly on: readonly string[] }
  readonly delays?: readonly { readonly percent: number; readonly duration: string }[]
  readonly mirrors?: readonly { readonly backend: string; readonly port: number; readonly percent: number }[]
  readonly requestHeaders?: Required<HeaderChanges>
  readonly responseHeaders?: Required<HeaderChanges>
  readonly rewrite?: { readonly host?: string; readonly path?: string }
  readonly location?: string
}

/** A decision in the words of the contract; of gRPC calls the status is the gRPC code. */
export function decisionJson(decision: RoutingDecision, protocol: 'http' | 'grpc' | 'tcp'): DecisionJson {
  const {
    outcomes,
    rule,
    timeout,
    backendTimeout,
    retries,
    delays,
    mirrors,
    requestHeaders,
    responseHeaders,
    rewrite,
    location,
  } = withSharedChanges(decision)
  return {
    outcomes: outcomesJson(outcomes, protocol),
    rule,
    ...(timeout !== undefined && { timeout: formatDuration(timeout) }),
    ...(backendTimeout !== undefined && { backendTimeout: formatDuration(backendTimeout) }),
    ...(retries && {
      retries: {
        attempts: retries.attempts,
        ...(retries.perTryTimeout !== undefined && { perTryTimeout: formatDuration(retries.perTryTimeout) }),
        on: retries.on,
      },
    }),
    ...(delays &&
      delays.length > 0 && {
        delays: delays.map(({ percent, duration }) => ({ percent, duration: formatDuration(duration) })),
      }),
    ...(mirrors &&
      mirrors.length > 0 && {
        mirrors: mirrors.map(({ service, port, percent }) => ({ backend: serviceName(service), port, percent })),
      }),
    ...(requestHeaders && { requestHeaders: changesJson(requestHeaders) }),
    ...(responseHeaders && { responseHeaders: changesJson(responseHeaders) }),
    ...(rewrite && { rewrite }),
    ...(location !== undefined && { location }),
  }
}

/** What all backends of a decision change alike, said of the decision as a whole, where one text can say it. */
function withSharedChanges(decision: RoutingDecision): RoutingDecision {
  const places = decision.outcomes.flatMap((outcome) => ('service' in outcome ? [outcome] : []))
  const [first] = places
  const own = (one: typeof first) => JSON.stringify([one?.requestHeaders, one?.responseHeaders])
  if (first === undefined || places.some((place) => own(place) !== own(first))) return decision
  const { requestHeaders, responseHeaders } = first
  const request = joinedHeaders(decision.requestHeaders, requestHeaders)
  const response = joinedHeaders(decision.responseHeaders, responseHeaders)
  if ((requestHeaders && request === undefined) || (responseHeaders && response === undefined)) return decision
  const outcomes = decision.outcomes.map((outcome): Outcome => {
    if (!('service' in outcome)) return outcome
    const { requestHeaders: _request, responseHeaders: _response, ...place } = outcome
    return place
  })
  return {
    ...decision,
    outcomes,
    ...(request && { requestHeaders: request }),
    ...(response && { responseHeaders: response }),
  }
}

/** Equal statuses are added up: what is told apart by reason only is one outcome to a client. */
function outcomesJson(outcomes: readonly Outcome[], protocol: 'http' | 'grpc' | 'tcp'): OutcomeJson[] {
  const merged = new Map<string, OutcomeJson>()
  for (const outcome of outcomes) {
    const json = outcomeJson(outcome, protocol)
    const { share, ...place } = json
    const key = JSON.stringify(place)
    merged.set(key, { ...json, share: share + (merged.get(key)?.share ?? 0) })
  }
  return [...merged.values()]
}

function outcomeJson(outcome: Outcome, protocol: 'http' | 'grpc' | 'tcp'): OutcomeJson {
  const { share } = outcome
  if ('status' in outcome) {
    const { status, grpcStatus = grpcCodeOfHttp(status) } = outcome
    return { share, status: protocol === 'grpc' ? grpcStatus : status }
  }
  return {
    share,
    backend: serviceName(outcome.service),
    port: outcome.port,
    subset: outcome.subset ?? null,
    ...(outcome.requestHeaders && { requestHeaders: changesJson(outcome.requestHeaders) }),
    ...(outcome.responseHeaders && { responseHeaders: changesJson(outcome.responseHeaders) }),
  }
}

function changesJson({ set = {}, add = {}, remove = [] }: HeaderChanges): Required<HeaderChanges> {
  const lower = (changes: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [name.toLowerCase(), value]))
  return { set: lower(set), add: lower(add), remove: remove.map((name) => name.toLowerCase()) }
}
