import { expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import { definition, runningProject, split } from './support/flows.ts'
import { istio, World } from './support/world.ts'

const virtualServices = istio.kinds.find(({ kind }) => kind === 'VirtualService') as Kind

/** A flow in `shop` that asks for traffic of a Service in `default`, as long as it asks for any. */
async function neighbors(asks = () => true): Promise<World> {
  const outputs = { trafficsplits: [split(50, 'web', { namespace: 'default' })] }
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => (asks() ? { outputs } : {}) }),
  })
  await world.client.create(serviceKind, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  await world.flow('web')
  return world
}

async function routes(world: World): Promise<number> {
  return (await world.client.list(virtualServices, { namespace: 'default' })).items.length
}

test('traffic of another namespace goes with its resource, though no garbage collector takes it', async () => {
  const world = await neighbors()
  world.start()
  await world.run(0)
  expect(await routes(world)).toBe(1)
  await world.deleteFlow('web')
  await world.run(60_000)
  expect(await routes(world)).toBe(0)
})

test('traffic of another namespace goes with its resource, though there is another one of the name at once', async () => {
  let asks = true
  const world = await neighbors(() => asks)
  // A watch that is too old by then: the list that follows shows the one resource in place of the other.
  const cut = new AbortController()
  let expired = false
  world.start((send) => async (request) => {
    if (request.call.verb !== 'watch' || request.call.resource !== 'flows') return send(request)
    if (!cut.signal.aborted)
      return send({ ...request, signal: AbortSignal.any([cut.signal, request.signal ?? cut.signal]) })
    if (expired) return send(request)
    expired = true
    return { status: 410, headers: {}, body: new Blob([]).stream() }
  })
  await world.run(0)
  expect(await routes(world)).toBe(1)
  asks = false
  cut.abort()
  await world.deleteFlow('web')
  await world.flow('web')
  await world.run(60_000)
  expect(expired).toBe(true)
  expect((await world.status('web')).phase).toBe('Running')
  expect(await routes(world)).toBe(0)
})

test('traffic of another namespace that was being written when its resource was deleted goes as well', async () => {
  const world = await neighbors()
  let written = 0
  world.start((send) => async (request) => {
    if (request.method === 'PATCH' && request.call.resource === 'virtualservices' && ++written === 1)
      await world.deleteFlow('web')
    return send(request)
  })
  await world.run(60_000)
  expect(written).toBe(1)
  expect(await routes(world)).toBe(0)
})

test('what a resource left is taken away when the API server is back, and no trouble of that is a failure of the program', async () => {
  const world = await neighbors()
  let broken = false
  const { operator } = world.start((send) => async (request) => {
    if (broken && request.method === 'DELETE') throw new Error('the API server is away')
    return send(request)
  })
  await world.run(0)
  broken = true
  await world.deleteFlow('web')
  await world.run(1_000)
  broken = false
  await world.run(60_000)
  expect(await routes(world)).toBe(0)
  expect(await operator.telemetry.registry.metrics()).toMatch(/reconcile_panics_total\{controller="flow"\} 0/)
})
