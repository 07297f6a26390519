import fc from 'fast-check'
import { ofCalls } from '../mesh/call-features.ts'
import type { Capabilities, Feature } from '../mesh/capabilities.ts'
import type { HeaderMatch, HttpMatch, PathMatch, ValueMatch } from '../mesh/match.ts'
import type { MeshRequest, ServiceDirectory } from '../mesh/routing.ts'
import { serviceName } from '../mesh/service.ts'
import type { PortTraffic, ServiceRef, ServiceTraffic, TrafficRule, WeightedBackend } from '../mesh/traffic.ts'
import type { Treatment } from '../mesh/treatment.ts'
import { policiesArbitrary } from './policy-arbitraries.ts'
import {
  backendChangesArbitrary,
  httpAnswers,
  type RelativeTreatment,
  retryArbitrary,
  treatmentArbitrary,
} from './treatment-arbitraries.ts'

export const apex: ServiceRef = { namespace: 'shop', name: 'web' }

/** Small pools, so that matches overlap and requests hit them. */
const paths = ['/a', '/a/b', '/ab', '/a/b/c', '/c', '/', '/a.b', '/a/', '/ab/x']
const callPaths = ['/shop.Cart/Add', '/shop.Cart/Clear', '/shop.Stock/Add', '/Ping/Do_1']
const values = ['yes', 'no', 'yes-no', 'a.b', '1']
const regexes = ['y.*', 'yes|yes-no', 'no', '.+', '.*', '(?i)YES', '[^y].*', 'a\\.b', '^(?:no|1)$', '\\d+']
const pathRegexes = ['/a.*', '/a|/ab', '/[a-z]+', '/a(/.*)?', '/(a|c)/?.*', '/a\\.b', '.*', '^/a/b$', '/c']
const cookieRegexes = ['y.*', 'yes|yes-no', '[^n].*', '\\S+', '.', 'no', '[a-z]+']
const methods = ['GET', 'POST', 'PUT', 'DELETE']
const headerNames = ['x-a', 'x-b', 'X-C']
const services: readonly ServiceRef[] = [
  apex,
  { namespace: 'shop', name: 'web-v1' },
  { namespace: 'shop', name: 'web-v2' },
]
const elsewhere: ServiceRef = { namespace: 'pay', name: 'api' }
/** Backends on a missing Service, and on a port that the Service lacks, are part of life. */
const missing: ServiceRef = { namespace: 'shop', name: 'gone' }
export const apexPorts = [80, 9090]
/** The port of generated Services that speaks gRPC. */
export const callPort = 50_051

type Supports = (feature: Feature) => boolean

/** Checked or not: traffic of the features that a table does not call unsupported; of every feature without a table. */
export function serviceTraffic(capabilities?: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const supports: Supports = (feature) => capabilities === undefined || capabilities[feature].support !== 'unsupported'
  const traffic = routedTraffic(supports)
  return fc
    .tuple(traffic, policiesArbitrary(supports))
    .map(([one, policies]) => ({ ...one, ...(policies && { policies }) }))
}

function routedTraffic(supports: Supports): fc.Arbitrary<ServiceTraffic> {
  const rules = rulesArbitrary(supports)
  if (!supports('portSplit')) {
    const shared = rulesArbitrary(supports, {
      path: eitherOf(pathArbitrary(supports), callPathArbitrary(supports)),
      answers: httpAnswers,
    })
    const ports = [...apexPorts, callPort]
    return shared.map((one) => ({ service: apex, ports: ports.map((port) => portTraffic(one, port)) }))
  }
  const calls = callRules(supports)
  return fc
    .subarray([...apexPorts, callPort], { minLength: 1 })
    .chain((ports) =>
      fc.tuple(...ports.map((port) => (port === callPort ? calls : rules).map((one) => portTraffic(one, port)))),
    )
    .map((ports) => ({ service: apex, ports }))
}

