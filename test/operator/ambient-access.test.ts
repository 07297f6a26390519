import { expect, test } from 'vitest'
import { installedKinds } from '../../src/mesh/adapter-kinds.ts'
import { namespaceKind, serviceKind } from '../../src/mesh/core-kinds.ts'
import { istioAmbient as ambient } from '../adapters/adapters.ts'
import { deploy } from './support/deployment.ts'
import { definition } from './support/flows.ts'
import { flowProject, phase, World } from './support/world.ts'

const project = flowProject([phase('Running', { initial: true, outputs: ['traffictargets'] })])
const [policies] = ambient.access?.kinds ?? []
const gatewayKind = ambient.access?.consults?.find(({ kind }) => kind === 'Gateway')
const merge = { type: 'merge', fieldManager: 'somebody' } as const

/** Lets `client` GET from the pods of `web`. */
const guarding = definition({
  Running: () => ({
    outputs: {
      traffictargets: [
        {
          name: 'client',
          destination: { kind: 'ServiceAccount', name: 'web' },
          sources: [{ kind: 'ServiceAccount', name: 'client' }],
          rules: [{ methods: ['GET'] }],
        },
      ],
    },
    after: '1h',
  }),
})

async function guardedWorld(): Promise<World> {
  const world = await World.create({
    project,
    definition: guarding,
    adapter: ambient,
    kinds: installedKinds(ambient),
  })
  await deploy(world)
  await addService(world, 'web')
  world.start()
  await world.flow('guard')
  await world.run(0)
  return world
}

function addService(world: World, name: string) {
  return world.client.create(serviceKind, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  })
}

async function labelNamespace(world: World): Promise<void> {
  const labels = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' }
  await world.client.patch(namespaceKind, { name: 'shop' }, { metadata: { labels } }, merge)
  await world.run(0)
}

/** Names of the policies with the sources that each lets in. */
async function letIn(world: World): Promise<Record<string, string[]>> {
  if (policies === undefined) throw new Error('the adapter writes no policies')
  const all = await world.list(policies)
  return Object.fromEntries(
    all.map(({ metadata, spec }) => {
      const { rules } = spec as { rules: { from: { source: { serviceAccounts: string[] } }[] }[] }
      return [metadata.name, rules.flatMap(({ from }) => from.flatMap(({ source }) => source.serviceAccounts))]
    }),
  )
}

test('access is refused while nobody would enforce it, and written when the namespace has a waypoint', async () => {
  const world = await guardedWorld()
  expect(await letIn(world)).toEqual({})
  expect((await world.condition('guard'))?.message).toContain('the namespace shop is not in ambient mode')
  await labelNamespace(world)
  expect(await letIn(world)).toEqual({ web: ['shop/waypoint'], 'web.service.web': ['shop/client'] })
})

test('another Service before the pods gets a policy of its own, for as long as it is there', async () => {
  const world = await guardedWorld()
  await labelNamespace(world)
  await addService(world, 'front')
  await world.run(0)
  expect(Object.keys(await letIn(world)).sort()).toEqual(['web', 'web.service.front', 'web.service.web'])
  await world.client.delete(serviceKind, { namespace: 'shop', name: 'front' })
  await world.run(0)
  expect(Object.keys(await letIn(world)).sort()).toEqual(['web', 'web.service.web'])
})

test('the pods follow the waypoint when its Gateway says that it runs as somebody else', async () => {
  const world = await guardedWorld()
  await labelNamespace(world)
  if (gatewayKind === undefined) throw new Error('the adapter does not look at Gateways')
  await world.client.create(gatewayKind, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'waypoint', namespace: 'shop', annotations: { 'gateway.istio.io/service-account': 'edge' } },
    spec: { gatewayClassName: 'istio-waypoint' },
  })
  await world.run(0)
  expect(await letIn(world)).toMatchObject({ web: ['shop/edge'] })
})
