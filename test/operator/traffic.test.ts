import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import type { TrafficInput } from '../../src/operator/worker.ts'
import { definition, runningProject, specOf, split, statusOf } from './support/flows.ts'
import { flowKind, gatewayApi, istio, World } from './support/world.ts'

const virtualServices = routeKind(istio)
const httpRoutes = routeKind(gatewayApi)

function routeKind({ kinds }: MeshAdapter): Kind {
  const kind = kinds.find((one) => one.kind === 'VirtualService' || one.kind === 'HTTPRoute')
  if (kind === undefined) throw new Error('the adapter has no routes')
  return kind
}

const merge = { type: 'merge', fieldManager: 'tester' } as const

/** Emits what its spec says: `{ weight, apex, header }`. */
const asTold = definition({
  Running: (context) => {
    const spec = specOf<{ weight?: number; apex?: string; header?: string }>(context)
    if (spec.weight === undefined) return { outputs: { trafficsplits: [] } }
    const matches = spec.header === undefined ? {} : { matches: [{ headers: [{ name: 'user', exact: spec.header }] }] }
    return { outputs: { trafficsplits: [split(spec.weight, spec.apex ?? 'web', matches)] }, after: '1h' }
  },
})

async function told(adapter = istio): Promise<World> {
  const world = await World.create({ project: runningProject, definition: asTold, adapter })
  await world.service('web')
  world.start()
  return world
}

function edit(world: World, name: string, spec: Record<string, unknown>): Promise<KubeObject> {
  return world.client.patch(flowKind, { namespace: 'shop', name }, { spec }, merge)
}

test('a mesh object that somebody deletes or edits is put right at once', async () => {
  const world = await told()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  await world.client.delete(virtualServices, { namespace: 'shop', name: 'web' })
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 3, 'web-canary': 1 })
  await world.client.patch(virtualServices, { namespace: 'shop', name: 'web' }, { spec: { http: [] } }, merge)
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 3, 'web-canary': 1 })
})

test('traffic that is not asked for any more is taken away, after what replaces it is there', async () => {
  const world = await told()
  await world.service('api')
  await world.flow('web', { weight: 50 })
  await world.run(0)
  await edit(world, 'web', { apex: 'api' })
  await world.run(0)
  expect(await world.weights('api')).toEqual({ 'api-primary': 1, 'api-canary': 1 })
  expect((await world.list(virtualServices)).map(({ metadata }) => metadata.name)).toEqual(['api'])
  await edit(world, 'web', { weight: null })
  await world.run(0)
  expect(await world.list(virtualServices)).toEqual([])
  expect(await world.condition('web', 'TrafficAccepted')).toBeUndefined()
})

test('what the check refuses is not applied; the running state stays and the condition tells what to do', async () => {
  const world = await told()
  await world.flow('web', { weight: 50 })
  await world.run(0)
  await edit(world, 'web', { weight: -3 })
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
  const condition = await world.condition('web')
  expect(condition).toMatchObject({ status: 'False', reason: 'TrafficRefused' })
  expect(condition?.message).toMatch(/^AP2109 Flow shop\/web: TrafficSplit web gives .* weight -3\. Use a whole number/)
  expect(await world.events('web')).toEqual([expect.stringContaining('Warning TrafficRefused: AP2109')])
  await edit(world, 'web', { weight: 20 })
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 4, 'web-canary': 1 })
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('an apex service that is missing is waited for', async () => {
  const world = await World.create({ project: runningProject, definition: asTold })
  world.start()
  await world.flow('web', { weight: 50 })
  await world.run(0)
  expect(await world.condition('web')).toMatchObject({ status: 'False', message: expect.stringContaining('AP2105') })
  await world.service('web')
  await world.run(0)
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
})

test('a new port of the apex service is split as well', async () => {
  const world = await told()
  await world.flow('web', { weight: 50 })
  await world.run(0)
  const ports = [
    { name: 'http-80', port: 80 },
    { name: 'http-90', port: 90 },
  ]
  await world.client.patch(serviceKind, { namespace: 'shop', name: 'web' }, { spec: { ports } }, merge)
  await world.run(0)
  expect(JSON.stringify((await world.get(virtualServices, 'web'))?.spec)).toContain('90')
})

