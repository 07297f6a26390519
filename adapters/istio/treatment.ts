import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  otherFields,
  textOf,
  textsOf,
} from '../../src/mesh/fields.ts'
import { grpcStatusCode, grpcStatusName } from '../../src/mesh/grpc-status.ts'
import { normalHeaders } from '../../src/mesh/header-changes.ts'
import { normalTreatment } from '../../src/mesh/normal-treatment.ts'
import type { FieldPath, UnreadField } from '../../src/mesh/object-reading.ts'
import type { AbortAnswer, HeaderChanges, Mirror, Redirect, Retries, Treatment } from '../../src/mesh/treatment.ts'
import { hostOf, serviceOf } from './hosts.ts'

/** The expression that a rewrite of the whole path is written as: `rewrite.uri` would keep what follows a matched prefix. */
const wholePath = '^/.*$'
/** What pilot retries on unless told (pilot/pkg/networking/core/route/retry). */
const defaultRetryOn = 'connect-failure,refused-stream,unavailable,cancelled'

type Changes = Pick<Treatment, 'requestHeaders' | 'responseHeaders'>

/** How `rewrite` of a route changes the path. */
export type PathRewrite = { readonly uri: string } | { readonly match: string; readonly rewrite: string }

/** A field that the neutral model has no words for. */
export interface StrangeField extends UnreadField {
  /** Routing follows it all the same. */
  readonly routed?: true
}

/** What a route does besides matching and dividing, read for one port of the apex. */
export interface RouteTreatment {
  readonly treatment: Treatment
  readonly pathRewrite: PathRewrite | undefined
  /** What the neutral model has no words for. */
  readonly strange: readonly StrangeField[]
}

/** The fields of an HTTPRoute of a VirtualService that carry a treatment; none for an empty one. */
export function writeTreatment(treatment: Treatment, clusterDomain: string): object {
  const { timeout, retries, fault, mirrors, requestHeaders, responseHeaders, rewrite, redirect } =
    normalTreatment(treatment)
  if (redirect !== undefined) return { redirect: writeRedirect(redirect) }
  return {
    ...(timeout !== undefined && { timeout: formatDuration(timeout) }),
    ...(retries && { retries: writeRetries(retries) }),
    ...(fault && {
      fault: {
        ...(fault.delay && {
          delay: { percentage: { value: fault.delay.percent }, fixedDelay: formatDuration(fault.delay.duration) },
        }),
        ...(fault.abort && {
          abort: { percentage: { value: fault.abort.percent }, ...writeAbort(fault.abort) },
        }),
      },
    }),
    ...(mirrors && {
      mirrors: mirrors.map(({ service, port, percent }) => ({
        destination: { host: hostOf(service, clusterDomain), port: { number: port } },
        percentage: { value: percent },
      })),
    }),
    ...writeHeaders({ ...(requestHeaders && { requestHeaders }), ...(responseHeaders && { responseHeaders }) }),
    ...(rewrite && {
      rewrite: {
        ...(rewrite.host !== undefined && { authority: rewrite.host }),
        ...(rewrite.path !== undefined && { uriRegexRewrite: { match: wholePath, rewrite: rewrite.path } }),
      },
    }),
  }
}

/** The field `headers` of a route or of one of its destinations; none where nothing is changed. */
export function writeHeaders({ requestHeaders, responseHeaders }: Changes): object {
  if (requestHeaders === undefined && responseHeaders === undefined) return {}
  return {
    headers: {
      ...(requestHeaders && { request: requestHeaders }),
      ...(responseHeaders && { response: responseHeaders }),
    },
  }
}

/** What the field `headers` of a route or destination changes. */
export function readHeaders(value: unknown): Required<Changes> {
  const { request, response } = fieldsOf(value)
  return { requestHeaders: readChanges(request), responseHeaders: readChanges(response) }
}

/** Fields of a route that `readTreatment` knows. */
export const treatmentFields: readonly string[] = [
  'timeout',
  'retries',
  'fault',
  'mirrors',
  'mirror',
  'mirrorPercentage',
  'mirrorPercent',
  'headers',
  'rewrite',
  'redirect',
]

