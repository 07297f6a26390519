import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../src/kube/object.ts'
import type { FieldPath, ObjectProblem } from '../../src/mesh/object-reading.ts'
import { policedServices, reachedServices } from '../../src/mesh/policed-services.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import { sameService, serviceName } from '../../src/mesh/service.ts'
import { normalPolicies, type ServicePolicies } from '../../src/mesh/service-policies.ts'
import type { ServiceRef, ServiceTraffic } from '../../src/mesh/traffic.ts'
import { breakerDefault, readBreaker } from './circuit-breaker.ts'
import { balancingDefault, readBalancing } from './load-balancing.ts'
import { policiesOf, policyEntries } from './policies.ts'
import { policyObject } from './policy-object.ts'
import { reporter } from './reporting.ts'
import type { Foreign } from './service-policy.ts'

/**
 * A MeshCircuitBreaker and a MeshLoadBalancingStrategy `<apex>.<service>` for the apex and for each Service that gets requests of it:
 * callers' proxies apply the policy of the Service that a request goes to, and take what to hash from that of the one it was
 * sent to. Check has made sure that all of them are in one namespace. The dot keeps them apart from those that people name as a Service.
 */
export function translatePolicies(traffic: ServiceTraffic): KubeObject[] {
  const { affinity, breaker } = normalPolicies(traffic.policies) ?? {}
  const { namespace, name } = traffic.service
  const about = (kind: string, conf: object) =>
    policedServices(traffic).map((service) => {
      const targetRef = { kind: 'MeshService', name: service.name, namespace: service.namespace }
      const spec = { to: [{ targetRef, default: structuredClone(conf) }] }
      return policyObject(kind, { namespace, name: `${name}.${service.name}` }, spec)
    })
  return [
    ...(breaker === undefined ? [] : about('MeshCircuitBreaker', breakerDefault(breaker))),
    ...(affinity === undefined ? [] : about('MeshLoadBalancingStrategy', balancingDefault(affinity))),
  ]
}

/** What the policies of all Services that get requests of the apex say alike. Traffic in normal form. */
export function observePolicies(
  objects: readonly KubeObject[],
  traffic: ServiceTraffic,
  services: ServiceDirectory,
  problems: ObjectProblem[],
): ServicePolicies | undefined {
  const { service: apex } = traffic
  const reached = reachedServices(traffic, services)
  // What to hash is asked of the Service that was called, whether or not it gets requests itself.
  const hashed = reached.some((service) => sameService(service, apex)) ? reached : [apex, ...reached]
  const breaker = saidByAll('MeshCircuitBreaker', reached, { apex, objects, problems }, (conf, foreign) => {
    return normalPolicies({ breaker: readBreaker(conf, foreign) })
  })
  const affinity = saidByAll('MeshLoadBalancingStrategy', hashed, { apex, objects, problems }, (conf, foreign) => {
    const key = readBalancing(conf, foreign)
    return key === undefined ? undefined : normalPolicies({ affinity: key })
  })
  return normalPolicies({ ...breaker, ...affinity })
}

interface Reading {
  readonly apex: ServiceRef
  readonly objects: readonly KubeObject[]
  readonly problems: ObjectProblem[]
}

type ReadConf = (conf: Readonly<Record<string, unknown>>, foreign: Foreign) => ServicePolicies | undefined

/** What policies of a kind say of each of some Services; a problem for each that says something where another does not. */
function saidByAll(
  kind: string,
  services: readonly ServiceRef[],
  { apex, objects, problems }: Reading,
  read: ReadConf,
): ServicePolicies | undefined {
  const said = services.map((service) => {
    const [first, ...others] = policiesOf([kind], apex, objects).flatMap((object) => policyEntries(object, service))
    for (const { object, path } of others)
      reporter(object, problems)(`a second ${kind} for ${serviceName(service)}`, path)
    if (first === undefined) return { first, policies: undefined }
    const { object, path, section, isPartial, conf } = first
    const report = reporter(object, problems)
    const strange: FieldPath[] = [
      ...(isPartial ? [['spec', 'targetRef']] : []),
      ...(section === undefined ? [] : [[...path, 'targetRef', 'sectionName']]),
    ]
    for (const place of strange) report(`a ${kind} for a part of the calls`, place)
    const policies = read(conf, (...field) => report(field.join('.'), [...path, 'default', ...field]))
    return { first, policies: strange.length > 0 ? undefined : policies }
  })
  if (said.every(({ policies }) => isDeepStrictEqual(policies, said[0]?.policies))) return said[0]?.policies
  for (const { first, policies } of said) {
    if (first === undefined || policies === undefined) continue
    const what = `a ${kind} of some of the Services only that get requests to ${serviceName(apex)}`
    reporter(first.object, problems)(what, first.path)
  }
  return undefined
}
