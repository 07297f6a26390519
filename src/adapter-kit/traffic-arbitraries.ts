import fc from 'fast-check'
import { ofCalls } from '../mesh/call-features.ts'
import type { Capabilities } from '../mesh/capabilities.ts'
import { featuresOf } from '../mesh/features.ts'
import type { PathMatch } from '../mesh/match.ts'
import { serviceName } from '../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../mesh/traffic.ts'
import type { Treatment } from '../mesh/treatment.ts'
import {
  apex,
  apexPorts,
  callPort,
  elsewhere,
  generatedServices,
  missing,
  presentServices,
} from './generated-services.ts'
import { callPathArbitrary, conditions, eitherOf, matchArbitrary, pathArbitrary } from './match-arbitraries.ts'
import { policiesArbitrary } from './policy-arbitraries.ts'
import { portTraffic, type RelativeRule } from './relative-rules.ts'
import type { Supports } from './supports.ts'
import { backendChangesArbitrary, httpAnswers, retryArbitrary, treatmentArbitrary } from './treatment-arbitraries.ts'

/** Checked or not: traffic of the features that a table does not call unsupported; of every feature without a table. */
export function serviceTraffic(capabilities?: Capabilities): fc.Arbitrary<ServiceTraffic> {
  const supports: Supports = (feature) => capabilities === undefined || capabilities[feature].support !== 'unsupported'
  const traffic = routedTraffic(supports)
  return fc
    .tuple(
      traffic,
      policiesArbitrary(supports, capabilities === undefined || capabilities.rateLimit.support === 'native'),
    )
    .map(([one, policies]) => {
      if (policies === undefined) return one
      const reaches = featuresOf(one, generatedServices).has('crossNamespaceBackend')
      return { ...one, ...((supports('crossNamespacePolicy') || !reaches) && { policies }) }
    })
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
    if (feature === 'backendResponseHeaders' && !supports('grpcResponseHeaders')) return false
    return own === 'none' || supports(own)
  }
  const answers = supports('grpcRetryOnHttp') ? httpAnswers : []
  return rulesArbitrary(supportsCalls, { path: callPathArbitrary(supports), answers })
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
  // What of retries and timeouts cannot differ between rules is the same in all of them.
  const treated = fc.tuple(untreated, treatments, retryArbitrary(supports, answers)).map(([rules, own, retry]) =>
    rules.map((rule, index): RelativeRule => {
      const shared = sharedOf(retry, supports)
      const { fault, ...rest } = own[index] ?? {}
      const isCarried = supports('treatedFault') || shared.retries === undefined
      const treatment = { ...rest, ...(fault && isCarried && { fault }), ...shared }
      if (treatment.redirect !== undefined)
        return { ...rule, backends: [], treatment: { redirect: treatment.redirect } }
      return { ...rule, treatment }
    }),
  )
  return fc.oneof<fc.Arbitrary<RelativeRule[]>[]>(untreated, treated)
}

/** What of a timeout and retries all rules of a port have to share. */
function sharedOf({ timeout, retries }: Pick<Treatment, 'timeout' | 'retries'>, supports: Supports) {
  return {
    ...(timeout !== undefined && !supports('partialTimeout') && { timeout }),
    ...(retries && !supports('partialRetryPolicy') && { retries }),
  }
}

function matchedArbitrary(supports: Supports, path: fc.Arbitrary<PathMatch> | undefined) {
  const matches = fc.array(matchArbitrary(supports, path), { minLength: 1, maxLength: 2 })
  return fc.record({ matches, backends: backendsArbitrary(supports) })
}

/** Services and ports that requests, or copies of them, may go to. */
function placesOf(supports: Supports) {
  const pool = [...presentServices, missing, ...(supports('crossNamespaceBackend') ? [elsewhere] : [])]
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
