import { decide, decideOn, type WeightedDestination } from './decision.ts'
import { normalHeaders } from './header-changes.ts'
import { normalTreatment } from './normal-treatment.ts'
import { isOwnPort, redirectPort } from './redirect-port.ts'
import type { MeshRequest, Outcome, RoutingDecision, RoutingRetries, ServiceDirectory } from './routing.ts'
import type { AbortAnswer, Redirect, Retries, Treatment } from './treatment.ts'

/** A treatment as it was read from a mesh's objects. */
export interface ReadTreatment extends Treatment {
  /** Milliseconds for one request to a backend. */
  readonly backendTimeout?: number
}

/** A decision about requests that are treated as well as divided. An abort takes its share of every outcome. */
export function treated(divided: RoutingDecision, read: ReadTreatment, services: ServiceDirectory): RoutingDecision {
  const { timeout, retries, fault, mirrors, requestHeaders, responseHeaders, rewrite } = normalTreatment(read)
  const { backendTimeout } = read
  const existing = (mirrors ?? []).filter(({ service, port }) => services.ports(service)?.includes(port))
  const tried = retries && readRetries(retries)
  return {
    ...abort(divided, fault?.abort),
    ...(timeout !== undefined && { timeout }),
    ...(backendTimeout !== undefined && { backendTimeout }),
    ...(tried && { retries: tried }),
    ...(fault?.delay && { delays: [{ percent: fault.delay.percent, duration: fault.delay.duration }] }),
    ...(existing.length > 0 && { mirrors: existing }),
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(rewrite && { rewrite }),
  }
}

/** The answer of a rule that redirects; of a treatment, it is only the headers of answers that it has a use for. */
export function redirected(
  rule: string,
  redirect: Redirect,
  request: MeshRequest,
  { responseHeaders }: Pick<Treatment, 'responseHeaders'> = {},
): RoutingDecision {
  const answer = decideOn(rule, { status: redirect.status, reason: 'the rule redirects' })
  const changed = responseHeaders && normalHeaders(responseHeaders)
  return { ...answer, ...(changed && { responseHeaders: changed }), location: locationOf(redirect, request) }
}

/** A gRPC call that fails has been answered with 200 as far as HTTP is concerned. */
function abort(
  decision: RoutingDecision,
  fault: (AbortAnswer & { readonly percent: number }) | undefined,
): RoutingDecision {
  if (fault === undefined) return decision
  const { percent } = fault
  const answer = 'status' in fault ? { status: fault.status } : { status: 200, grpcStatus: fault.grpcStatus }
  const rest = decision.outcomes.map((outcome): WeightedDestination => {
    return { to: destinationOf(outcome), weight: outcome.share * (100 - percent) }
  })
  return decide(decision.rule, [...rest, { to: { ...answer, reason: 'a fault is injected' }, weight: percent }])
}

function destinationOf(outcome: Outcome): WeightedDestination['to'] {
  if ('service' in outcome) {
    const { share, ...to } = outcome
    return to
  }
  const { share, ...answer } = outcome
  return answer
}

function readRetries({ attempts, conditions, perTryTimeout, backoff }: Retries): RoutingRetries | undefined {
  if (attempts === 0) return undefined
  return {
    attempts,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
    on: conditions,
  }
}

/**
 * An absolute URL, as Envoy sends it; the port is left out where it is the scheme's own. The query is kept, but where the new path
 * has one itself (RouteEntryImplBase::newUri).
 */
function locationOf(redirect: Redirect, request: MeshRequest): string {
  const { scheme = 'http', host, path } = redirect
  const asked = request.headers['host']?.replace(/:\d+$/, '') ?? request.service.name
  const parts = Object.entries(request.query).map(([name, value]) => `${name}=${value}`)
  const query = path?.includes('?') ? '' : (request.search ?? parts.join('&'))
  return [
    `${scheme}://${host ?? asked}`,
    isOwnPort(redirect, request.port) ? '' : `:${redirectPort(redirect, request.port)}`,
    path ?? request.path,
    query === '' ? '' : `?${query}`,
  ].join('')
}
