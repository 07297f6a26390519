import { fc } from '@fast-check/vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { competingRequests, competingTraffic } from '../../src/adapter-kit/competing-traffic.ts'
import { apexPorts, callPort, generatedServices } from '../../src/adapter-kit/generated-services.ts'
import { serviceTraffic } from '../../src/adapter-kit/traffic-arbitraries.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { Feature } from '../../src/mesh/capabilities.ts'
import { checkTraffic } from '../../src/mesh/check.ts'
import { featuresOf } from '../../src/mesh/features.ts'
import { routeNeutral } from '../../src/mesh/neutral-routing.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { trialHeader, trialHeaders } from '../support/dataplane/behavior.ts'
import { bounded } from '../support/dataplane/bounded.ts'
import type { DataPlane } from '../support/dataplane/data-plane.ts'
import { nearCalls, nearRequests } from '../support/dataplane/near-requests.ts'
import { decidedPlaces, exactPlace, faultPlace, statusClass } from '../support/dataplane/places.ts'
import { relocated } from '../support/dataplane/relocated.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

import { departures, type Sent } from '../support/dataplane/treatment-evidence.ts'
import { proves } from '../support/proof.ts'

const namespace = 'shop'
const generatedPorts = [80, 8080, 9090, callPort]
const ownPorts = new Map((await freePorts(generatedPorts.length)).map((port, i) => [generatedPorts[i] ?? 0, port]))
const here = (...ports: number[]) => ports.map((port) => ownPorts.get(port) ?? 0)
/** What requests carry for rules that change headers. */
const speaks = { calls: here(callPort) }
const carried = { 'x-set': 'client', 'x-add': 'client', 'x-gone': 'client', 'x-kept': 'client' }