/** Reads what a route does to requests on one port; `namespace` is that of the VirtualService. */
export function readTreatment(
  route: Fields,
  port: number,
  { namespace, clusterDomain }: { readonly namespace: string; readonly clusterDomain: string },
): RouteTreatment {
  const strange: StrangeField[] = []
  const foreign = (what: string, path: FieldPath) => strange.push({ what, path })
  if (isFields(route['redirect'])) {
    const responseHeaders = normalHeaders(readHeaders(route['headers']).responseHeaders)
    if (responseHeaders !== undefined)
      strange.push({ what: 'http.headers.response of a redirect', path: ['headers', 'response'], routed: true })
    const redirect = readRedirect(route['redirect'], port)
    return { treatment: { redirect, ...(responseHeaders && { responseHeaders }) }, pathRewrite: undefined, strange }
  }
  const timeout = readDuration(route['timeout'])
  const fault = readFault(route['fault'], (what, path) => strange.push({ what, path, routed: true }))
  const rewrite = fieldsOf(route['rewrite'])
  const authority = textOf(rewrite['authority'])
  const pathRewrite = readPathRewrite(rewrite)
  const whole = pathRewrite !== undefined && 'match' in pathRewrite && pathRewrite.match === wholePath
  if (pathRewrite !== undefined && !whole) {
    const field = 'match' in pathRewrite ? 'uriRegexRewrite' : 'uri'
    strange.push({ what: 'http.rewrite of a part of the path', path: ['rewrite', field], routed: true })
  }
  const mirrors = readMirrors(route).flatMap(({ host, port: own, subset, percent, path }): Mirror[] => {
    const service = serviceOf(host, namespace, clusterDomain)
    if (subset !== undefined)
      strange.push({ what: `copies for the subset ${subset}`, path: [...path, 'subset'], routed: true })
    if (service !== undefined) return [{ service, port: own ?? port, percent }]
    foreign(`the host ${host}`, [...path, 'host'])
    return []
  })
  const treatment = normalTreatment({
    ...(timeout !== undefined && { timeout }),
    ...(isFields(route['retries']) && { retries: readRetries(route['retries']) }),
    ...(fault && { fault }),
    mirrors,
    ...readHeaders(route['headers']),
    rewrite: { ...(authority !== undefined && { host: authority }), ...(whole && { path: pathRewrite.rewrite }) },
  })
  return { treatment, pathRewrite, strange }
}

function writeRetries({ attempts, conditions, perTryTimeout, backoff }: Retries): object {
  if (attempts === 0) return { attempts }
  return {
    attempts,
    retryOn: conditions.join(','),
    ...(perTryTimeout !== undefined && { perTryTimeout: formatDuration(perTryTimeout) }),
    ...(backoff !== undefined && { backoff: formatDuration(backoff) }),
  }
}

