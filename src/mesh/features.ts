import { callFeatures } from './call-features.ts'
import type { Feature } from './capabilities.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from './match.ts'
import { backendChanges } from './normal-backends.ts'
import { normalTreatment } from './normal-treatment.ts'
import { isOwnPort, redirectPort } from './redirect-port.ts'
import type { ServiceDirectory } from './routing.ts'
import { rulesCommute } from './rule-order.ts'
import { sameOnAllPorts } from './same-on-all-ports.ts'
import { sameService } from './service.ts'
import { type AffinityKey, isBound, normalPolicies, type ServicePolicies } from './service-policies.ts'
import { spokenTraffic } from './spoken-rules.ts'
import type { ServiceTraffic, TrafficRule } from './traffic.ts'
import {
  isAnswerClass,
  isConnectionCondition,
  isGrpcCondition,
  type Redirect,
  type Retries,
  type Treatment,
} from './treatment.ts'

/**
 * What traffic asks of a mesh, in the order of the capability table's kinds: division, matches, order, treatment. Traffic that treats
 * all TCP ports of its apex alike does not ask for `portSplit`, so `services` has to know the apex.
 */
export function featuresOf(traffic: ServiceTraffic, services: ServiceDirectory): Set<Feature> {
  const features = new Set<Feature>()
  if (!sameOnAllPorts(traffic, services)) features.add('portSplit')
  for (const feature of policyFeatures(traffic.policies)) features.add(feature)
  for (const { port, protocol, rules } of spokenTraffic(traffic).ports) {
    if (protocol === 'tcp' || protocol === 'tls') {
      for (const feature of connectionFeatures(protocol, rules)) features.add(feature)
      for (const rule of rules)
        for (const feature of divisionFeatures(rule, port, traffic, services)) features.add(feature)
      continue
    }
    for (const rule of rules) {
      const asked = ruleFeatures(rule, port, traffic, services)
      for (const feature of protocol === 'grpc' ? callFeatures(asked, rule) : asked) features.add(feature)
    }
    for (const feature of partialFeatures(rules)) features.add(protocol === 'grpc' ? 'partialRetryPolicy' : feature)
    const conditional = rules.filter(({ matches }) => matches.length > 0)
    const commute = conditional.every((a, index) => conditional.slice(0, index).every((b) => rulesCommute(a, b)))
    if (!commute) features.add('orderedRules')
    if (rules.at(-1)?.matches.length !== 0) features.add('noDefaultRule')
  }
  if (normalPolicies(traffic.policies) && features.has('crossNamespaceBackend')) features.add('crossNamespacePolicy')
  return features
}

function* policyFeatures({ affinity, breaker, rateLimit }: ServicePolicies = {}): Generator<Feature> {
  if (affinity !== undefined) yield affinityFeature(affinity)
  if (breaker !== undefined) {
    const { consecutiveErrors, interval, ejectionTime, maxEjectionPercent, maxRequestsPerConnection, ...limits } =
      breaker
    if (consecutiveErrors !== undefined) yield 'outlierEjection'
    if (interval !== undefined || isBound(maxEjectionPercent)) yield 'ejectionBounds'
    if (Object.values(limits).some((limit) => limit !== undefined)) yield 'connectionLimits'
    if (maxRequestsPerConnection !== undefined) yield 'requestsPerConnection'
  }
  if (rateLimit !== undefined) yield 'rateLimit'
  if (rateLimit?.perClient !== undefined) yield 'rateLimitPerClient'
}

function affinityFeature(key: AffinityKey): Feature {
  if (key === 'sourceIp') return 'affinityBySource'
  if ('cookie' in key) return 'affinityByCookie'
  return 'header' in key ? 'affinityByHeader' : 'affinityByQuery'
}

function* connectionFeatures(protocol: 'tcp' | 'tls', rules: readonly TrafficRule[]): Generator<Feature> {
  if (protocol === 'tcp') yield 'tcpSplit'
  else for (const { matches } of rules) yield matches.length === 0 ? 'tlsDefault' : 'tlsSplit'
}

/** Whether the rules that send requests anywhere differ in their timeouts or in their retries. */
function* partialFeatures(rules: readonly TrafficRule[]): Generator<Feature> {
  const treatments = rules.filter(({ redirect }) => redirect === undefined).map(normalTreatment)
  if (new Set(treatments.map(({ timeout }) => timeout)).size > 1) yield 'partialTimeout'
  if (new Set(treatments.map(({ retries }) => JSON.stringify(retries))).size > 1) yield 'partialRetryPolicy'
}

