import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { serviceName } from './service.ts'
import { normalPolicies, type ServicePolicies } from './service-policies.ts'
import type { ReadServicePolicy, ServicePolicyParts } from './service-policy-reading.ts'
import type { ServiceRef } from './traffic.ts'
import type { VersionCookie } from './version-cookie.ts'

export interface MergedServicePolicies {
  readonly policies: ServicePolicies | undefined
  readonly versionCookie: VersionCookie | undefined
}

/** How messages call what there may be one of. */
const partNames = {
  affinity: 'which pod a client stays with',
  versionCookie: 'which version a client stays with',
  breaker: 'the circuit breaker',
  rateLimit: 'the rate limit',
} as const satisfies Record<keyof ServicePolicyParts, string>
const partKeys = Object.keys(partNames) as (keyof ServicePolicyParts)[]

/** What holds for one apex as a whole. Two policies that both say the same thing about it are a conflict, whoever's they are. */
export function mergeServicePolicies(
  apex: ServiceRef,
  policies: readonly ReadServicePolicy[],
  report: (problem: Diagnostic, ...about: readonly ReadServicePolicy[]) => void,
): MergedServicePolicies {
  let merged: ServicePolicyParts = {}
  for (const part of partKeys) {
    const [first, ...others] = policies.filter(({ parts }) => parts[part] !== undefined)
    if (first === undefined) continue
    merged = { ...merged, [part]: first.parts[part] }
    for (const second of others) {
      const facts = { apex: serviceName(apex), part: partNames[part], first: first.output, second: second.output }
      report(diagnostic('AP2191', facts), first, second)
    }
  }
  const { versionCookie, ...rest } = merged
  return { policies: normalPolicies(rest), versionCookie }
}