describeDataPlane('the real proxy does what our rules say', (mesh) => {
  beforeAll(async () => {
    for (const name of [
      'web-v1',
      'web-v2',
      'web-v3',
      'web-v4',
      'fault-404',
      'fault-500',
      'fault-503',
      ...[1, 7, 14].map((code) => `fault-grpc-${code}`),
    ])
      await mesh.addService({ namespace, name }, here(...generatedPorts), speaks)
    await mesh.addService({ namespace: 'pay', name: 'api' }, here(8080))
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => agreement(mesh, adapter))
})

/** Features of which the comparison would see that they are missing; what becomes of requests that fail is seen elsewhere. */
const compared: readonly Feature[] = [
  ...(['weightedSplit', 'matchedSplit', 'portSplit', 'backendPort', 'crossNamespaceBackend', 'apexAsBackend'] as const),
  ...(['pathExact', 'pathPrefix', 'pathPrefixString', 'pathRegex', 'methodMatch', 'cookieMatch'] as const),
  ...(['headerExact', 'headerPrefix', 'headerRegex', 'headerPresent', 'headerAbsent'] as const),
  ...([
    'queryMatch',
    'queryRegex',
    'orderedRules',
    'mirror',
    'mirrorShare',
    'requestHeaders',
    'responseHeaders',
    'backendRequestHeaders',
    'backendResponseHeaders',
  ] as const),
  ...(['rewrite', 'redirect', 'redirectPath', 'redirectStatus', 'redirectOwnPort'] as const),
  ...(['grpcMatch', 'grpcMethodOnly', 'grpcPath', 'grpcRewrite', 'grpcRedirect', 'grpcResponseHeaders'] as const),
]

interface Case {
  readonly traffic: ServiceTraffic
  readonly requests: readonly MeshRequest[]
}

function agreement(mesh: DataPlane, adapter: MeshAdapter): void {
  const { capabilities } = adapter
  const isCarried = (traffic: ServiceTraffic) => checkTraffic(traffic, adapter, generatedServices).length === 0
  const cases = (
    kind: string,
    generated: readonly ServiceTraffic[],
    requests: (traffic: ServiceTraffic, seed: number) => readonly MeshRequest[],
  ): Case[] =>
    generated.map((one, index) => {
      const apex = { namespace, name: `${kind}-${adapter.name}-${index}` }
      const traffic = bounded(relocated(one, apex, ownPorts))
      return { traffic, requests: requests(traffic, index) }
    })
  const mixed = cases(
    'mixed',
    fc.sample(serviceTraffic(capabilities).filter(isCarried), { numRuns: 80, seed: 2026 }),
    (traffic, seed) => fc.sample(nearRequests(traffic, here(...apexPorts)), { numRuns: 20, seed }),
  )
  const called = cases(
    'called',
    fc.sample(
      serviceTraffic(capabilities).filter((one) => hasCalls(one) && isCarried(one)),
      { numRuns: 40, seed: 2026 },
    ),
    (traffic, seed) => fc.sample(nearCalls(traffic, here(callPort)), { numRuns: 15, seed }),
  )
  const competing = cases(
    'competing',
    fc.sample(competingTraffic(capabilities).filter(isCarried), { numRuns: 25, seed: 2026 }),
    ({ service }) => competingRequests.map((request) => ({ ...request, service, port: here(request.port)[0] ?? 0 })),
  )

  beforeAll(async () => {
    const all = [...mixed, ...called, ...competing]
    for (const { traffic } of all) await mesh.addService(traffic.service, here(...apexPorts, callPort), speaks)
    await mesh.reachable()
    for (const { traffic } of all) await mesh.apply(adapter, adapter.translate(traffic))
    await mesh.settled(adapter)
  })

  /** Copies may come later than the answer, and are looked for when all answers are there. */
  const sendAll = async (requests: readonly MeshRequest[]) => {
    const sent = requests.map(async (one) => {
      const host = `${one.service.name}.${one.service.namespace}.svc.cluster.local:${one.port}`
      const request = { ...one, headers: { host, ...carried, ...trialHeaders(), ...one.headers } }
      return { request, answer: await mesh.send(request) }
    })
    return Promise.all(sent)
  }
  const witnessed = ({ request, answer }: Omit<Sent, 'received'>): Sent => ({
    request,
    answer,
    received: mesh.received(request.headers[trialHeader] ?? ''),
  })

  test.each([
    ['requests near the matches of generated traffic', mixed],
    ['calls near the matches of generated traffic', called],
    ['requests for which several rules compete', competing],
  ])('to %s', async (_what, all) => {
    const answered: { traffic: ServiceTraffic; sent: Awaited<ReturnType<typeof sendAll>> }[] = []
    for (const { traffic, requests } of all) answered.push({ traffic, sent: await sendAll(requests) })
    const disagreements: object[] = []
    for (const { traffic, sent } of answered) {
      const objects = adapter.translate(traffic)
      for (const one of sent.map(witnessed)) {
        const { request, answer } = one
        const problems = departures(one, adapter.route(request, objects, mesh.services))
        const byMeaning = decidedPlaces(routeNeutral(request, traffic, mesh.services), answer).map(statusClass)
        if (!byMeaning.includes(statusClass(faultPlace(exactPlace(answer), answer))))
          problems.push(`it went to ${exactPlace(answer)}, and by the neutral meaning to ${byMeaning.join(' or ')}`)
        const rules = traffic.ports.find(({ port }) => port === request.port)?.rules
        if (problems.length > 0) disagreements.push({ problems, request, rules, apex: serviceName(traffic.service) })
      }
    }
    const count = answered.flatMap(({ sent }) => sent).length
    expect(disagreements.slice(0, 3), `${disagreements.length} of ${count} requests`).toEqual([])
    const asked = new Set(all.flatMap(({ traffic }) => [...featuresOf(traffic, mesh.services)]))
    proves(
      adapter.name,
      'proxy',
      [...asked].filter((feature) => compared.includes(feature)),
    )
  })
}

function hasCalls({ ports }: ServiceTraffic): boolean {
  return ports.some(({ protocol }) => protocol === 'grpc')
}