function readRetries(fields: Fields): Retries {
  const perTryTimeout = readDuration(fields['perTryTimeout'])
  const backoff = readDuration(fields['backoff'])
  const conditions = (textOf(fields['retryOn']) || defaultRetryOn).split(',').map((condition) => condition.trim())
  return {
    attempts: numberOf(fields['attempts']) ?? 0,
    conditions,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}

/** Without a percentage a fault concerns no request at all, and none is injected of which nothing says what it is (TranslateFault). */
function readFault(value: unknown, foreign: (what: string, path: FieldPath) => void): Treatment['fault'] {
  if (!isFields(value)) return undefined
  const delay = fieldsOf(value['delay'])
  const abort = fieldsOf(value['abort'])
  const duration = readDuration(delay['fixedDelay'])
  const answer = readAbort(abort)
  if (isFields(value['delay']) && duration === undefined)
    foreign('http.fault.delay without fixedDelay', ['fault', 'delay'])
  if (isFields(value['abort']) && answer === undefined)
    foreign('http.fault.abort without httpStatus or grpcStatus', ['fault', 'abort'])
  return {
    ...(duration !== undefined && { delay: { duration, percent: readPercent(delay, 0) } }),
    ...(answer && { abort: { ...answer, percent: readPercent(abort, 0) } }),
  }
}

function writeAbort(answer: AbortAnswer): object {
  return 'status' in answer ? { httpStatus: answer.status } : { grpcStatus: grpcStatusName(answer.grpcStatus) }
}

function readAbort({ httpStatus, grpcStatus }: Fields): AbortAnswer | undefined {
  const status = numberOf(httpStatus)
  if (status !== undefined) return { status }
  const code = grpcStatusCode(textOf(grpcStatus) ?? '')
  return code === undefined ? undefined : { grpcStatus: code }
}

function readPercent(fields: Fields, otherwise: number): number {
  if (isFields(fields['percentage'])) return numberOf(fields['percentage']['value']) ?? 0
  return numberOf(fields['percent']) ?? otherwise
}

interface ReadMirror {
  readonly host: string
  readonly port: number | undefined
  readonly subset: string | undefined
  readonly percent: number
  /** Of the destination. */
  readonly path: FieldPath
}

/** `mirrors`, or `mirror` with its share beside it: of every request unless said. */
function readMirrors(route: Fields): ReadMirror[] {
  const legacy = { percentage: route['mirrorPercentage'], percent: route['mirrorPercent'] }
  const single = isFields(route['mirror'])
    ? [{ entry: { ...legacy, destination: route['mirror'] }, path: ['mirror'] }]
    : []
  const several = listOf(route['mirrors']).map((entry, index) => {
    return { entry: fieldsOf(entry), path: ['mirrors', index, 'destination'] }
  })
  return [...several, ...single].map(({ entry, path }) => {
    const destination = fieldsOf(entry['destination'])
    return {
      host: textOf(destination['host']) ?? '',
      port: numberOf(fieldsOf(destination['port'])['number']),
      subset: textOf(destination['subset']),
      percent: readPercent(entry, 100),
      path,
    }
  })
}

function readChanges(value: unknown): HeaderChanges {
  const { set, add, remove } = fieldsOf(value)
  const texts = (map: unknown) =>
    Object.fromEntries(Object.entries(fieldsOf(map)).map(([name, text]) => [name, String(text)]))
  return { set: texts(set), add: texts(add), remove: textsOf(remove) }
}

function readPathRewrite(rewrite: Fields): PathRewrite | undefined {
  const { match, rewrite: substitution } = fieldsOf(rewrite['uriRegexRewrite'])
  if (typeof match === 'string' && typeof substitution === 'string') return { match, rewrite: substitution }
  const uri = textOf(rewrite['uri'])
  return uri === undefined || uri === '' ? undefined : { uri }
}

/** Without `port` Envoy leaves a port out as soon as the host is another one; `derivePort` says which is meant. */
function writeRedirect({ scheme, host, port, path, status }: Redirect): object {
  const derived = scheme === undefined ? 'FROM_REQUEST_PORT' : 'FROM_PROTOCOL_DEFAULT'
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host !== undefined && { authority: host }),
    ...(port === undefined ? { derivePort: derived } : { port }),
    ...(path !== undefined && { uri: path }),
    redirectCode: status,
  }
}

function readRedirect(fields: Fields, requestPort: number): Redirect {
  const [host, hostPort] = (textOf(fields['authority']) ?? '').split(':')
  const scheme = fields['scheme'] === 'http' || fields['scheme'] === 'https' ? fields['scheme'] : undefined
  const path = textOf(fields['uri'])
  const port = hostPort === undefined ? redirectPort(fields, scheme, requestPort) : Number(hostPort)
  return {
    ...(scheme !== undefined && { scheme }),
    ...(host && { host }),
    ...(port !== undefined && { port }),
    ...(path && { path }),
    status: numberOf(fields['redirectCode']) || 301,
  }
}

/** Undefined where it is what a redirect without a port means anyway, and none was written. */
function redirectPort(fields: Fields, scheme: Redirect['scheme'], requestPort: number): number | undefined {
  const own = scheme === 'https' ? 443 : 80
  const asked = fields['derivePort'] === 'FROM_REQUEST_PORT' ? requestPort : numberOf(fields['port'])
  // istiod gives Envoy no port where it is the scheme's own, and a host that stays keeps the port it came with.
  const named = asked === own ? undefined : asked
  const port = named ?? (textOf(fields['authority']) ? own : keptPort(scheme, requestPort))
  if (port === numberOf(fields['port'])) return port
  return port === (scheme === undefined ? requestPort : own) ? undefined : port
}

/** Where Envoy has no port to write: it takes that of the old scheme away and leaves any other (RouteEntryImplBase::newUri). */
export function keptPort(scheme: Redirect['scheme'], requestPort: number): number {
  return scheme === 'https' && requestPort === 80 ? 443 : requestPort
}

/** Fields inside of those that `readTreatment` knows which nothing here reads. */
export function unknownTreatment(route: Fields): FieldPath[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    fault: ['delay', 'abort'],
    rewrite: ['authority', 'uri', 'uriRegexRewrite'],
    retries: ['attempts', 'perTryTimeout', 'retryOn', 'backoff'],
    redirect: ['uri', 'authority', 'port', 'derivePort', 'scheme', 'redirectCode'],
    headers: ['request', 'response'],
  }
  return Object.entries(known).flatMap(([field, fields]) =>
    otherFields(fieldsOf(route[field]), fields).map((other) => [field, other]),
  )
}