/** The Services that generated traffic may name. */
export const generatedServices: ServiceDirectory = {
  ports: (service) => {
    if (serviceName(service) === serviceName(missing)) return undefined
    return serviceName(service) === serviceName(elsewhere)
      ? [8080]
      : [80, 8080, 9090, callPort].filter((port) => port !== 8080 || service.name !== 'web')
  },
  application: (_service, port) => (port === callPort ? 'grpc' : 'http'),
}

/** Requests of the same alphabet; about every third satisfies a given condition. */
export function meshRequest(): fc.Arbitrary<MeshRequest> {
  const headers = fc.dictionary(fc.constantFrom('x-a', 'x-b', 'x-c'), fc.constantFrom(...values, ''), { maxKeys: 3 })
  const cookie = fc.option(
    fc
      .array(fc.tuple(fc.constantFrom('u', 'v', 'uu'), fc.constantFrom(...values, '')), { minLength: 1, maxLength: 3 })
      .chain((pairs) =>
        fc
          .constantFrom(';', '; ', ';  ')
          .map((separator) => pairs.map(([name, value]) => `${name}=${value}`).join(separator)),
      ),
    { nil: undefined },
  )
  return fc
    .record({
      port: fc.constantFrom(...apexPorts, callPort),
      callPath: fc.constantFrom(...callPaths),
      method: fc.constantFrom(...methods),
      path: fc.constantFrom(...paths),
      headers,
      cookie,
      query: fc.dictionary(fc.constantFrom('q', 'p'), fc.constantFrom(...values, ''), { maxKeys: 2 }),
    })
    .map(({ cookie: cookies, headers: fields, callPath, query, ...rest }) => ({
      service: apex,
      ...rest,
      headers: { ...fields, ...(cookies !== undefined && { cookie: cookies }) },
      query: { ...query },
      ...(rest.port === callPort && { method: 'POST', path: callPath, query: {} }),
    }))
}

/**
 * Rules that compete: every condition holds for a `competingRequests` one, and each rule has a backend of its own, so that any
 * change of order shows.
 */
export function competingTraffic(capabilities: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const supports: Supports = (feature) => capabilities[feature].support !== 'unsupported'
  const pool: PathMatch[] = [{ prefixPath: '/a' }, { prefixPath: '/a/b' }, { exact: '/a/b' }]
  if (supports('pathRegex')) pool.push({ regex: '/a/[b-d].*' }, { prefixString: '/a/b' })
  const held = <Condition>(...conditions: Condition[]) => fc.subarray(conditions)
  const match = fc
    .record({
      path: fc.option(fc.constantFrom(...pool), { nil: undefined }),
      methods: supports('methodMatch') ? held('GET') : fc.constant([]),
      headers: held({ name: 'x-a', exact: 'yes' }, { name: 'x-b', exact: 'yes' }),
      queryParams: supports('queryMatch')
        ? held({ name: 'q', exact: '1' }, { name: 'p', exact: '1' })
        : fc.constant([]),
    })
    .map(({ path, ...lists }): HttpMatch => {
      const conditions = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
      return { ...(path && { path }), ...conditions }
    })
    .filter((one) => Object.keys(one).length > 0)
  return fc.array(match, { minLength: 2, maxLength: 3 }).map((matches) => {
    const rules = [...matches.map((one) => [one]), []].map((own, index) => ({
      matches: own,
      backends: [{ service: { ...apex, name: `web-v${index + 1}` }, port: undefined, weight: 1 }],
    }))
    return { service: apex, ports: apexPorts.map((port) => ({ port, rules: onPort(rules, port) })) }
  })
}