test('two resources with matches share an apex, and when one goes the other’s traffic stays', async () => {
  const world = await told()
  await world.flow('all', { weight: 50 })
  await world.flow('testers', { weight: 100, header: 'tester' })
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
  const [shared] = await world.list(virtualServices)
  expect(JSON.stringify(shared?.spec)).toContain('tester')
  expect(shared?.metadata.ownerReferences?.map(({ name }) => name).toSorted()).toEqual(['all', 'testers'])
  await world.deleteFlow('testers')
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
  expect(JSON.stringify((await world.list(virtualServices))[0]?.spec)).not.toContain('tester')
  await world.deleteFlow('all')
  await world.run(0)
  expect(await world.list(virtualServices)).toEqual([])
})

test('two resources that fight for an apex are both told of it, and the running state stays until one gives in', async () => {
  const world = await told()
  await world.flow('first', { weight: 10 })
  await world.run(0)
  await world.flow('second', { weight: 90 })
  await world.run(0)
  const both = expect.stringMatching(/AP2103 .*Flow shop\/first.*Flow shop\/second/)
  expect(await world.condition('first')).toMatchObject({ status: 'False', reason: 'TrafficRefused', message: both })
  expect(await world.condition('second')).toMatchObject({ status: 'False', reason: 'TrafficRefused', message: both })
  expect(await world.weights('web')).toEqual({ 'web-primary': 9, 'web-canary': 1 })
  await world.deleteFlow('second')
  await world.run(0)
  expect(await world.condition('first')).toMatchObject({ status: 'True' })
  expect(await world.weights('web')).toEqual({ 'web-primary': 9, 'web-canary': 1 })
})

test('objects of somebody else are not written over', async () => {
  const world = await told()
  const foreign = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { hosts: ['web'] },
  }
  await world.client.create(virtualServices, foreign)
  await world.flow('web', { weight: 50 })
  await world.run(1_000)
  expect((await world.get(virtualServices, 'web'))?.spec).toEqual(foreign.spec)
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'ApplyFailed',
    message: expect.stringContaining('AP3017 virtualservices shop/web exists'),
  })
})

/** What a mesh with route status says about the route of `web`. */
async function answer(world: World, status: 'True' | 'False', name = 'web'): Promise<void> {
  const route = (await world.list(httpRoutes)).find(({ metadata }) => metadata.name.startsWith(name))
  if (route === undefined) throw new Error('there is no route')
  const { parentRefs = [] } = route.spec as { parentRefs?: object[] }
  const condition = (type: string, value: string) => ({
    type,
    status: value,
    reason: value === 'True' ? type : 'UnsupportedValue',
    message: value === 'True' ? '' : 'the mesh does not like it',
    observedGeneration: route.metadata.generation,
    lastTransitionTime: '2025-01-01T00:00:00Z',
  })
  const parents = parentRefs.map((parentRef) => ({
    parentRef,
    controllerName: 'mesh.example.io/controller',
    conditions: [condition('Accepted', status), condition('ResolvedRefs', 'True')],
  }))
  await world.client.patch(
    httpRoutes,
    { namespace: 'shop', name: route.metadata.name },
    { status: { parents } },
    { ...merge, subresource: 'status' },
  )
}

/** Adds ten at each step, from its own status. */
const stepping = definition({
  Running: (context) => {
    const weight = (statusOf(context).weight ?? 0) + 10
    return { outputs: { trafficsplits: [split(weight)] }, status: { weight }, after: '60s' }
  },
})

test('a step is done only when the mesh has taken it up', async () => {
  const world = await World.create({ project: runningProject, definition: stepping, adapter: gatewayApi })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(1_000)
  expect((await world.status('web'))['weight']).toBeUndefined()
  expect(await world.condition('web', 'TrafficAccepted')).toMatchObject({ status: 'Unknown', reason: 'Pending' })
  await answer(world, 'True')
  await world.run(0)
  expect((await world.status('web'))['weight']).toBe(10)
  expect(await world.condition('web', 'TrafficAccepted')).toMatchObject({ status: 'True' })
})

/** How often the operator writes the status of `web`, and what happens just before. */
function statusWrites(before: () => Promise<void> = async () => {}) {
  const writes: string[] = []
  const through: Parameters<World['start']>[0] = (send) => async (request) => {
    if (request.method !== 'PATCH' || request.call.resource !== 'flows/status') return send(request)
    writes.push(request.body ?? '')
    await before()
    return send(request)
  }
  return { writes, through }
}

test('a mesh that answers at once costs no further write', async () => {
  const world = await World.create({ project: runningProject, definition: stepping, adapter: gatewayApi })
  await world.service('web')
  await world.flow('web')
  const { writes, through } = statusWrites()
  world.start(through)
  await world.run(400)
  await answer(world, 'True')
  await world.run(0)
  expect((await world.status('web'))['weight']).toBe(10)
  expect(writes).toHaveLength(1)
})

