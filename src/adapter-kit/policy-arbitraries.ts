import fc from 'fast-check'
import type { Feature } from '../mesh/capabilities.ts'
import type { AffinityKey, Breaker, ServicePolicies } from '../mesh/service-policies.ts'
import type { Supports } from './supports.ts'

/** What holds for a Service as a whole; most often nothing. Rate limits that are emulated are about pods, and not in what `translate` writes. */
export function policiesArbitrary(supports: Supports, limits: boolean): fc.Arbitrary<ServicePolicies | undefined> {
  const some = fc
    .record({
      affinity: fc.option(affinityArbitrary(supports), { nil: undefined }),
      breaker: fc.option(breakerArbitrary(supports), { nil: undefined }),
      rateLimit: limits ? fc.option(rateLimit, { nil: undefined }) : fc.constant(undefined),
    })
    .map(({ affinity, breaker, rateLimit: limit }) => ({
      ...(affinity !== undefined && { affinity }),
      ...(breaker && { breaker }),
      ...(limit && { rateLimit: limit }),
    }))
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: some, weight: 1 })
}

const rateLimit = fc.record({ requestsPerSecond: fc.constantFrom(100, 1000) })

function affinityArbitrary(supports: Supports): fc.Arbitrary<AffinityKey | undefined> {
  const keys: AffinityKey[] = [
    ...(supports('affinityByCookie')
      ? [{ cookie: { name: 'sid' } }, { cookie: { name: 'sid', ttl: 1_500, path: '/a' } }]
      : []),
    ...(supports('affinityByHeader') ? [{ header: 'X-User' }] : []),
    ...(supports('affinityByQuery') ? [{ queryParameter: 'user' }] : []),
    ...(supports('affinityBySource') ? ['sourceIp' as const] : []),
  ]
  return fc.constantFrom(undefined, ...keys)
}

function breakerArbitrary(supports: Supports): fc.Arbitrary<Breaker> {
  const count = (feature: Feature) =>
    supports(feature) ? fc.constantFrom(undefined, 1, 7, 100) : fc.constant(undefined)
  const duration = (feature: Feature) =>
    supports(feature) ? fc.constantFrom(undefined, 1000, 90_500) : fc.constant(undefined)
  return fc
    .record({
      consecutiveErrors: count('outlierEjection'),
      interval: duration('ejectionBounds'),
      ejectionTime: duration('outlierEjection'),
      maxEjectionPercent: count('ejectionBounds'),
      maxConnections: count('connectionLimits'),
      maxPendingRequests: count('connectionLimits'),
      maxRequests: count('connectionLimits'),
      maxRequestsPerConnection: count('requestsPerConnection'),
    })
    .map((limits) => {
      const { interval, ejectionTime, maxEjectionPercent, ...rest } = limits
      const given = limits.consecutiveErrors === undefined ? rest : limits
      return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    })
}
