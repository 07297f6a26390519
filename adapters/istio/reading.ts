import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { type FieldPath, type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { schemaProblems } from '../../src/mesh/object-schema.ts'
import { regexProblem } from '../../src/mesh/regex.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { authorizationPolicy } from './access-reading.ts'
import { subsetLabels } from './destination-rule.ts'
import { serviceOf } from './hosts.ts'
import { peerAuthentication } from './mtls.ts'
import { destinationRuleSpec, virtualServiceSpec } from './schema.ts'
import { authorizationPolicyProblems, peerAuthenticationProblems } from './security-schema.ts'

const virtualService = 'networking.istio.io/VirtualService'
const destinationRule = 'networking.istio.io/DestinationRule'
const longestRegex = 1024

export function istioReading(clusterDomain: string): ObjectReading {
  return {
    follows: [
      virtualService,
      destinationRule,
      'gateway.networking.k8s.io/HTTPRoute',
      'gateway.networking.k8s.io/GRPCRoute',
    ],
    unmodelled: ['networking.istio.io/EnvoyFilter', 'networking.istio.io/Sidecar'],
    translates: [virtualService],
    accompanies: [destinationRule],
    apexes: (object) => (groupKind(object) === virtualService ? apexesOf(object, clusterDomain) : []),
    isPolicy: (object) => [authorizationPolicy, peerAuthentication].includes(groupKind(object)),
    validate(object) {
      if (groupKind(object) === authorizationPolicy) return authorizationPolicyProblems(object)
      if (groupKind(object) === peerAuthentication) return peerAuthenticationProblems(object)
      if (groupKind(object) === destinationRule) return schemaProblems(destinationRuleSpec, object.spec ?? {}, ['spec'])
      if (groupKind(object) === virtualService) return virtualServiceProblems(object)
      return []
    },
    unread: (object) => unreadFields(object, clusterDomain),
    governs: (object) => governed(object, clusterDomain),
    subsetLabels: (objects, service, subset) =>
      subsetLabels(objects, service, subset, service.namespace, clusterDomain),
  }
}

/** The Service of a DestinationRule that says more about it than its subsets. */
function governed(object: KubeObject, clusterDomain: string): ServiceRef[] {
  const { host, trafficPolicy } = fieldsOf(object.spec)
  if (groupKind(object) !== destinationRule || trafficPolicy === undefined) return []
  const service = serviceOf(textOf(host) ?? '', object.metadata.namespace ?? 'default', clusterDomain)
  return service === undefined ? [] : [service]
}

/** All of a DestinationRule but the names and labels of its subsets, and the policy of a Service. */
function unreadFields(object: KubeObject, clusterDomain: string): FieldPath[] {
  const fields = fieldsOf(object.spec)
  const policy = governed(object, clusterDomain).length > 0 ? [] : ['trafficPolicy']
  const own = [...policy, 'exportTo', 'workloadSelector'].filter((field) => field in fields)
  const ofSubsets = listOf(fields['subsets']).flatMap((subset, index) =>
    'trafficPolicy' in fieldsOf(subset) ? [['spec', 'subsets', index, 'trafficPolicy']] : [],
  )
  return [...own.map((field) => ['spec', field]), ...ofSubsets]
}

/** The Services among the hosts; a VirtualService of a gateway alone has none. */
function apexesOf({ metadata, spec }: KubeObject, clusterDomain: string): ServiceRef[] {
  const fields = fieldsOf(spec)
  const gateways = textsOf(fields['gateways'])
  if (gateways.length > 0 && !gateways.includes('mesh')) return []
  return textsOf(fields['hosts']).flatMap(
    (host) => serviceOf(host, metadata.namespace ?? 'default', clusterDomain) ?? [],
  )
}

/** The schema, then istiod's webhook (pkg/config/validation/validation.go, ValidateVirtualService). */
function virtualServiceProblems({ spec }: KubeObject): FieldProblem[] {
  const shape = schemaProblems(virtualServiceSpec, spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const fields = fieldsOf(spec)
  const gateways = textsOf(fields['gateways'])
  const problems: FieldProblem[] = []
  if (!['http', 'tcp', 'tls'].some((kind) => listOf(fields[kind]).length > 0))
    problems.push({ path: ['spec'], problem: 'http, tcp or tls must be provided' })
  for (const [index, host] of textsOf(fields['hosts']).entries()) {
    if (host === '*' && (gateways.length === 0 || gateways.includes('mesh')))
      problems.push({ path: ['spec', 'hosts', index], problem: 'the wildcard * is not allowed in the mesh' })
  }
  for (const [index, route] of listOf(fields['http']).entries())
    problems.push(...httpProblems(fieldsOf(route), ['spec', 'http', index]))
  for (const kind of ['tcp', 'tls']) {
    for (const [index, route] of listOf(fields[kind]).entries())
      problems.push(...weightProblems(fieldsOf(route)['route'], ['spec', kind, index, 'route']))
  }
  return problems
}

function httpProblems(route: Fields, path: FieldPath): FieldProblem[] {
  const answers = ['route', 'redirect', 'directResponse', 'delegate'].some((field) => isFilled(route[field]))
  return [
    ...(answers ? [] : [{ path, problem: 'one of route, redirect, directResponse and delegate is required' }]),
    ...weightProblems(route['route'], [...path, 'route']),
    ...listOf(route['match']).flatMap((match, index) => matchProblems(fieldsOf(match), [...path, 'match', index])),
    ...retryProblems(fieldsOf(route['retries']), [...path, 'retries']),
  ]
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isFields(value)
}

/** Weights mean nothing to a destination that is alone; of several the sum has to be positive and one that Envoy can hold. */
function weightProblems(value: unknown, path: FieldPath): FieldProblem[] {
  const weights = listOf(value).map((destination) => numberOf(fieldsOf(destination)['weight']) ?? 0)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (weights.length > 1 && total === 0) return [{ path, problem: 'total destination weight = 0' }]
  return total > 4_294_967_295 ? [{ path, problem: `total destination weight ${total} is more than Envoy takes` }] : []
}

function matchProblems(match: Fields, path: FieldPath): FieldProblem[] {
  const single = ['uri', 'scheme', 'method', 'authority'].flatMap((field) =>
    stringProblems(match[field], [...path, field], false),
  )
  const named = ['headers', 'queryParams', 'withoutHeaders'].flatMap((field) =>
    Object.entries(fieldsOf(match[field])).flatMap(([name, condition]) => [
      ...(name === '' ? [{ path: [...path, field], problem: 'a name is empty' }] : []),
      ...stringProblems(condition, [...path, field, name], field === 'withoutHeaders'),
    ]),
  )
  return [...single, ...named]
}

/** istiod takes `*` for presence in `withoutHeaders` only. */
function stringProblems(condition: unknown, path: FieldPath, starIsPresence: boolean): FieldProblem[] {
  const regex = textOf(fieldsOf(condition)['regex'])
  if (regex === undefined || (starIsPresence && regex === '*')) return []
  const at = [...path, 'regex']
  if (regex.length > longestRegex) return [{ path: at, problem: `it is longer than ${longestRegex} characters` }]
  const problem = regexProblem(regex)
  return problem === undefined ? [] : [{ path: at, problem: `${JSON.stringify(regex)} is not usable: ${problem}` }]
}

function retryProblems(retries: Fields, path: FieldPath): FieldProblem[] {
  if (retries['attempts'] !== 0) return []
  const others = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].filter((field) => field in retries)
  return others.map((field) => ({ path: [...path, field], problem: 'with 0 attempts it must be left out' }))
}