/** The same of calls, all on the port that speaks gRPC; for `competingCalls`. */
export function competingCallTraffic(capabilities: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const pool: PathMatch[] = [{ prefixPath: '/shop.Cart' }, { exact: '/shop.Cart/Add' }, { regex: '/[^/]+/Add' }]
  const match = fc
    .record({
      path: fc.option(fc.constantFrom(...pool), { nil: undefined }),
      headers: fc.subarray([
        { name: 'x-a', exact: 'yes' },
        { name: 'x-b', exact: 'yes' },
      ]),
    })
    .map(({ path, headers }): HttpMatch => ({ ...(path && { path }), ...(headers.length > 0 && { headers }) }))
    .filter((one) => Object.keys(one).length > 0)
  const ports = capabilities.portSplit.support === 'unsupported' ? [...apexPorts, callPort] : [callPort]
  return fc.array(match, { minLength: 2, maxLength: 3 }).map((matches) => {
    const rules = [...matches.map((one) => [one]), []].map((own, index) => ({
      matches: own,
      backends: [{ service: { ...apex, name: `web-v${index + 1}` }, port: undefined, weight: 1 }],
    }))
    return { service: apex, ports: ports.map((port) => portTraffic(rules, port)) }
  })
}

export const competingCalls: readonly MeshRequest[] = ['/shop.Cart/Add', '/shop.Cart/Clear', '/shop.Stock/Add'].map(
  (path) => ({
    service: apex,
    port: callPort,
    method: 'POST',
    path,
    headers: { 'x-a': 'yes', 'x-b': 'yes' },
    query: {},
  }),
)

export const competingRequests: readonly MeshRequest[] = ['/a', '/a/b', '/a/b/c', '/'].flatMap((path) =>
  ['GET', 'PUT'].map((method) => ({
    service: apex,
    port: 80,
    method,
    path,
    headers: { 'x-a': 'yes', 'x-b': 'yes' },
    query: { q: '1', p: '1' },
  })),
)

function portTraffic(rules: readonly RelativeRule[], port: number): PortTraffic {
  return { port, ...(port === callPort && { protocol: 'grpc' }), rules: onPort(rules, port) }
}

function onPort(rules: readonly RelativeRule[], port: number): TrafficRule[] {
  return rules.map(({ backends, matches, treatment }, index) => ({
    matches,
    name: index === rules.length - 1 ? 'default' : `r${index + 1}`,
    backends: backends.map(({ port: own, ...backend }) => ({ ...backend, port: own ?? port })),
    ...(treatment && treatmentOnPort(treatment, port)),
  }))
}

function treatmentOnPort({ mirrors, ...treatment }: RelativeTreatment, port: number): Treatment {
  if (mirrors === undefined) return treatment
  return { ...treatment, mirrors: mirrors.map(({ port: own, ...mirror }) => ({ ...mirror, port: own ?? port })) }
}

interface RelativeRule {
  readonly treatment?: RelativeTreatment
  readonly matches: readonly HttpMatch[]
  readonly backends: readonly (Omit<WeightedBackend, 'port'> & { readonly port: number | undefined })[]
}

interface RulePools {
  /** Undefined when the mesh looks at no path. */
  readonly path: fc.Arbitrary<PathMatch> | undefined
  /** Conditions for retries. */
  readonly answers: readonly string[]
}

/** Rules for a port that speaks gRPC: most conditions are about calls, the others about requests that are none. */
function callRules(supports: Supports): fc.Arbitrary<RelativeRule[]> {
  const supportsCalls: Supports = (feature) => {
    const own = ofCalls[feature] ?? feature
    return own === 'none' || supports(own)
  }
  const answers = supports('grpcRetryOnHttp') ? httpAnswers : []
  return rulesArbitrary(supportsCalls, { path: callPathArbitrary(supports), answers })
}

/** Undefined when the mesh does not tell calls apart. */
function callPathArbitrary(supports: Supports): fc.Arbitrary<PathMatch> | undefined {
  if (!supports('grpcMatch')) return undefined
  const kinds: fc.Arbitrary<PathMatch>[] = [
    fc.constantFrom(...callPaths).map((exact) => ({ exact })),
    fc.constantFrom({ prefixPath: '/shop.Cart' }, { prefixString: '/shop.Cart/' }, { prefixPath: '/shop.Cart/Add' }),
    fc.constantFrom({ exact: '/a' }, { prefixPath: '/a/b/c' }, { prefixPath: '/' }),
  ]
  if (supports('grpcMethodOnly')) kinds.push(fc.constant({ regex: '/[^/]+/Add' }))
  if (supports('grpcPath')) kinds.push(fc.constantFrom({ regex: '/shop\\..*' }, { prefixString: '/shop.Cart/A' }))
  return fc.oneof(...kinds)
}

