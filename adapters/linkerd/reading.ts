import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import {
  anything,
  decimal,
  flag,
  integer,
  list,
  nonEmpty,
  numberOrText,
  type ObjectSchema,
  object,
  schemaProblems,
  text,
} from '../../src/mesh/object-schema.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { parseWeight } from '../../src/mesh/weight.ts'
import { connectionRouteProblems } from '../gateway-api/connection-reading.ts'
import { tcpRoute, tlsRoute } from '../gateway-api/connection-route.ts'
import { parentServices, routeProblems } from '../gateway-api/reading.ts'
import { serverParents } from './access-reading.ts'
import { hasFailureAccrual, isAboutAccrual } from './failure-accrual.ts'
import { policyKinds, policyProblems, policyVersions } from './policy-schema.ts'
import { profiledService, serviceProfile } from './service-profile.ts'

const httpRoute = 'gateway.networking.k8s.io/HTTPRoute'
const grpcRoute = 'gateway.networking.k8s.io/GRPCRoute'
/** Linkerd's copy of the kind, which it still takes. */
export const policyRoute = 'policy.linkerd.io/HTTPRoute'

const service = '/Service'
/** How Linkerd is told about breakers, retries and timeouts of a Service as a whole. */
const ofService = /^(balancer|retry|timeout)\.linkerd\.io\//

const conditions = { all: list(anything), any: list(anything) }
const requestMatch = object({ ...conditions, not: list(anything), method: text, pathRegex: text })
const responseMatch = object({ ...conditions, not: anything, status: object({ min: integer(), max: integer() }) })
const responseClasses = list(object({ condition: responseMatch, isFailure: flag }, { required: ['condition'] }))

/** `spec` of a ServiceProfile (linkerd.io/v1alpha2). */
const serviceProfileSpec: ObjectSchema = object({
  dstOverrides: list(object({ authority: nonEmpty, weight: numberOrText }, { required: ['authority', 'weight'] })),
  opaquePorts: list(text),
  retryBudget: object(
    { minRetriesPerSecond: integer(), retryRatio: decimal(), ttl: text },
    { required: ['minRetriesPerSecond', 'retryRatio', 'ttl'] },
  ),
  routes: list(
    object(
      { name: text, condition: requestMatch, isRetryable: flag, timeout: text, responseClasses },
      { required: ['name', 'condition'] },
    ),
  ),
})

export function linkerdReading(clusterDomain: string): ObjectReading {
  return {
    follows: [httpRoute, grpcRoute, tcpRoute, tlsRoute, policyRoute, serviceProfile, service],
    unmodelled: [],
    translates: [policyRoute, serviceProfile],
    accompanies: [service],
    governs: (one) => (isAnnotated(one) ? [refOf(one)] : []),
    apexes(one) {
      if (groupKind(one) === service) return isAnnotated(one) ? [refOf(one)] : []
      if (groupKind(one) !== serviceProfile) return parentServices(one)
      const profiled = profiledService(one, clusterDomain)
      return profiled === undefined ? [] : [profiled]
    },
    unreadOfService: ({ metadata }) =>
      Object.keys(metadata.annotations ?? {})
        .filter((name) => ofService.test(name) && !isAboutAccrual(name))
        .map((name) => ['metadata', 'annotations', name]),
    versions: {
      [policyRoute]: ['v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'],
      [serviceProfile]: ['v1alpha2', 'v1alpha1'],
      ...policyVersions,
    },
    isPolicy: (one) => policyKinds.includes(groupKind(one)) || isServerRoute(one),
    validate(one) {
      if (policyKinds.includes(groupKind(one))) return policyProblems(one)
      if (groupKind(one) === serviceProfile) return profileProblems(one, clusterDomain)
      if (groupKind(one) === tcpRoute || groupKind(one) === tlsRoute) return connectionRouteProblems(one)
      if (groupKind(one) === policyRoute) return [...routeProblems(one), ...manyMatches(one)]
      return [httpRoute, grpcRoute].includes(groupKind(one)) ? routeProblems(one) : []
    },
  }
}

/** Whether it is a Service that says something about breakers. */
function isAnnotated(one: KubeObject): boolean {
  return groupKind(one) === service && hasFailureAccrual(one)
}

function refOf({ metadata }: KubeObject): ServiceRef {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name }
}

/** Linkerd's copy of the kind bounds the matches of a rule more narrowly. */
function manyMatches({ spec }: KubeObject): FieldProblem[] {
  return listOf(fieldsOf(spec)['rules']).flatMap((rule, index) => {
    const count = listOf(fieldsOf(rule)['matches']).length
    if (count <= 8) return []
    return [{ path: ['spec', 'rules', index, 'matches'], problem: `it has ${count} entries, and 8 are allowed` }]
  })
}

function profileProblems(profile: KubeObject, clusterDomain: string): FieldProblem[] {
  const shape = schemaProblems(serviceProfileSpec, profile.spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const name =
    profiledService(profile, clusterDomain) === undefined
      ? [
          {
            path: ['metadata', 'name'],
            problem: `it is not the full name of a Service, as web.shop.svc.${clusterDomain}`,
          },
        ]
      : []
  const weights = listOf(fieldsOf(profile.spec)['dstOverrides']).flatMap((override, index): FieldProblem[] => {
    const { weight } = fieldsOf(override)
    if (parseWeight(weight) !== undefined) return []
    return [{ path: ['spec', 'dstOverrides', index, 'weight'], problem: `${JSON.stringify(weight)} is no weight` }]
  })
  return [...name, ...weights]
}

/** A route of Servers is about who may call them, whichever of the two kinds it is. */
function isServerRoute(one: KubeObject): boolean {
  const isRoute = groupKind(one) === httpRoute || groupKind(one) === policyRoute
  return isRoute && serverParents(one).length > 0 && parentServices(one).length === 0
}