function* ruleFeatures(
  rule: TrafficRule,
  port: number,
  traffic: ServiceTraffic,
  services: ServiceDirectory,
): Generator<Feature> {
  yield* divisionFeatures(rule, port, traffic, services)
  if (rule.matches.length > 0) yield 'matchedSplit'
  for (const match of rule.matches) yield* matchFeatures(match)
  const treatment = normalTreatment(rule)
  yield* treatmentFeatures(treatment, port)
  for (const mirror of treatment.mirrors ?? []) {
    if (mirror.port !== port) yield 'backendPort'
    if (mirror.service.namespace !== traffic.service.namespace) yield 'crossNamespaceBackend'
  }
}

function* divisionFeatures(
  rule: TrafficRule,
  port: number,
  traffic: ServiceTraffic,
  services: ServiceDirectory,
): Generator<Feature> {
  if (rule.backends.filter(({ weight }) => weight > 0).length > 1) yield 'weightedSplit'
  for (const backend of rule.backends) {
    if (backend.port !== port) yield 'backendPort'
    if (backend.weight > 0 && !services.ports(backend.service)?.includes(backend.port)) yield 'missingBackend'
    if (backend.service.namespace !== traffic.service.namespace) yield 'crossNamespaceBackend'
    if (backend.subset !== undefined) yield 'subset'
    const changes = backendChanges(backend)
    if (changes.requestHeaders) yield 'backendRequestHeaders'
    if (changes.responseHeaders) yield 'backendResponseHeaders'
    if (sameService(backend.service, traffic.service)) yield 'apexAsBackend'
  }
}

function* treatmentFeatures(treatment: Treatment, port: number): Generator<Feature> {
  const { timeout, retries, fault, mirrors, requestHeaders, responseHeaders, rewrite, redirect } = treatment
  if (timeout !== undefined) yield 'timeout'
  if (retries) yield* retryFeatures(retries)
  if (fault?.abort) yield 'status' in fault.abort ? 'faultAbort' : 'faultGrpcAbort'
  if (fault?.delay) yield 'faultDelay'
  if (fault?.abort && (retries || mirrors || responseHeaders)) yield 'treatedFault'
  if (mirrors) yield 'mirror'
  if (mirrors?.some(({ percent }) => percent < 100)) yield 'mirrorShare'
  if (requestHeaders) yield 'requestHeaders'
  if (responseHeaders) yield 'responseHeaders'
  if (rewrite) yield 'rewrite'
  if (redirect) yield* redirectFeatures(redirect, port)
}

function* retryFeatures({ attempts, conditions, backoff }: Retries): Generator<Feature> {
  if (attempts === 0) {
    yield 'retriesOff'
    return
  }
  yield 'retries'
  if (backoff !== undefined) yield 'retryBackoff'
  if (conditions.some(isAnswerClass)) yield 'retryOnClass'
  if (conditions.some(isConnectionCondition)) yield 'retryOnConnection'
  if (conditions.some(isGrpcCondition)) yield 'retryOnGrpcStatus'
}

function* redirectFeatures(redirect: Redirect, port: number): Generator<Feature> {
  const { host, path, status } = redirect
  yield 'redirect'
  // Clients name port 80 nowhere, so that there is none to be taken out of the host.
  if (host === undefined && port !== 80 && redirectPort(redirect, port) !== port && isOwnPort(redirect, port))
    yield 'redirectOwnPort'
  if (path !== undefined) yield 'redirectPath'
  if (status !== 301 && status !== 302) yield 'redirectStatus'
}

function* matchFeatures(match: HttpMatch): Generator<Feature> {
  if (match.path) yield pathFeature(match.path)
  if (match.methods) yield 'methodMatch'
  for (const header of match.headers ?? []) yield headerFeature(header)
  if (match.cookies) yield 'cookieMatch'
  for (const param of match.queryParams ?? []) yield 'regex' in param ? 'queryRegex' : 'queryMatch'
  if (repeatsName(match)) yield 'repeatedName'
}

function pathFeature(path: PathMatch): Feature {
  if ('exact' in path) return 'pathExact'
  if ('prefixPath' in path) return 'pathPrefix'
  return 'prefixString' in path ? 'pathPrefixString' : 'pathRegex'
}

function headerFeature(header: HeaderMatch): Feature {
  if ('exact' in header) return 'headerExact'
  if ('prefix' in header) return 'headerPrefix'
  if ('regex' in header) return 'headerRegex'
  return 'present' in header ? 'headerPresent' : 'headerAbsent'
}

function repeatsName(match: HttpMatch): boolean {
  const headers = [
    ...(match.headers ?? []).map(({ name }) => name.toLowerCase()),
    ...(match.cookies ?? []).map(() => 'cookie'),
  ]
  const params = (match.queryParams ?? []).map(({ name }) => name)
  return new Set(headers).size < headers.length || new Set(params).size < params.length
}