function rulesArbitrary(
  supports: Supports,
  { path, answers }: RulePools = { path: pathArbitrary(supports), answers: httpAnswers },
): fc.Arbitrary<RelativeRule[]> {
  const backends = backendsArbitrary(supports)
  const places = placesOf(supports)
  const isMatched = supports('matchedSplit') && conditions.some(supports)
  const plain = fc.record({ matches: fc.constant([]), backends })
  const conditional = isMatched ? fc.array(matchedArbitrary(supports, path), { maxLength: 3 }) : fc.constant([])
  const untreated = fc.tuple(conditional, plain).map(([rules, last]) => [...rules, last])
  const treatments = fc.array(treatmentArbitrary(supports, places, answers), { minLength: 4, maxLength: 4 })
  // Where retries and timeouts cannot differ between rules, all of them get the same.
  const treated = fc.tuple(untreated, treatments, retryArbitrary(supports, answers)).map(([rules, own, retry]) =>
    rules.map((rule, index): RelativeRule => {
      const treatment = { ...own[index], ...(!supports('partialRetryPolicy') && retry) }
      if (treatment.redirect !== undefined)
        return { ...rule, backends: [], treatment: { redirect: treatment.redirect } }
      return { ...rule, treatment }
    }),
  )
  return fc.oneof<fc.Arbitrary<RelativeRule[]>[]>(untreated, treated)
}

/** What a match may ask for, without which there are none. */
const conditions: readonly Feature[] = [
  'pathExact',
  'pathPrefix',
  'pathPrefixString',
  'pathRegex',
  'methodMatch',
  'headerExact',
  'headerPrefix',
  'headerRegex',
  'headerPresent',
  'headerAbsent',
  'cookieMatch',
  'queryMatch',
]

function matchedArbitrary(supports: Supports, path: fc.Arbitrary<PathMatch> | undefined) {
  const matches = fc.array(matchArbitrary(supports, path), { minLength: 1, maxLength: 2 })
  return fc.record({ matches, backends: backendsArbitrary(supports) })
}

/** Services and ports that requests, or copies of them, may go to. */
function placesOf(supports: Supports) {
  const pool = [...services, missing, ...(supports('crossNamespaceBackend') ? [elsewhere] : [])]
  const port = supports('backendPort') ? fc.constantFrom(undefined, undefined, 8080) : fc.constant(undefined)
  return { service: fc.constantFrom(...pool), port }
}

function backendsArbitrary(supports: Supports) {
  const { service, port } = placesOf(supports)
  const exists = (backend: { readonly service: ServiceRef; readonly port: number | undefined }) =>
    generatedServices.ports(backend.service)?.includes(backend.port ?? 80) === true
  const changes = (wanted: boolean) =>
    wanted
      ? fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: backendChangesArbitrary, weight: 1 })
      : fc.constant(undefined)
  const backend = fc
    .record({
      service,
      port,
      weight: fc.constantFrom(0, 1, 10, 30, 90, 100),
      requestHeaders: changes(supports('backendRequestHeaders')),
      responseHeaders: changes(supports('backendResponseHeaders')),
    })
    .map(({ requestHeaders, responseHeaders, ...rest }) => ({
      ...rest,
      ...(requestHeaders && { requestHeaders }),
      ...(responseHeaders && { responseHeaders }),
    }))
    .filter((one) => supports('missingBackend') || exists(one))
  return fc
    .uniqueArray(backend, {
      minLength: 1,
      maxLength: supports('weightedSplit') ? 3 : 1,
      selector: ({ service, port: own }) => `${serviceName(service)}:${own}`,
    })
    .filter((all) => all.some(({ weight }) => weight > 0))
}

