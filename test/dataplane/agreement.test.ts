import { fc } from '@fast-check/vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  apexPorts,
  competingRequests,
  competingTraffic,
  generatedServices,
  serviceTraffic,
} from '../../src/adapter-kit/traffic-arbitraries.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { type Feature, unsupported } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import type { DataPlane } from '../support/dataplane/data-plane.ts'
import { nearRequests } from '../support/dataplane/near-requests.ts'
import { decidedPlaces, exactPlace, statusClass } from '../support/dataplane/places.ts'
import { relocated } from '../support/dataplane/relocated.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

const namespace = 'shop'
const generatedPorts = [80, 8080, 9090]
const ownPorts = new Map((await freePorts(generatedPorts.length)).map((port, i) => [generatedPorts[i] ?? 0, port]))
const here = (...ports: number[]) => ports.map((port) => ownPorts.get(port) ?? 0)

describeDataPlane('the real proxy goes where our rules say', (mesh) => {
  beforeAll(async () => {
    for (const name of ['web-v1', 'web-v2', 'web-v3', 'web-v4'])
      await mesh.addService({ namespace, name }, here(...generatedPorts))
    await mesh.addService({ namespace: 'pay', name: 'api' }, here(8080))
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => agreement(mesh, adapter))
})

/**
 * What is done to requests besides dividing them stays out: a delay may last a day, and a place says nothing of headers,
 * copies and retries.
 */
const treatments: readonly Feature[] = [
  'timeout',
  'retries',
  'retriesOff',
  'retryBackoff',
  'retryOnConnection',
  'partialRetryPolicy',
  'faultAbort',
  'faultDelay',
  'treatedFault',
  'mirror',
  'mirrorShare',
  'requestHeaders',
  'responseHeaders',
  'rewrite',
  'redirect',
  'redirectPath',
  'redirectStatus',
]
const without = unsupported('it is not a matter of places', 'See the laws of the adapters.')

interface Case {
  readonly traffic: ServiceTraffic
  readonly requests: readonly MeshRequest[]
}

function agreement(mesh: DataPlane, adapter: MeshAdapter): void {
  const capabilities = { ...adapter.capabilities }
  for (const feature of treatments) capabilities[feature] = without
  const carried = (traffic: ServiceTraffic) =>
    traffic.ports.some(({ rules }) => rules.length > 1) &&
    checkTraffic(traffic, adapter, generatedServices).length === 0
  const cases = (
    kind: string,
    generated: readonly ServiceTraffic[],
    requests: (traffic: ServiceTraffic, seed: number) => readonly MeshRequest[],
  ): Case[] =>
    generated.map((one, index) => {
      const traffic = relocated(one, { namespace, name: `${kind}-${adapter.name}-${index}` }, ownPorts)
      return { traffic, requests: requests(traffic, index) }
    })
  const mixed = cases(
    'mixed',
    fc.sample(serviceTraffic(capabilities).filter(carried), { numRuns: 40, seed: 2026 }),
    (traffic, seed) => fc.sample(nearRequests(traffic, here(...apexPorts)), { numRuns: 20, seed }),
  )
  const competing = cases(
    'competing',
    fc.sample(competingTraffic(capabilities).filter(carried), { numRuns: 25, seed: 2026 }),
    ({ service }) => competingRequests.map((request) => ({ ...request, service, port: here(request.port)[0] ?? 0 })),
  )

  beforeAll(async () => {
    for (const { traffic } of [...mixed, ...competing]) await mesh.addService(traffic.service, here(...apexPorts))
    await mesh.reachable()
    for (const { traffic } of [...mixed, ...competing]) await mesh.apply(adapter, adapter.translate(traffic))
    await mesh.settled(adapter)
  })

  test.each([
    ['requests near the matches of generated traffic', mixed],
    ['requests for which several rules compete', competing],
  ])('for %s', async (_what, all) => {
    const disagreements: object[] = []
    let sent = 0
    for (const { traffic, requests } of all) {
      const objects = adapter.translate(traffic)
      for (const request of requests) {
        const place = exactPlace(await mesh.send(request))
        const byAdapter = decidedPlaces(adapter.route(request, objects, mesh.services))
        const byMeaning = decidedPlaces(routeNeutral(request, traffic, mesh.services))
        sent += 1
        const agrees = byAdapter.includes(place) && byMeaning.map(statusClass).includes(statusClass(place))
        if (!agrees)
          disagreements.push({
            place,
            byAdapter,
            byMeaning,
            request,
            rules: traffic.ports.find(({ port }) => port === request.port)?.rules,
          })
      }
    }
    expect(disagreements.slice(0, 3), `${disagreements.length} of ${sent} requests`).toEqual([])
  })
}
