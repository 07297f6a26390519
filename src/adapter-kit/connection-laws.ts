import fc from 'fast-check'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { checkTraffic } from '../mesh/check.ts'
import { featuresOf } from '../mesh/features.ts'
import { normalForm } from '../mesh/normal-form.ts'
import { describePath, groupKind } from '../mesh/object-reading.ts'
import { withoutKinds } from '../mesh/served-kinds.ts'
import type { ServiceTraffic } from '../mesh/traffic.ts'
import { mixedServices, mixedTraffic, requestOrConnection } from './connection-arbitraries.ts'
import { amongPeers, misrouted, moved, sharedCapabilities } from './faithful-laws.ts'
import { apex } from './generated-services.ts'
import { difference, generatedLaw, type Law } from './law.ts'
import { inMeshOrder } from './mesh-order.ts'

/** What the other laws say about requests, said about services some of whose ports speak TCP or TLS. */
export function connectionLaws(adapter: MeshAdapter, peers: readonly MeshAdapter[]): Law[] {
  const checked = mixedTraffic(adapter.capabilities)
    .map((traffic) => inMeshOrder(traffic, adapter))
    .filter((traffic) => passes(traffic, adapter))
  return [
    generatedLaw(
      'reads TCP and TLS ports back as the normal form',
      150,
      checked.map((traffic) => ({ traffic })),
      ({ traffic }) => {
        const objects = adapter.translate(traffic)
        const expected = { traffic: normalForm(traffic), problems: [] }
        const found = difference(expected, adapter.observe(objects, apex, mixedServices))
        return found && { objects, ...found }
      },
    ),
    generatedLaw(
      'sends each connection where the neutral meaning sends it',
      150,
      fc.record({ traffic: checked, requests: fc.array(requestOrConnection(), { minLength: 20, maxLength: 20 }) }),
      ({ traffic, requests }) => misrouted(adapter, traffic, requests, mixedServices),
    ),
    generatedLaw(
      'refuses splits of connections that it cannot carry',
      100,
      mixedTraffic().map((traffic) => ({ traffic })),
      ({ traffic }) => {
        const lost = [...featuresOf(traffic, mixedServices)].filter(
          (feature) => feature !== 'orderedRules' && adapter.capabilities[feature].support === 'unsupported',
        )
        return lost.length > 0 && passes(traffic, adapter) ? { problem: 'not refused', features: lost } : undefined
      },
    ),
    generatedLaw(
      'writes valid objects for connections, of kinds without which it refuses them',
      100,
      checked.map((traffic) => ({ traffic })),
      ({ traffic }) => {
        const objects = adapter.translate(traffic)
        const problems = objects.flatMap((object) =>
          adapter.reading.validate(object).map(({ path, problem }) => `${describePath(path)}: ${problem}`),
        )
        const keys = objects.map((object) => `${groupKind(object)} ${object.metadata.name}`)
        if (problems.length > 0 || new Set(keys).size < keys.length) return { objects, problems }
        const optional = adapter.kinds.filter(({ carries }) => carries !== undefined)
        const missing = optional.filter((kind) => objects.some((object) => object.kind === kind.kind))
        if (missing.length === 0 || !passes(traffic, withoutKinds(adapter, missing))) return undefined
        return { problem: 'not refused without its kinds', missing }
      },
    ),
    ...(peers.length > 0 ? [movesConnections(adapter, peers)] : []),
  ]
}

function movesConnections(adapter: MeshAdapter, peers: readonly MeshAdapter[]): Law {
  const cases = amongPeers(peers, (peer) => mixedTraffic(sharedCapabilities(adapter, peer)))
  return generatedLaw('moves TCP and TLS ports to other meshes and back without a change', 250, cases, (given) =>
    moved(adapter, peers, given, mixedServices),
  )
}

function passes(traffic: ServiceTraffic, adapter: MeshAdapter): boolean {
  return checkTraffic(traffic, adapter, mixedServices).length === 0
}
