import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { isRegisteredStatus } from '../../src/mesh/http-status.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'
import { regexProblem } from '../../src/mesh/regex.ts'
import { headerProblems, isAuthority } from './webhook-headers.ts'
import { gatewayProblems, hostProblem, isLabel, labelProblems } from './webhook-names.ts'

const longestRegex = 1024
/** Of Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on; besides them, status codes that are registered. */
const retryConditions = new Set([
  ...['5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'retriable-4xx', 'refused-stream'],
  ...['retriable-status-codes', 'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure'],
  ...['cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'],
])

/** What istiod refuses about one entry of `http` (validateHTTPRoute); `delegated` when the VirtualService has no hosts. */
export function httpRouteProblems(route: Fields, path: FieldPath, delegated: boolean): FieldProblem[] {
  const at = (...field: readonly (string | number)[]) => [...path, ...field]
  return [
    ...conflictProblems(route, path, delegated),
    ...listOf(route['match']).flatMap((match, index) => matchProblems(fieldsOf(match), at('match', index))),
    ...headerProblems(route['headers'], at('headers')),
    ...authorityProblems(route, path),
    ...(isFields(route['fault']) ? faultProblems(route['fault'], at('fault')) : []),
    ...(isFields(route['mirror']) ? destinationProblems(route['mirror'], at('mirror')) : []),
    ...listOf(route['mirrors']).flatMap((mirror, index) =>
      destinationProblems(fieldsOf(fieldsOf(mirror)['destination']), at('mirrors', index, 'destination')),
    ),
    ...(isFields(route['redirect']) ? redirectProblems(route['redirect'], at('redirect')) : []),
    ...(isFields(route['rewrite']) ? rewriteProblems(route['rewrite'], at('rewrite')) : []),
    ...retryProblems(fieldsOf(route['retries']), at('retries')),
    ...durationProblems(route, path),
    ...routeProblems(route['route'], at('route')),
  ]
}

/** Destinations with their weights, which mean nothing to one that is alone; of several the sum has to be one that Envoy can hold. */
export function routeProblems(value: unknown, path: FieldPath): FieldProblem[] {
  const entries = listOf(value).map(fieldsOf)
  const own = entries.flatMap((entry, index) => [
    ...destinationProblems(fieldsOf(entry['destination']), [...path, index, 'destination']),
    ...headerProblems(entry['headers'], [...path, index, 'headers']),
  ])
  const total = entries.reduce((sum, { weight }) => sum + (numberOf(weight) ?? 0), 0)
  if (entries.length > 1 && total === 0) return [...own, { path, problem: 'total destination weight = 0' }]
  if (total <= 4_294_967_295) return own
  return [...own, { path, problem: `total destination weight ${total} is more than Envoy takes` }]
}

function conflictProblems(route: Fields, path: FieldPath, delegated: boolean): FieldProblem[] {
  const has = (field: string) => {
    const value = route[field]
    return Array.isArray(value) ? value.length > 0 : isFields(value)
  }
  const beside = (field: string, ...others: readonly string[]) =>
    others.filter(has).map((other) => ({ path: [...path, other], problem: `it excludes ${field}, which is there too` }))
  if (has('delegate')) {
    if (delegated) return [{ path: [...path, 'delegate'], problem: 'a VirtualService without hosts cannot delegate' }]
    return beside('delegate', 'redirect', 'route')
  }
  const mirrors = has('mirror') && has('mirrors') ? beside('mirror', 'mirrors') : []
  if (has('redirect')) return [...mirrors, ...beside('redirect', 'fault', 'rewrite')]
  if (has('directResponse')) return [...mirrors, ...beside('directResponse', 'fault', 'rewrite')]
  if (has('route')) return mirrors
  return [...mirrors, { path, problem: 'one of route, redirect, directResponse and delegate is required' }]
}

function matchProblems(match: Fields, path: FieldPath): FieldProblem[] {
  const single = ['uri', 'scheme', 'method', 'authority'].flatMap((field) =>
    stringProblems(match[field], [...path, field], { emptyPrefix: field === 'uri' }),
  )
  const named = ['headers', 'queryParams', 'withoutHeaders'].flatMap((field) =>
    Object.entries(fieldsOf(match[field])).flatMap(([name, condition]) => [
      ...(name === '' && field !== 'queryParams' ? [{ path: [...path, field], problem: 'a name is empty' }] : []),
      ...stringProblems(condition, [...path, field, name], { star: field === 'withoutHeaders' }),
    ]),
  )
  const namespace = textOf(match['sourceNamespace']) ?? ''
  return [
    ...single,
    ...named,
    ...labelProblems(fieldsOf(match['sourceLabels']), [...path, 'sourceLabels']),
    ...gatewayProblems(textsOf(match['gateways']), [...path, 'gateways']),
    ...(namespace === '' || isLabel(namespace)
      ? []
      : [{ path: [...path, 'sourceNamespace'], problem: `${JSON.stringify(namespace)} is no namespace` }]),
  ]
}

/** istiod takes the expression `*` for presence in `withoutHeaders` only, and an empty prefix for a path only. */
function stringProblems(
  condition: unknown,
  path: FieldPath,
  { star = false, emptyPrefix = false }: { readonly star?: boolean; readonly emptyPrefix?: boolean },
): FieldProblem[] {
  const { prefix, regex } = fieldsOf(condition)
  if (prefix === '' && !emptyPrefix) return [{ path: [...path, 'prefix'], problem: 'an empty prefix is not taken' }]
  if (typeof regex !== 'string' || (star && regex === '*')) return []
  return expressionProblems(regex, [...path, 'regex'])
}

function expressionProblems(regex: string, path: FieldPath): FieldProblem[] {
  if (regex === '') return [{ path, problem: 'an empty expression is not taken' }]
  if (Buffer.byteLength(regex) > longestRegex)
    return [{ path, problem: `it is longer than ${longestRegex} characters` }]
  const problem = regexProblem(regex)
  return problem === undefined ? [] : [{ path, problem: `${JSON.stringify(regex)} is not usable: ${problem}` }]
}

/** The host of a request is changed in one place, if at all. */
function authorityProblems(route: Fields, path: FieldPath): FieldProblem[] {
  const { set, add } = fieldsOf(fieldsOf(route['headers'])['request'])
  const places = [set, add].flatMap((changes) => Object.keys(fieldsOf(changes)).filter(isAuthority))
  const all = textOf(fieldsOf(route['rewrite'])['authority']) ? ['rewrite', ...places] : places
  return all.length > 1
    ? [{ path: [...path, 'headers', 'request'], problem: 'the host is changed more than once' }]
    : []
}

function faultProblems(fault: Fields, path: FieldPath): FieldProblem[] {
  const { abort, delay } = fault
  if (!isFields(abort) && !isFields(delay)) return [{ path, problem: 'it has neither abort nor delay' }]
  const tooSmall = [abort, delay].flatMap((one, index) => {
    const value = numberOf(fieldsOf(fieldsOf(one)['percentage'])['value']) ?? 0
    const at = [...path, index === 0 ? 'abort' : 'delay', 'percentage', 'value']
    return value > 0 && value < 0.0001 ? [{ path: at, problem: `${value} is less than 0.0001` }] : []
  })
  const unsupported = [
    ['abort', 'http2Error'],
    ['delay', 'exponentialDelay'],
  ].filter(([one = '', field = '']) => fieldsOf(fault[one])[field] !== undefined)
  return [
    ...tooSmall,
    ...unsupported.map((field) => ({ path: [...path, ...field], problem: 'istiod does not support it' })),
  ]
}

function destinationProblems(destination: Fields, path: FieldPath): FieldProblem[] {
  const { host, subset, port } = destination
  const problem = host === '*' ? 'the wildcard * is no destination' : hostProblem(textOf(host) ?? '')
  const isSubset = subset === undefined || subset === '' || isLabel(String(subset))
  return [
    ...(problem === undefined ? [] : [{ path: [...path, 'host'], problem }]),
    ...(isSubset ? [] : [{ path: [...path, 'subset'], problem: `${JSON.stringify(subset)} is no name of a subset` }]),
    ...(isFields(port) && numberOf(port['number']) === undefined
      ? [{ path: [...path, 'port'], problem: 'number is missing' }]
      : []),
  ]
}

function redirectProblems(redirect: Fields, path: FieldPath): FieldProblem[] {
  const { uri, authority, scheme, port, derivePort, redirectCode } = redirect
  const code = numberOf(redirectCode) ?? 0
  // 0 is left out. Of other codes the webhook takes, pilot makes a route without an action, which Envoy refuses (ApplyRedirect).
  if (![0, 301, 302, 303, 307, 308].includes(code))
    return [{ path: [...path, 'redirectCode'], problem: `${code} is none of 301, 302, 303, 307, 308` }]
  if (!uri && !authority && !scheme && port === undefined && derivePort === undefined)
    return [{ path, problem: 'it has none of uri, authority, scheme and port' }]
  if (!scheme || scheme === 'http' || scheme === 'https') return []
  return [{ path: [...path, 'scheme'], problem: `${JSON.stringify(scheme)} is neither http nor https` }]
}

function rewriteProblems({ uri, authority, uriRegexRewrite }: Fields, path: FieldPath): FieldProblem[] {
  if (isFields(uriRegexRewrite)) {
    const { match, rewrite } = uriRegexRewrite
    const at = [...path, 'uriRegexRewrite']
    return match && rewrite
      ? expressionProblems(String(match), [...at, 'match'])
      : [{ path: at, problem: 'it needs both match and rewrite' }]
  }
  return uri || authority ? [] : [{ path, problem: 'it has none of uri, uriRegexRewrite and authority' }]
}

/** The schema wants a millisecond at least, and the webhook whole ones. */
function durationProblems(route: Fields, path: FieldPath): FieldProblem[] {
  const fields: FieldPath[] = [
    ['timeout'],
    ['retries', 'perTryTimeout'],
    ['retries', 'backoff'],
    ['fault', 'delay', 'fixedDelay'],
  ]
  return fields.flatMap((field) => {
    const value = field.reduce<unknown>((fields, name) => fieldsOf(fields)[name], route)
    if (typeof value !== 'string' || isWholeMilliseconds(value)) return []
    return [{ path: [...path, ...field], problem: `${value} is no number of whole milliseconds above zero` }]
  })
}

function retryProblems(retries: Fields, path: FieldPath): FieldProblem[] {
  const conditions = (textOf(retries['retryOn']) || undefined)?.split(',') ?? []
  const unknown = conditions.filter((one) => !retryConditions.has(one) && !isRegistered(one))
  const off = (numberOf(retries['attempts']) ?? 0) === 0
  const idle = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].filter(
    (field) => retries[field] !== undefined && retries[field] !== '',
  )
  return [
    ...unknown.map((one) => ({
      path: [...path, 'retryOn'],
      problem: `${JSON.stringify(one)} is no condition of Envoy and no status code`,
    })),
    ...(off ? idle.map((field) => ({ path: [...path, field], problem: 'with 0 attempts it must be left out' })) : []),
  ]
}

const nanoseconds: Readonly<Record<string, number>> = {
  ...{ h: 3_600_000_000_000, m: 60_000_000_000, s: 1_000_000_000 },
  ...{ ms: 1_000_000, us: 1_000, µs: 1_000, ns: 1 },
}

function isWholeMilliseconds(duration: string): boolean {
  const parts = [...duration.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g)]
  const total = parts.reduce(
    (sum, [, count, unit = '']) => sum + Math.trunc(Number(count) * (nanoseconds[unit] ?? 0)),
    0,
  )
  return total >= 1_000_000 && total % 1_000_000 === 0
}

function isRegistered(condition: string): boolean {
  return /^[+-]?\d+$/.test(condition) && isRegisteredStatus(Number(condition))
}
