import { expect, test } from 'vitest'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import type { FinalizerResult } from '../../src/operator/worker.ts'
import { definition, runningProject, split } from './support/flows.ts'
import { configMapKind, flowKind, istio, World } from './support/world.ts'

const project = { ...runningProject, enableFinalizer: true }
const finalizer = 'flows.example.io/flow-operator'
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' } }

function finalizing(answer: () => FinalizerResult) {
  const outputs = { trafficsplits: [split(50)], configmaps: [{ object }] }
  return definition({ Running: () => ({ outputs }) }, { finalizer: { sync: answer } })
}

async function deleting(answer: () => FinalizerResult): Promise<World> {
  const world = await World.create({ project, definition: finalizing(answer) })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  expect((await world.get(flowKind, 'web'))?.metadata.finalizers).toEqual([finalizer])
  await world.deleteFlow('web')
  await world.run(0)
  return world
}

const objects = async (world: World) => [
  ...(await Promise.all(istio.kinds.map((kind) => world.list(kind)))).flat(),
  ...(await world.list(configMapKind)).filter(({ metadata }) => metadata.name === 'owned'),
]

test('the finalizer is called until it is done, its outputs are applied, and then everything goes', async () => {
  let done = false
  const world = await deleting(() => ({
    done,
    outputs: { trafficsplits: [split(0)] },
    reason: 'draining',
    after: '10s',
  }))
  expect(await world.weights('web')).toEqual({ 'web-primary': 1 })
  expect(await world.condition('web')).toMatchObject({ reason: 'Finalizing', message: 'draining' })
  await world.run(20_000)
  expect(await objects(world)).toHaveLength(2)
  done = true
  await world.run(10_000)
  expect(await world.get(flowKind, 'web')).toBeUndefined()
  expect(await objects(world)).toEqual([])
})

test('a finalizer that wants to be called again at once is not called in a hot loop', async () => {
  let calls = 0
  const world = await deleting(() => {
    calls++
    return { done: false, after: 0 }
  })
  const before = calls
  await world.run(1_000)
  expect(calls - before).toBe(10)
})

test('a finalizer that fails keeps the resource, says why, and is tried again', async () => {
  let failing = true
  const world = await deleting(() => {
    if (failing) throw new Error('the bank is closed')
    return { done: true }
  })
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'FinalizerError',
    message: 'the finalizer failed: the bank is closed',
  })
  failing = false
  await world.run(60_000)
  expect(await world.get(flowKind, 'web')).toBeUndefined()
})

test('what another resource asks of the same apex stays', async () => {
  const testers = [{ headers: [{ name: 'user', exact: 'tester' }] }]
  const world = await World.create({
    project,
    definition: definition(
      {
        Running: ({ resource }) => ({
          outputs: { trafficsplits: [split(50, 'web', resource.metadata.name === 'web' ? {} : { matches: testers })] },
        }),
      },
      { finalizer: { sync: () => ({ done: true }) } },
    ),
  })
  await world.service('web')
  await world.flow('web')
  await world.flow('testers')
  world.start()
  await world.run(0)
  await world.deleteFlow('web')
  await world.run(0)
  expect(await world.get(flowKind, 'web')).toBeUndefined()
  expect(await world.weights('web')).toEqual({ web: 1 })
  expect(JSON.stringify((await objects(world))[0]?.spec)).toContain('tester')
})

test('a resource that was never valid can be deleted', async () => {
  const world = await World.create({
    project,
    definition: definition({ Running: () => ({ outputs: 7 }) }, { finalizer: { sync: () => ({ done: true }) } }),
  })
  await world.flow('web')
  const first = world.start()
  await world.run(0)
  await first.stop()
  await world.deleteFlow('web')
  world.start()
  await world.run(0)
  expect(await world.get(flowKind, 'web')).toBeUndefined()
})

test('the finalizer of somebody else keeps the resource, and this operator is done with it', async () => {
  let calls = 0
  const world = await World.create({
    project,
    definition: definition(
      { Running: () => ({ outputs: { trafficsplits: [split(50)] } }) },
      {
        finalizer: {
          sync: () => {
            calls++
            return { done: true }
          },
        },
      },
    ),
  })
  await world.service('web')
  await world.flow('web')
  const other = { metadata: { finalizers: ['example.io/other'] } }
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, other, {
    type: 'merge',
    fieldManager: 'other',
  })
  world.start()
  await world.run(0)
  await world.deleteFlow('web')
  await world.run(60_000)
  expect((await world.get(flowKind, 'web'))?.metadata.finalizers).toEqual(['example.io/other'])
  expect(await objects(world)).toEqual([])
  expect(calls).toBe(1)
})

test('an apex that went first holds up nobody who leaves', async () => {
  const world = await World.create({ project, definition: finalizing(() => ({ done: true })) })
  await world.service('web')
  await world.flow('web')
  await world.flow('sharer')
  world.start()
  await world.run(1_000)
  await world.client.delete(serviceKind, { namespace: 'shop', name: 'web' })
  await world.deleteFlow('web')
  await world.run(1_000)
  expect(await world.get(flowKind, 'web')).toBeUndefined()
  await world.deleteFlow('sharer')
  await world.run(1_000)
  expect(await world.get(flowKind, 'sharer')).toBeUndefined()
  expect(await objects(world)).toEqual([])
})
