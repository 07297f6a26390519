import type { MeshRequest, RoutingDecision } from '../../../src/mesh/routing.ts'
import { serviceName } from '../../../src/mesh/service.ts'
import type { HeaderChanges } from '../../../src/mesh/treatment.ts'
import { answerHeaders, type Echo } from './backends.ts'
import type { Answer } from './client.ts'
import { decidedPlaces, exactPlace } from './places.ts'

/** Milliseconds by which Envoy's timers may be early by our clock: its own is read once for each turn of its loop. */
export const clockSlack = 15

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
  const places = decidedPlaces(decision)
  if (!places.includes(place)) return [`it went to ${place} instead of ${places.join(' or ')}`]
  return [
    ...differs('location', answer.headers['location'], decision.location),
    ...delayed(answer, decision),
    ...copied(answer, received, decision),
    ...(answer.echo === undefined ? [] : forwarded(request, answer, answer.echo, decision)),
  ]
}

/** What the backend got, and what the client got from it. */
function forwarded(
  { path, headers }: MeshRequest,
  answer: Answer,
  { url, headers: got }: Echo,
  { rewrite, requestHeaders, responseHeaders, timeout, retries }: RoutingDecision,
): string[] {
  // Envoy tells the backend how long it will wait for this attempt.
  const each = retries?.perTryTimeout
  const wait = each !== undefined && (timeout === undefined || each < timeout) ? each : timeout
  return [
    ...differs('path', url.split('?')[0], rewrite?.path ?? path),
    ...differs('host', got['host'], rewrite?.host ?? headers['host']),
    ...differs('timeout told', got['x-envoy-expected-rq-timeout-ms'], wait?.toString()),
    ...changed('request header', headers, got, requestHeaders),
    ...changed('response header', answerHeaders, answer.headers, responseHeaders),
  ]
}

/** Every header that was there before or that the changes name. */
function changed(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, unknown>>,
  { set = {}, add = {}, remove = [] }: HeaderChanges = {},
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(set), ...Object.keys(add), ...remove])
  // The host is a matter of rewriting.
  names.delete('host')
  return [...names].flatMap((name) => {
    const old = set[name] ?? (remove.includes(name) ? undefined : before[name])
    const wanted = [old, add[name]].filter((value) => value !== undefined)
    return differs(`${what} ${name}`, after[name], wanted.length === 0 ? undefined : wanted.join(', '))
  })
}

/** A delay of all requests is seen in the time that the answer took. */
function delayed({ elapsed }: Answer, { delays = [] }: RoutingDecision): string[] {
  const least = delays.filter(({ percent }) => percent >= 100).reduce((sum, { duration }) => sum + duration, 0)
  return elapsed >= least - clockSlack ? [] : [`it took ${elapsed} ms, and was to be delayed by ${least}`]
}

/** Copies go where the mirrors say, all of them when it is for all requests, none when no backend was asked. */
function copied({ echo }: Answer, received: readonly Echo[], { mirrors = [] }: RoutingDecision): string[] {
  const name = (one: Pick<Echo, 'service' | 'port'>) => `${one.service}:${one.port}`
  const copies = received.map(name)
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

function differs(what: string, actual: unknown, wanted: string | undefined): string[] {
  return actual === wanted ? [] : [`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`]
}
