import { beforeAll, describe, expect, test } from 'vitest'
import type { ServiceTraffic, TrafficRule } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { expectShares, placeOf, sampleSize } from '../support/dataplane/shares.ts'
import { RequestStream } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const [port = 0, second = 0, alone = 0] = await freePorts(3)
const namespace = 'shop'
const v1 = { namespace, name: 'split-v1' }
const v2 = { namespace, name: 'split-v2' }

describeDataPlane('a split on a real proxy', (mesh) => {
  beforeAll(async () => {
    for (const service of [v1, v2]) await mesh.addService(service, [port, second])
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => split(mesh, adapter))
})

function split(mesh: DataPlane, adapter: typeof istio): void {
  const apex = { namespace, name: `split-${adapter.name}` }
  const backends = { v1, v2, apex }
  const rule = (weights: Partial<Record<keyof typeof backends, number>>, to: number): TrafficRule => ({
    name: 'default',
    matches: [],
    backends: (['v1', 'v2', 'apex'] as const).flatMap((name) => {
      const weight = weights[name]
      return weight === undefined ? [] : [{ service: backends[name], port: to, weight }]
    }),
  })
  const traffic = (weights: Parameters<typeof rule>[0]): ServiceTraffic => ({
    service: apex,
    ports: [
      { port, rules: [rule(weights, port)] },
      // Another division of another port of the same Service, which stays.
      { port: second, rules: [rule({ v2: 1 }, second)] },
    ],
  })
  const places = (weights: Parameters<typeof rule>[0]) =>
    Object.fromEntries(
      Object.entries(weights).map(([name, weight]) => [
        `${namespace}/${name === 'apex' ? apex.name : `split-${name}`}`,
        weight,
      ]),
    )

  beforeAll(async () => {
    await mesh.addService(apex, [port, second, alone])
    await mesh.reachable()
  })

  test('has the weights asked for, follows every change while requests flow, and loses none of them', async ({
    annotate,
    onTestFinished,
  }) => {
    await mesh.follow(adapter, traffic({ v1: 90, v2: 10 }))
    const stream = RequestStream.start(mesh, { ...plainRequest, service: apex, port })
    onTestFinished(() => stream.stop())
    const steps = [
      { v1: 90, v2: 10 },
      { v1: 50, v2: 20, apex: 30 },
      { v1: 1, v2: 2, apex: 0 },
      { v1: 0, v2: 100 },
      { v1: 70, v2: 30 },
    ]
    for (const weights of steps) {
      await mesh.follow(adapter, traffic(weights))
      const counts = await expectShares(places(weights), () => stream.next(sampleSize))
      await annotate(`${JSON.stringify(weights)}: ${JSON.stringify(Object.fromEntries(counts))}`)
    }
    await stream.stop()
    expect(stream.failures).toEqual([])
    expect(stream.answers.map(placeOf).filter((place) => place.startsWith('status'))).toEqual([])
    proves(adapter.name, 'proxy', ['weightedSplit'])
  })

  test('of one port leaves the others as they are', async () => {
    await mesh.follow(adapter, traffic({ v1: 1 }))
    const place = async (on: number) => {
      const { echo } = await mesh.send({ ...plainRequest, service: apex, port: on })
      return `${echo?.service}:${echo?.port}`
    }
    expect(await place(port)).toBe(`shop/split-v1:${port}`)
    expect(await place(second)).toBe(`shop/split-v2:${second}`)
    expect(await place(alone)).toBe(`shop/${apex.name}:${alone}`)
  })

  test('that is taken away gives the Service its requests back', async () => {
    await mesh.follow(adapter, traffic({ v2: 1 }))
    for (const object of adapter.translate(traffic({ v2: 1 }))) await mesh.remove(adapter, object)
    await mesh.settled(adapter)
    const { echo } = await mesh.send({ ...plainRequest, service: apex, port })
    expect(echo?.service).toBe(`shop/${apex.name}`)
  })
}
