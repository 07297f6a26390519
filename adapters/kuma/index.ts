import type { Kind } from '../../src/kube/object.ts'
import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import { capabilities, limits } from './capabilities.ts'
import { claims, rivals } from './claims.ts'
import { kumaQueries } from './metrics.ts'
import { precedence } from './order.ts'
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
    const kinds = [...servicePolicyKinds, 'MeshTimeout', 'MeshRetry', 'MeshTCPRoute', 'MeshHTTPRoute'].map(
      (kind): Kind => ({
        group,
        version,
        kind,
        plural: pluralOf(kind),
        namespaced: true,
        ...(kind === 'MeshTCPRoute' && { carries: ['tcpSplit'] }),
      }),
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
    }
  },
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}
