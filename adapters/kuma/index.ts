import type { Kind } from '../../src/kube/object.ts'
import type { MeshAdapter, MeshContext, MeshKind, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { observeAccess, translateAccess, usualTrustDomain } from './access.ts'
import { decideCall } from './access-decision.ts'
import { capabilities, limits } from './capabilities.ts'
import { claims, rivals } from './claims.ts'
import { kumaQueries } from './metrics.ts'
import { observeMtls, translateMtls } from './mtls.ts'
import { precedence } from './order.ts'
import { observeLimits, translateLimits } from './pod-limits.ts'
import { kumaReading } from './reading.ts'
import { route } from './routing.ts'
import { policyConflicts, servicePolicyKinds } from './service-policy.ts'
import { observe, translate } from './traffic.ts'

const group = 'kuma.io'

/** Kuma by its own policies, with MeshService objects as their targets (2.9 and later). */
export const kumaProvider: MeshProvider = {
  name: 'kuma',
  description:
    'Kuma: one MeshHTTPRoute or MeshTCPRoute per port of a service, with a MeshTimeout and a MeshRetry where asked for',
  create(context: MeshContext): MeshAdapter {
    const version = chooseVersion('kuma', group, ['v1alpha1'], context)
    const kindOf = (kind: string): Kind => ({ group, version, kind, plural: pluralOf(kind), namespaced: true })
    const { trustDomain = usualTrustDomain } = context
    const kinds = [...servicePolicyKinds, 'MeshTimeout', 'MeshRetry', 'MeshTCPRoute', 'MeshHTTPRoute'].map(
      (kind): MeshKind => ({ ...kindOf(kind), ...(kind === 'MeshTCPRoute' && { carries: ['tcpSplit'] }) }),
    )
    return {
      name: 'kuma',
      capabilities,
      limits,
      precedence,
      kinds,
      conflicts: { kinds: servicePolicyKinds, find: policyConflicts },
      rivals,
      claims,
      translate,
      observe,
      // Whether a policy has been taken up shows in the configuration of proxies only.
      accepted: () => ({ state: 'accepted' }),
      route,
      reading: kumaReading,
      queries: kumaQueries,
      access: {
        kinds: [kindOf('MeshTrafficPermission')],
        names: 'labels',
        translate: (access, workloads) => translateAccess(access, trustDomain, workloads),
        observe: observeAccess,
        decide: (call, objects) => decideCall(call, objects, trustDomain),
      },
      podLimits: {
        kinds: [kindOf('MeshRateLimit')],
        translate: translateLimits,
        observe: observeLimits,
        // Two of them do not get in each other's way before they are there.
        yields: () => false,
      },
      mtls: { kinds: [kindOf('MeshTLS')], translate: translateMtls, observe: observeMtls },
    }
  },
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (word.endsWith('s')) return `${word}es`
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}