function matchArbitrary(supports: Supports, path: fc.Arbitrary<PathMatch> | undefined): fc.Arbitrary<HttpMatch> {
  const optional = <Value>(value: fc.Arbitrary<Value> | false | undefined) =>
    value ? fc.option(value, { nil: undefined, freq: 2 }) : fc.constant(undefined)
  const header = headerArbitrary(supports)
  const headers = header && fc.uniqueArray(header, { minLength: 1, maxLength: 2, selector: ({ name }) => name })
  const params = fc.uniqueArray(queryArbitrary(supports), { minLength: 1, maxLength: 2, selector: ({ name }) => name })
  return fc
    .record({
      path: optional(path),
      methods: optional(supports('methodMatch') && fc.subarray(methods, { minLength: 1, maxLength: 2 })),
      headers: optional(headers),
      cookies: optional(supports('cookieMatch') && cookieArbitrary.map((cookie) => [cookie])),
      queryParams: optional(supports('queryMatch') && params),
    })
    .map(({ path: condition, methods: verbs, headers: fields, cookies, queryParams }) => ({
      ...(condition && { path: condition }),
      ...(verbs && { methods: verbs }),
      ...(fields && { headers: fields }),
      ...(cookies && { cookies }),
      ...(queryParams && { queryParams }),
    }))
    .filter((match) => Object.keys(match).length > 0)
}

/** Undefined when the mesh looks at no path. */
function pathArbitrary(supports: Supports): fc.Arbitrary<PathMatch> | undefined {
  const path = fc.constantFrom(...paths)
  return oneOfSupported<PathMatch>(supports, {
    pathExact: path.map((exact) => ({ exact })),
    pathPrefix: path.map((prefixPath) => ({ prefixPath })),
    pathPrefixString: path.map((prefixString) => ({ prefixString })),
    pathRegex: fc.constantFrom(...pathRegexes).map((regex) => ({ regex })),
  })
}

/** Undefined when the mesh looks at no header. */
function headerArbitrary(supports: Supports): fc.Arbitrary<HeaderMatch> | undefined {
  const name = fc.constantFrom(...headerNames)
  const value = fc.constantFrom(...values)
  return oneOfSupported<HeaderMatch>(supports, {
    headerExact: fc.record({ name, exact: value }),
    headerPrefix: fc.record({ name, prefix: value }),
    headerRegex: fc.record({ name, regex: fc.constantFrom(...regexes) }),
    headerPresent: fc.record({ name, present: fc.constant(true as const) }),
    headerAbsent: fc.record({ name, absent: fc.constant(true as const) }),
  })
}

function eitherOf<Value>(...kinds: readonly (fc.Arbitrary<Value> | undefined)[]): fc.Arbitrary<Value> | undefined {
  const there = kinds.flatMap((kind) => kind ?? [])
  return there.length === 0 ? undefined : fc.oneof(...there)
}

function oneOfSupported<Value>(
  supports: Supports,
  kinds: Partial<Record<Feature, fc.Arbitrary<Value>>>,
): fc.Arbitrary<Value> | undefined {
  return eitherOf(...(Object.keys(kinds) as Feature[]).filter(supports).map((feature) => kinds[feature]))
}

const cookieArbitrary: fc.Arbitrary<ValueMatch> = fc.oneof(
  fc.record({ name: fc.constantFrom('u', 'v'), exact: fc.constantFrom(...values) }),
  fc.record({ name: fc.constantFrom('u', 'v'), regex: fc.constantFrom(...cookieRegexes) }),
  fc.record({ name: fc.constantFrom('u', 'v'), present: fc.constant(true as const) }),
)

function queryArbitrary(supports: Supports): fc.Arbitrary<ValueMatch> {
  const name = fc.constantFrom('q', 'p')
  const kinds: fc.Arbitrary<ValueMatch>[] = [
    fc.record({ name, exact: fc.constantFrom(...values) }),
    fc.record({ name, present: fc.constant(true as const) }),
  ]
  if (supports('queryRegex')) kinds.push(fc.record({ name, regex: fc.constantFrom(...regexes) }))
  return fc.oneof(...kinds)
}
