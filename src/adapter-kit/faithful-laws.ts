import fc from 'fast-check'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { Capabilities, Feature } from '../mesh/capabilities.ts'
import { checkTraffic } from '../mesh/check.ts'
import { routeNeutral } from '../mesh/neutral-routing.ts'
import { normalForm } from '../mesh/normal-form.ts'
import type { MeshRequest, ServiceDirectory } from '../mesh/routing.ts'
import type { ServiceTraffic } from '../mesh/traffic.ts'
import { checkedTraffic } from './checked-traffic.ts'
import { comparable } from './comparable-decision.ts'
import { competingCalls, competingCallTraffic, competingRequests, competingTraffic } from './competing-traffic.ts'
import { apex, apexPorts, callPort, generatedServices } from './generated-services.ts'
import { type Contradiction, difference, generatedLaw, type Law } from './law.ts'
import { meshRequest } from './request-arbitraries.ts'
import { serviceTraffic } from './traffic-arbitraries.ts'

/** That what an adapter writes means what was asked: read back, by the mesh's own routing, and by way of another mesh. */
export function faithfulLaws(adapter: MeshAdapter, peers: readonly MeshAdapter[]): Law[] {
  return [
    readsBack(adapter),
    sendsRequests(adapter),
    ...keepsOrder(adapter),
    ...(peers.length > 0 ? [moves(adapter, peers)] : []),
  ]
}

function readsBack(adapter: MeshAdapter): Law {
  const cases = checkedTraffic(adapter).map((traffic) => ({ traffic }))
  return generatedLaw('reads back what it wrote as the normal form', 200, cases, ({ traffic }) => {
    const objects = adapter.translate(traffic)
    const found = difference(
      { traffic: normalForm(traffic), problems: [] },
      adapter.observe(objects, apex, generatedServices),
    )
    return found && { objects, ...found }
  })
}

function sendsRequests(adapter: MeshAdapter): Law {
  const cases = fc.record({
    traffic: checkedTraffic(adapter),
    requests: fc.array(meshRequest(), { minLength: 20, maxLength: 20 }),
  })
  return generatedLaw('sends each request where the neutral meaning sends it', 200, cases, ({ traffic, requests }) =>
    misrouted(adapter, traffic, requests, generatedServices),
  )
}

/** Every Service there could be. */
const everything: ServiceDirectory = { ports: () => apexPorts }
/** The same with the port that speaks gRPC. */
const everyPort: ServiceDirectory = { ...generatedServices, ports: () => [...apexPorts, callPort] }

function keepsOrder(adapter: MeshAdapter): Law[] {
  if (adapter.capabilities.matchedSplit.support === 'unsupported') return []
  const cases = competingTraffic(adapter.capabilities).map((traffic) => ({ traffic }))
  const calls = competingCallTraffic(adapter.capabilities).map((traffic) => ({ traffic }))
  return [
    generatedLaw('keeps the order of rules that compete, or they are refused', 400, cases, ({ traffic }) => {
      if (checkTraffic(traffic, adapter, everything).length > 0) return undefined
      return misrouted(adapter, traffic, competingRequests, everything)
    }),
    generatedLaw('keeps the order of gRPC rules that compete, or they are refused', 200, calls, ({ traffic }) => {
      if (checkTraffic(traffic, adapter, everyPort).length > 0) return undefined
      return misrouted(adapter, traffic, competingCalls, everyPort)
    }),
  ]
}

/** The first request that the mesh sends elsewhere than the neutral meaning does. */
export function misrouted(
  adapter: MeshAdapter,
  traffic: ServiceTraffic,
  requests: readonly MeshRequest[],
  services: ServiceDirectory,
): Contradiction | undefined {
  const objects = adapter.translate(traffic)
  for (const request of requests) {
    const neutral = routeNeutral(request, traffic, services)
    const own = adapter.route(request, objects, services)
    const found = difference(comparable(neutral), comparable(own))
    // The list that it was found in says nothing.
    if (found !== undefined) return { requests: undefined, request, objects, ...found }
  }
  return undefined
}

function moves(adapter: MeshAdapter, peers: readonly MeshAdapter[]): Law {
  const cases = amongPeers(peers, (peer) => serviceTraffic(sharedCapabilities(adapter, peer)))
  return generatedLaw('moves to other meshes and back without a change', 250, cases, (given) =>
    moved(adapter, peers, given, generatedServices),
  )
}

/** Traffic in normal form that an adapter and the peer named may exchange. */
export function amongPeers(
  peers: readonly MeshAdapter[],
  shared: (peer: MeshAdapter) => fc.Arbitrary<ServiceTraffic>,
): fc.Arbitrary<{ readonly peer: string; readonly traffic: ServiceTraffic }> {
  const cases = peers.map((peer) => shared(peer).map((traffic) => ({ peer: peer.name, traffic: normalForm(traffic) })))
  return fc.oneof(...cases)
}

/** What changed when traffic went to the peer of that name, and back from what was read there. */
export function moved(
  adapter: MeshAdapter,
  peers: readonly MeshAdapter[],
  { peer: name, traffic }: { readonly peer: string; readonly traffic: ServiceTraffic },
  services: ServiceDirectory,
): Contradiction | undefined {
  const peer = peers.find((one) => one.name === name)
  if (peer === undefined || ![adapter, peer].every((mesh) => checkTraffic(traffic, mesh, services).length === 0))
    return undefined
  const there = peer.observe(peer.translate(traffic), apex, services).traffic
  const back = adapter.observe(adapter.translate(there ?? traffic), apex, services).traffic
  return difference({ there: traffic, back: traffic }, { there, back })
}

/** What both can carry. */
export function sharedCapabilities(adapter: MeshAdapter, peer: MeshAdapter): Capabilities {
  const shared = { ...adapter.capabilities }
  for (const feature of Object.keys(shared) as Feature[]) {
    if (peer.capabilities[feature].support === 'unsupported') shared[feature] = peer.capabilities[feature]
  }
  return shared
}
