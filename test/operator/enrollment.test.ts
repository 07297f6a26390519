import { expect, test } from 'vitest'
import { istioAmbientProvider } from '../../adapters/istio-ambient/index.ts'
import { namespaceKind, serviceKind } from '../../src/mesh/core-kinds.ts'
import { definition, runningProject, split } from './support/flows.ts'
import { World } from './support/world.ts'

const ambient = istioAmbientProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const httpRoutes = ambient.kinds.find(({ kind }) => kind === 'HTTPRoute')
const merge = { type: 'merge', fieldManager: 'somebody' } as const

const shifting = definition({ Running: () => ({ outputs: { trafficsplits: [split(25)] }, after: '1h' }) })

async function runningWorld(): Promise<World> {
  const world = await World.create({ project: runningProject, definition: shifting, adapter: ambient })
  for (const name of ['web', 'web-primary', 'web-canary']) await world.service(name)
  world.start()
  await world.flow('web')
  await world.run(0)
  return world
}

function routes(world: World) {
  if (httpRoutes === undefined) throw new Error('the adapter writes no kinds')
  return world.list(httpRoutes)
}

async function labelNamespace(world: World, labels: Record<string, string | null>): Promise<void> {
  await world.client.patch(namespaceKind, { name: 'shop' }, { metadata: { labels } }, merge)
  // No mesh is here to take routes up, for which the operator waits a while.
  await world.run(60_000)
}

test('nothing is written while the mesh would take no notice of it, and the labels to set are named', async () => {
  const world = await runningWorld()
  expect(await routes(world)).toEqual([])
  const said = await world.condition('web')
  expect(said).toMatchObject({ status: 'False' })
  expect(said?.message).toContain('kubectl label namespace shop istio.io/dataplane-mode=ambient')
  expect(said?.message).toContain('kubectl label service -n shop web istio.io/use-waypoint=waypoint')
})

test('labels of the namespace are followed at once, those of the Service before them', async () => {
  const world = await runningWorld()
  await labelNamespace(world, { 'istio.io/dataplane-mode': 'ambient' })
  expect(await routes(world)).toEqual([])
  await labelNamespace(world, { 'istio.io/use-waypoint': 'waypoint' })
  expect(await world.weights('web')).toEqual({ 'web-primary': 3, 'web-canary': 1 })

  const out = { metadata: { labels: { 'istio.io/use-waypoint': 'none' } } }
  await world.client.patch(serviceKind, { namespace: 'shop', name: 'web' }, out, merge)
  await world.run(60_000)
  expect((await world.condition('web'))?.message).toContain('its label istio.io/use-waypoint is none')
  expect(await routes(world)).toHaveLength(1)
})

test('a waypoint that is named and not there is told in the words of Istio', async () => {
  const world = await runningWorld()
  const message = 'waypoint shop/waypoint is not ready'
  const conditions = [
    {
      type: 'istio.io/WaypointBound',
      status: 'False',
      reason: 'x',
      message,
      lastTransitionTime: '2025-01-01T00:00:00Z',
    },
  ]
  await world.client.patch(
    serviceKind,
    { namespace: 'shop', name: 'web' },
    { status: { conditions } },
    {
      ...merge,
      subresource: 'status',
    },
  )
  await labelNamespace(world, { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' })
  expect((await world.condition('web'))?.message).toContain(message)
  expect(await routes(world)).toEqual([])
})

test('a route of a user, attached to a Service without a waypoint, is left as it is until there is one', async () => {
  const attachTo = { kind: 'HTTPRoute', name: 'theirs', rules: [0] } as const
  const attaching = definition({
    Running: () => ({ outputs: { trafficsplits: [split(25, 'web', { attachTo })] }, after: '1h' }),
  })
  const world = await World.create({ project: runningProject, definition: attaching, adapter: ambient })
  for (const name of ['web', 'web-primary', 'web-canary']) await world.service(name)
  if (httpRoutes === undefined) throw new Error('the adapter writes no HTTPRoutes')
  await world.client.create(httpRoutes, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'theirs', namespace: 'shop' },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'web', port: 80 }],
      rules: [{ backendRefs: [{ name: 'web-primary', port: 80 }] }],
    },
  })
  world.start()
  await world.flow('web')
  await world.run(0)
  expect((await world.condition('web'))?.message).toContain('kubectl label service -n shop web')
  expect(JSON.stringify((await routes(world))[0]?.spec)).not.toContain('web-canary')
  await labelNamespace(world, { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' })
  expect(JSON.stringify((await routes(world))[0]?.spec)).toContain('web-canary')
})
