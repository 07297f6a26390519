import { isDeepStrictEqual } from 'node:util'
import { diagnostic } from '../../src/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf, textOf } from '../../src/mesh/fields.ts'
import type { ObjectProblem } from '../../src/mesh/object-reading.ts'
import { policedServices, reachedServices } from '../../src/mesh/policed-services.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { serviceName } from '../../src/mesh/service.ts'
import { normalPolicies, type ServicePolicies } from '../../src/mesh/service-policies.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { isDestinationRule, rulesFor } from './destination-rule.ts'
import { hostOf, hostRank } from './hosts.ts'
import { contestedFields, policyPath, readTrafficPolicy, writeTrafficPolicy } from './traffic-policy.ts'

/**
 * A DestinationRule for the apex and for each Service that gets requests of it, `<apex>.<service>`: Istio applies the policy of
 * the host that a request goes to, not of the one it was sent to. Check has made sure that all of them are in one namespace. The dot keeps them apart from those that people name as a Service.
 */
export function translatePolicies(traffic: ServiceTraffic, apiVersion: string, clusterDomain: string): KubeObject[] {
  const { service: apex } = traffic
  const policies = normalPolicies(traffic.policies)
  const trafficPolicy = policies && writeTrafficPolicy(policies)
  if (trafficPolicy === undefined) return []
  return policedServices(traffic).map((service) => ({
    apiVersion,
    kind: 'DestinationRule',
    metadata: { name: `${apex.name}.${service.name}`, namespace: apex.namespace },
    spec: { host: hostOf(service, clusterDomain), trafficPolicy },
  }))
}

/** What the DestinationRules of all Services that get requests of the apex say alike. Traffic in normal form. */
export function observePolicies(
  objects: readonly KubeObject[],
  traffic: ServiceTraffic,
  services: ServiceDirectory,
  clusterDomain: string,
): { readonly policies: ServicePolicies | undefined; readonly problems: readonly ObjectProblem[] } {
  const apex = traffic.service
  const problems: ObjectProblem[] = []
  const read = reachedServices(traffic, services).map((service) => {
    const rule = rulesFor(objects, service, apex.namespace, clusterDomain).find(
      ({ spec }) => fieldsOf(spec)['trafficPolicy'] !== undefined,
    )
    if (rule === undefined) return { rule, policies: undefined }
    const { policies, strange } = readTrafficPolicy(fieldsOf(rule.spec)['trafficPolicy'])
    for (const { what, path } of strange) {
      const place = { object: rule, path: policyPath(path) }
      problems.push({ ...diagnostic('AP2121', { object: labelOf(rule), what }), place })
    }
    return { rule, policies }
  })
  const [first] = read
  if (read.every(({ policies }) => isDeepStrictEqual(policies, first?.policies)))
    return { policies: first?.policies, problems }
  const partial = read.flatMap(({ rule, policies }): ObjectProblem[] => {
    if (rule === undefined || policies === undefined) return []
    const what = `trafficPolicy of some of the Services only that get requests to ${serviceName(apex)}`
    return [{ ...diagnostic('AP2121', { object: labelOf(rule), what }), place: { object: rule, path: policyPath([]) } }]
  })
  return { policies: undefined, problems: [...problems, ...partial] }
}

/**
 * What keeps a planned DestinationRule from meaning what it says: another that is about its host. Of those for one host in one
 * namespace the first trafficPolicy counts alone, and beyond a namespace the nearer or more specific rule hides the other whole
 * (pilot/pkg/model/destination_rule.go and push_context.go). One that only names subsets is merged with ours.
 */
export function policyConflicts(
  planned: readonly KubeObject[],
  others: readonly KubeObject[],
  clusterDomain: string,
): Diagnostic[] {
  return planned.filter(isDestinationRule).flatMap((own) => {
    const { host, trafficPolicy } = fieldsOf(own.spec)
    const rivals = others.filter((other) => {
      if (!isDestinationRule(other)) return false
      const namespace = other.metadata.namespace ?? 'default'
      const fields = fieldsOf(other.spec)
      const rank = hostRank(textOf(fields['host']) ?? '', namespace, String(host), clusterDomain)
      if (rank === undefined) return false
      const isMerged = namespace === own.metadata.namespace && rank === Number.POSITIVE_INFINITY
      if (!isMerged || fields['workloadSelector'] !== undefined || fields['exportTo'] !== undefined) return true
      const theirs = fields['trafficPolicy']
      if (theirs !== undefined && !isDeepStrictEqual(theirs, trafficPolicy)) return true
      return listOf(fields['subsets']).some(
        (subset) => contestedFields(fieldsOf(subset)['trafficPolicy'], trafficPolicy).length > 0,
      )
    })
    return rivals.map((rival) => diagnostic('AP2192', { object: labelOf(rival), host: String(host) }))
  })
}

function labelOf({ metadata }: KubeObject): string {
  return `DestinationRule ${serviceName({ namespace: metadata.namespace ?? 'default', name: metadata.name })}`
}
