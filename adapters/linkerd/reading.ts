import type { KubeObject } from '../../src/kube/object.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import { type FieldProblem, groupKind, type ObjectReading } from '../../src/mesh/object-reading.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { connectionRouteProblems } from '../gateway-api/connection-reading.ts'
import { tcpRoute, tlsRoute } from '../gateway-api/connection-route.ts'
import { parentServices, routeProblems } from '../gateway-api/reading.ts'
import { serverParents } from './access-reading.ts'
import { otherAnnotations } from './annotations.ts'
import { hasFailureAccrual, isAboutAccrual } from './failure-accrual.ts'
import { policyKinds, policyProblems, policyVersions } from './policy-schema.ts'
import { profileProblems } from './profile-schema.ts'
import { asksForAttempts } from './service-annotations.ts'
import { profiledService, serviceProfile } from './service-profile.ts'

const httpRoute = 'gateway.networking.k8s.io/HTTPRoute'
const grpcRoute = 'gateway.networking.k8s.io/GRPCRoute'
/** Linkerd's copy of the kind, which it still takes. */
export const policyRoute = 'policy.linkerd.io/HTTPRoute'

const service = '/Service'
const balancers = 'balancer.linkerd.io/'

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
    governsDirectCalls: true,
    unreadOfService: ({ metadata: { annotations = {} } }) => {
      const attempts = otherAnnotations({ kind: 'HTTPRoute', annotations })
      return Object.keys(annotations)
        .filter((name) => attempts.includes(name) || (name.startsWith(balancers) && !isAboutAccrual(name)))
        .map((name) => ['metadata', 'annotations', name])
    },
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

/** Whether it is a Service that says something about breakers, timeouts or retries. */
function isAnnotated(one: KubeObject): boolean {
  return groupKind(one) === service && (hasFailureAccrual(one) || asksForAttempts(one))
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

/** A route of Servers is about who may call them, whichever of the two kinds it is. */
function isServerRoute(one: KubeObject): boolean {
  const isRoute = groupKind(one) === httpRoute || groupKind(one) === policyRoute
  return isRoute && serverParents(one).length > 0 && parentServices(one).length === 0
}
