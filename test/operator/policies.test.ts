import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowProject, gatewayApi, istio, phase, World } from './support/world.ts'

const project = flowProject([
  phase('Running', { initial: true, outputs: ['trafficsplits', 'faultinjections'] }),
  phase('Finished', { final: true }),
])

/** Emits a split of the weight, or a fault for the share, that its spec names. */
const asTold = definition({
  Running: (context) => {
    const { weight, abort } = specOf<{ weight?: number; abort?: number }>(context)
    const faults = [{ name: 'chaos', service: 'web', abort: { status: 503, percent: abort } }]
    return {
      outputs: {
        trafficsplits: weight === undefined ? [] : [split(weight)],
        faultinjections: abort === undefined ? [] : faults,
      },
      after: '1h',
    }
  },
})

async function world(adapter: MeshAdapter): Promise<World> {
  const created = await World.create({ project, definition: asTold, adapter })
  await created.service('web')
  created.start()
  return created
}

async function rulesOf(world: World, adapter: MeshAdapter): Promise<readonly Record<string, unknown>[]> {
  const objects: KubeObject[] = await Promise.all(adapter.kinds.map((kind) => world.list(kind))).then((all) =>
    all.flat(),
  )
  return objects.flatMap(({ spec }) => {
    const { http, rules } = spec as { http?: Record<string, unknown>[]; rules?: Record<string, unknown>[] }
    return http ?? rules ?? []
  })
}

test('a chaos experiment and a canary of two resources are one set of objects, and come apart when either ends', async () => {
  const cluster = await world(istio)
  await cluster.flow('canary', { weight: 25 })
  await cluster.flow('chaos', { abort: 10 })
  await cluster.run(0)
  const fault = { abort: { httpStatus: 503, percentage: { value: 10 } } }
  expect(await rulesOf(cluster, istio)).toMatchObject([
    { name: 'default', fault, route: [{ weight: 75 }, { weight: 25 }] },
  ])
  await cluster.deleteFlow('chaos')
  await cluster.run(0)
  const [left, ...none] = await rulesOf(cluster, istio)
  expect(none).toEqual([])
  expect(left).toMatchObject({ name: 'default', route: [{ weight: 75 }, { weight: 25 }] })
  expect(left).not.toHaveProperty('fault')
})

test('a fault backend is waited for, and the running state stays until it is there', async () => {
  const cluster = await world(gatewayApi)
  await cluster.flow('chaos', { abort: 10 })
  await cluster.run(0)
  expect(await rulesOf(cluster, gatewayApi)).toEqual([])
  expect(await cluster.condition('chaos')).toMatchObject({
    status: 'Unknown',
    reason: 'WaitingForFaultBackend',
    message: expect.stringContaining('no request is sent to the fault backend shop/fault-503 before it can answer'),
  })
  await cluster.run(3_000)
  expect(await rulesOf(cluster, gatewayApi)).toMatchObject([
    {
      backendRefs: [
        { name: 'web', weight: 9 },
        { name: 'fault-503', weight: 1 },
      ],
    },
  ])
})
