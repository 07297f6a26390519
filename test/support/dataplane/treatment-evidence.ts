import type { MeshRequest, RoutingDecision } from '../../../src/mesh/routing.ts'
import { serviceName } from '../../../src/mesh/service.ts'
import type { HeaderChanges } from '../../../src/mesh/treatment.ts'
import type { Answer } from './client.ts'
import { answerHeaders, type Echo } from './echo.ts'
import { decidedPlaces, exactPlace } from './places.ts'

/** Milliseconds by which Envoy's timers may be early by our clock: its own is read once for each turn of its loop. */
export const clockSlack = 15

const [cancelled, unavailable] = [1, 14]

/** One request and what became of it. */
export interface Sent {
  /** With the headers it was sent with, `host` included. */
  readonly request: MeshRequest
  readonly answer: Answer
  /** Everything that reached any backend because of it, copies included. */
  readonly received: readonly Echo[]
}

/** Where what happened departs from a decision about it; one clause each. */
export function departures({ request, answer, received }: Sent, decision: RoutingDecision): string[] {
  const place = exactPlace(answer)
  const places = decidedPlaces(decision, answer)
  if (!places.includes(place)) return [`it went to ${place} instead of ${places.join(' or ')}`]
  return [
    ...differs('location', answer.headers['location'], decision.location),
    ...delayed(answer, decision),
    ...copied(answer, received, decision),
    ...(answer.echo === undefined ? [] : anyForwarded(request, answer, answer.echo, decision)),
  ]
}

/** Several ways may lead to one place, each with changes of headers of its own; one of them has to explain what happened. */
function anyForwarded(request: MeshRequest, answer: Answer, echo: Echo, decision: RoutingDecision): string[] {
  const here = decision.outcomes.filter(
    (outcome) => decidedPlaces({ ...decision, outcomes: [outcome] }, answer)[0] === exactPlace(answer),
  )
  const found = here.map((outcome) => forwarded(request, answer, echo, decision, 'service' in outcome ? outcome : {}))
  return found.find((problems) => problems.length === 0) ?? found[0] ?? []
}

/** What one way of a decision changes. */
type Way = Pick<RoutingDecision, 'requestHeaders' | 'responseHeaders'>

/** What the backend got, and what the client got from it. */
function forwarded(
  { path, headers }: MeshRequest,
  answer: Answer,
  { url, headers: got }: Echo,
  { rewrite, requestHeaders, responseHeaders, timeout, retries }: RoutingDecision,
  way: Way,
): string[] {
  // Envoy tells the backend how long it will wait for this attempt.
  const each = retries?.perTryTimeout
  const wait = each !== undefined && (timeout === undefined || each < timeout) ? each : timeout
  return [
    ...differs('path', url.split('?')[0], rewrite?.path ?? path),
    ...differs('host', got['host'], rewrite?.host ?? headers['host']),
    ...differs('timeout told', got['x-envoy-expected-rq-timeout-ms'], wait?.toString()),
    ...changed('request header', headers, got, [way.requestHeaders, requestHeaders]),
    ...changed('response header', answerHeaders, answer.headers, [way.responseHeaders, responseHeaders]),
  ]
}

/** Every header that was there before or that the changes name; the changes are made one after the other. */
function changed(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, unknown>>,
  changes: readonly (HeaderChanges | undefined)[],
): string[] {
  // The host is a matter of rewriting.
  const { host: _host, ...headers } = before
  const wanted = new Map<string, string | undefined>(Object.entries(headers))
  for (const { set = {}, add = {}, remove = [] } of changes.map((one) => one ?? {})) {
    for (const name of remove) wanted.set(name, undefined)
    for (const [name, value] of Object.entries(set)) wanted.set(name, value)
    for (const [name, value] of Object.entries(add)) {
      const old = wanted.get(name)
      wanted.set(name, old === undefined ? value : `${old}, ${value}`)
    }
  }
  return [...wanted].flatMap(([name, value]) => differs(`${what} ${name}`, asText(after[name]), value))
}

/** A delay of all requests is seen in the time that the answer took. */
function delayed({ elapsed }: Answer, { delays = [] }: RoutingDecision): string[] {
  const least = delays.filter(({ percent }) => percent >= 100).reduce((sum, { duration }) => sum + duration, 0)
  return elapsed >= least - clockSlack ? [] : [`it took ${elapsed} ms, and was to be delayed by ${least}`]
}

/** Copies go where the mirrors say, all of them when it is for all requests, none when no backend was asked. */
function copied({ echo, grpcStatus }: Answer, received: readonly Echo[], { mirrors = [] }: RoutingDecision): string[] {
  const name = (one: Pick<Echo, 'service' | 'port'>) => `${one.service}:${one.port}`
  // Envoy tries calls that fail so again unless told otherwise, at the same backend.
  const isTried = grpcStatus === cancelled || grpcStatus === unavailable
  const copies = received
    .map(name)
    .filter((one, index, all) => !(isTried && echo && one === name(echo) && all.indexOf(one) < index))
  if (echo !== undefined) copies.splice(copies.indexOf(name(echo)), 1)
  const wanted = echo === undefined ? [] : mirrors
  const problems: string[] = []
  for (const { service, port, percent } of wanted) {
    const at = copies.indexOf(`${serviceName(service)}:${port}`)
    if (at >= 0) copies.splice(at, 1)
    else if (percent >= 100) problems.push(`no copy reached ${serviceName(service)}:${port}`)
  }
  return [...problems, ...copies.map((place) => `a request reached ${place} as well`)]
}

/** Node has some headers as lists. */
function asText(value: unknown): unknown {
  return Array.isArray(value) ? value.join(', ') : value
}

function differs(what: string, actual: unknown, wanted: string | undefined): string[] {
  return actual === wanted ? [] : [`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`]
}
