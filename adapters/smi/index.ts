import type { Kind } from '../../src/kube/object.ts'
import type { MeshAdapter, MeshContext, MeshProvider } from '../../src/mesh/adapter.ts'
import { chooseVersion } from '../../src/mesh/api-version.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import { alwaysHolds } from '../../src/mesh/normal-match.ts'
import { linkerdQueries } from '../linkerd/metrics.ts'
import { observeAccess, translateAccess } from './access.ts'
import { decideCall } from './access-decision.ts'
import { capabilities, capabilitiesWithoutMatches, limits } from './capabilities.ts'
import { claims, smiReading } from './reading.ts'
import { route } from './routing.ts'
import { observe, translate } from './traffic.ts'

const splitGroup = 'split.smi-spec.io'
const specsGroup = 'specs.smi-spec.io'
const trafficTargets = kind('access.smi-spec.io', 'v1alpha3', 'TrafficTarget', 'traffictargets')

/** Any mesh that takes TrafficSplits: with matches by default and where v1alpha3 or later is served; linkerd-smi has no such version. */
export const smiProvider: MeshProvider = {
  name: 'smi',
  description: 'Any mesh of the Service Mesh Interface: TrafficSplit and HTTPRouteGroup',
  create(context: MeshContext): MeshAdapter {
    const split = chooseVersion('smi', splitGroup, ['v1alpha4', 'v1alpha3', 'v1alpha2', 'v1alpha1'], context)
    const groups = chooseVersion('smi', specsGroup, ['v1alpha4', 'v1alpha3'], context)
    const withMatches = split === 'v1alpha4' || split === 'v1alpha3'
    const trafficSplits: Kind = {
      group: splitGroup,
      version: split,
      kind: 'TrafficSplit',
      plural: 'trafficsplits',
      namespaced: true,
    }
    const routeGroups: Kind = {
      group: specsGroup,
      version: groups,
      kind: 'HTTPRouteGroup',
      plural: 'httproutegroups',
      namespaced: true,
    }
    return {
      name: 'smi',
      capabilities: withMatches ? capabilities : capabilitiesWithoutMatches,
      limits,
      precedence: matchedFirst,
      kinds: withMatches ? [routeGroups, trafficSplits] : [trafficSplits],
      rivals: [],
      claims,
      translate: (traffic) => translate(traffic, { split, groups }),
      observe,
      // SMI has no status.
      accepted: () => ({ state: 'accepted' }),
      route,
      reading: smiReading,
      queries: linkerdQueries,
      access: {
        kinds: [routeGroups, kind(specsGroup, groups, 'TCPRoute', 'tcproutes'), trafficTargets],
        names: 'serviceAccount',
        translate: (access, workloads) => translateAccess(access, groups, workloads),
        observe: observeAccess,
        decide: decideCall,
      },
    }
  },
}

/** Splits with matches come before the plain one; among each other they have no order. */
function matchedFirst(a: HttpMatch, b: HttpMatch): number {
  if (alwaysHolds(a)) return alwaysHolds(b) ? 0 : 1
  return alwaysHolds(b) ? -1 : Number.NaN
}

function kind(group: string, version: string, name: string, plural: string): Kind {
  return { group, version, kind: name, plural, namespaced: true }
}