test('an answer that comes while it is written that it is waited for is not missed', async () => {
  const world = await World.create({ project: runningProject, definition: stepping, adapter: gatewayApi })
  await world.service('web')
  await world.flow('web')
  let answered = false
  const { through } = statusWrites(async () => {
    if (answered) return
    answered = true
    await answer(world, 'True')
    for (let turn = 0; turn < 10; turn++) await setImmediate()
  })
  world.start(through)
  await world.run(1_000)
  expect((await world.status('web'))['weight']).toBe(10)
})

test('without an answer the workflow goes on after the timeout, which a restart does not prolong', async () => {
  const world = await World.create({ project: runningProject, definition: stepping, adapter: gatewayApi })
  await world.service('web')
  await world.flow('web')
  const first = world.start()
  await world.run(6_000)
  first.kill()
  world.start()
  await world.run(3_900)
  expect((await world.status('web'))['weight']).toBeUndefined()
  await world.run(200)
  expect((await world.status('web'))['weight']).toBe(10)
  expect(await world.condition('web', 'TrafficAccepted')).toMatchObject({
    status: 'Unknown',
    reason: 'NoAnswer',
    message: expect.stringMatching(/HTTPRoute shop\/web.* \(generation 1\)/),
  })
  // The next step is a new wait.
  await world.run(65_000)
  expect((await world.status('web'))['weight']).toBe(10)
  await world.run(5_000)
  expect((await world.status('web'))['weight']).toBe(20)
})

test('a rejected step does not advance, and does when the mesh changes its mind', async () => {
  const world = await World.create({ project: runningProject, definition: stepping, adapter: gatewayApi })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  await answer(world, 'False')
  await world.run(60_000)
  expect((await world.status('web'))['weight']).toBeUndefined()
  expect(await world.condition('web', 'TrafficAccepted')).toMatchObject({ status: 'False', reason: 'Rejected' })
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'TrafficRejected',
    message: expect.stringContaining('AP4016 the mesh rejects HTTPRoute shop/web'),
  })
  expect((await world.events('web')).length).toBe(1)
  await answer(world, 'True')
  await world.run(0)
  expect((await world.status('web'))['weight']).toBe(10)
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('a phase can be left while its traffic is rejected, if that asks for no traffic', async () => {
  let failed = false
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: () => (failed ? { next: 'Finished' } : { outputs: { trafficsplits: [split(5)] } }),
    }),
    adapter: gatewayApi,
  })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  await answer(world, 'False')
  failed = true
  await world.run(5_000)
  expect(await world.status('web')).toMatchObject({ phase: 'Finished' })
})

test('resources that share an apex take turns: no write takes back what the other one wrote', async () => {
  const world = await told()
  await world.flow('all', { weight: 10 })
  await world.flow('testers', { weight: 10, header: 'tester' })
  await world.run(0)
  const written: number[][] = []
  world.server.onWrite(({ object }) => {
    if (object.kind !== 'VirtualService') return
    const { traffic } = istio.observe([object], { namespace: 'shop', name: 'web' }, { ports: () => [80] })
    const canary = traffic?.ports[0]?.rules.map(({ backends }) => backends[0]?.weight ?? 0)
    written.push(canary ?? [])
  })
  await Promise.all([edit(world, 'all', { weight: 90 }), edit(world, 'testers', { weight: 90 })])
  await world.run(60_000)
  // The canary comes first by name: 1 of 10 at the beginning, 9 of 10 at the end.
  expect(written).toHaveLength(2)
  expect(written.at(-1)).toEqual([9, 9])
})

test('while the mesh owes an answer, a worker that goes by the observed traffic does not run ahead', async () => {
  let calls = 0
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: ({ inputs }) => {
        calls++
        const { trafficsplits } = inputs as unknown as { trafficsplits: TrafficInput }
        const rule = trafficsplits.observed('web').traffic?.ports[0]?.rules.at(-1)
        const canary = rule?.backends.find(({ service }) => service.name === 'web-canary')
        const total = rule?.backends.reduce((sum, { weight }) => sum + weight, 0) ?? 1
        return {
          outputs: { trafficsplits: [split(Math.round((100 * (canary?.weight ?? 0)) / total) + 10)] },
          after: '1h',
        }
      },
    }),
    adapter: gatewayApi,
  })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  const labels = { metadata: { labels: { touched: 'yes' } } }
  await world.client.patch(serviceKind, { namespace: 'shop', name: 'web' }, labels, merge)
  await world.run(5_000)
  expect(calls).toBe(1)
  expect(await world.weights('web')).toEqual({ 'web-primary': 9, 'web-canary': 1 })
})
