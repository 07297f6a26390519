import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import { type FieldPath, type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import { schemaProblems } from '../../src/mesh/object-schema.ts'
import { versionProblems } from '../../src/mesh/served-version.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { authorizationPolicy } from './access-reading.ts'
import { isAmbient } from './ambient-namespace.ts'
import { isDelegate } from './delegates.ts'
import { subsetLabels } from './destination-rule.ts'
import { isLiteral, serviceOf } from './hosts.ts'
import { peerAuthentication } from './mtls.ts'
import { destinationRuleSpec, virtualServiceSpec } from './schema.ts'
import { authorizationPolicyProblems, peerAuthenticationProblems } from './security-schema.ts'
import { destinationRuleRefusals, virtualServiceRefusals } from './webhook.ts'

const virtualService = 'networking.istio.io/VirtualService'
const destinationRule = 'networking.istio.io/DestinationRule'

/** The versions in which Istio serves its kinds. */
const versions: Readonly<Record<string, readonly string[]>> = {
  'networking.istio.io': ['v1', 'v1beta1', 'v1alpha3'],
  'security.istio.io': ['v1', 'v1beta1'],
}

export function istioReading(clusterDomain: string): ObjectReading {
  return {
    follows: [
      virtualService,
      destinationRule,
      'gateway.networking.k8s.io/HTTPRoute',
      'gateway.networking.k8s.io/TCPRoute',
      'gateway.networking.k8s.io/TLSRoute',
      'gateway.networking.k8s.io/GRPCRoute',
    ],
    unmodelled: ['networking.istio.io/EnvoyFilter', 'networking.istio.io/Sidecar'],
    translates: [virtualService],
    accompanies: [destinationRule],
    isPart: isDelegate,
    apexes: (object) => (groupKind(object) === virtualService ? apexesOf(object, clusterDomain) : []),
    hosts: (object) =>
      groupKind(object) === virtualService
        ? textsOf(fieldsOf(object.spec)['hosts']).filter((host) => isLiteral(host, clusterDomain))
        : [],
    isPolicy: (object) => [authorizationPolicy, peerAuthentication].includes(groupKind(object)),
    readsPolicy: (object, among) =>
      groupKind(object) === peerAuthentication ||
      (groupKind(object) === authorizationPolicy && !isAmbient(object.metadata.namespace ?? 'default', among)),
    validate(object) {
      const known = versionProblems(object, versions[object.apiVersion.split('/')[0] ?? ''] ?? [])
      if (known.length > 0) return known
      if (groupKind(object) === authorizationPolicy) return authorizationPolicyProblems(object)
      if (groupKind(object) === peerAuthentication) return peerAuthenticationProblems(object)
      if (groupKind(object) === destinationRule) return destinationRuleProblems(object)
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

/** The schema, then istiod's webhook. */
function virtualServiceProblems(object: KubeObject): FieldProblem[] {
  const shape = schemaProblems(virtualServiceSpec, object.spec ?? {}, ['spec'])
  return shape.length > 0 ? shape : virtualServiceRefusals(object)
}

function destinationRuleProblems(object: KubeObject): FieldProblem[] {
  const shape = schemaProblems(destinationRuleSpec, object.spec ?? {}, ['spec'])
  return shape.length > 0 ? shape : destinationRuleRefusals(object)
}
