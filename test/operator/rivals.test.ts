import { expect, test } from 'vitest'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { definition, runningProject, specOf, split } from './support/flows.ts'
import { flowKind, gatewayApi, istio, World } from './support/world.ts'

const linkerd = linkerdProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const virtualServices = kindOf(istio, 'VirtualService')
const httpRoutes = kindOf(gatewayApi, 'HTTPRoute')
const serviceProfiles = kindOf(linkerd, 'ServiceProfile')
const merge = { type: 'merge', fieldManager: 'somebody' } as const

function kindOf({ kinds, rivals }: MeshAdapter, name: string): Kind {
  const found = [...kinds, ...rivals].find(({ kind }) => kind === name)
  if (found === undefined) throw new Error(`no kind ${name}`)
  return found
}

/** Splits `web` by the weight of its spec, and nothing without one. */
const shifting = definition({
  Running: (context) => {
    const { weight } = specOf<{ weight?: number }>(context)
    return { outputs: { trafficsplits: weight === undefined ? [] : [split(weight)] }, after: '1h' }
  },
})

async function cluster(adapter: MeshAdapter, kinds: readonly Kind[] = []): Promise<World> {
  const world = await World.create({
    project: runningProject,
    definition: shifting,
    adapter,
    kinds: [...adapter.kinds, ...kinds],
  })
  await world.service('web')
  return world
}

function virtualService(name = 'theirs', fields: Partial<KubeObject['metadata']> = {}): KubeObject {
  const destination = { host: 'web.shop.svc.cluster.local', port: { number: 80 } }
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace: 'shop', ...fields },
    spec: { hosts: ['web'], http: [{ route: [{ destination }] }] },
  }
}

function httpRoute(port?: number): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'theirs', namespace: 'shop' },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'web', ...(port !== undefined && { port }) }],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    },
  }
}

test('a route that somebody has on the apex blocks the first write by its name, until it goes', async () => {
  const world = await cluster(istio)
  await world.client.create(
    virtualServices,
    virtualService('theirs', { labels: { 'app.kubernetes.io/managed-by': 'helm' } }),
  )
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  expect(await world.get(virtualServices, 'web')).toBeUndefined()
  expect(await world.condition('web')).toMatchObject({ status: 'False', reason: 'Blocked' })
  expect((await world.condition('web'))?.message).toBe(
    'AP2220 VirtualService shop/theirs (managed by helm) routes shop/web as well: of two VirtualServices for a host Istio follows ' +
      'the older alone. Delete VirtualService shop/theirs (managed by helm), or take shop/web out of it; if both are meant, ' +
      'annotate it with mesh-autopilot.dev/coexist=true.',
  )
  await world.client.delete(virtualServices, { namespace: 'shop', name: 'theirs' })
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 3, 'web-canary': 1 })
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('a rival that comes later is told as a condition and an Event, and what runs stays as it is', async () => {
  const world = await cluster(istio)
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  await world.client.create(virtualServices, virtualService())
  await world.run(0)
  expect(await world.condition('web')).toMatchObject({ status: 'False', reason: 'Blocked' })
  expect(await world.events('web')).toEqual([
    expect.stringContaining('Warning Blocked: AP2220 VirtualService shop/theirs'),
  ])
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, { spec: { weight: 50 } }, merge)
  await world.run(0)
  expect(JSON.stringify((await world.get(virtualServices, 'web'))?.spec)).toContain('"weight":75')
  await world.client.patch(
    virtualServices,
    { namespace: 'shop', name: 'theirs' },
    { spec: { hosts: ['example.com'] } },
    merge,
  )
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
})

test('whoever asks for no traffic any more can take its own away beside a rival', async () => {
  const world = await cluster(istio)
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  await world.client.create(virtualServices, virtualService())
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, { spec: { weight: null } }, merge)
  await world.run(0)
  expect((await world.list(virtualServices)).map(({ metadata }) => metadata.name)).toEqual(['theirs'])
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('an object of ours that lost its labels is not taken for a rival', async () => {
  const world = await cluster(istio)
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  const labels = { 'app.kubernetes.io/managed-by': null, 'mesh-autopilot.dev/apex': null }
  await world.client.patch(virtualServices, { namespace: 'shop', name: 'web' }, { metadata: { labels } }, merge)
  await world.run(0)
  expect((await world.condition('web'))?.message).not.toContain('AP2220')
})

test('another operator of this framework is a rival as any', async () => {
  const world = await cluster(istio)
  const labels = { 'app.kubernetes.io/managed-by': 'other-operator', 'mesh-autopilot.dev/apex': 'web' }
  await world.client.create(virtualServices, virtualService('web', { labels }))
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  expect((await world.condition('web'))?.message).toContain('VirtualService shop/web (managed by other-operator)')
})

test('a route is no rival when its owner says that both are meant', async () => {
  const world = await cluster(istio)
  await world.client.create(
    virtualServices,
    virtualService('theirs', { annotations: { 'mesh-autopilot.dev/coexist': 'true' } }),
  )
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('an HTTPRoute of somebody replaces a VirtualService on Istio, so it blocks where the kind is installed', async () => {
  const world = await cluster(istio, [httpRoutes])
  await world.client.create(httpRoutes, httpRoute())
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  expect((await world.condition('web'))?.message).toContain(
    'HTTPRoute shop/theirs routes shop/web as well: a route with the Service as parent replaces its VirtualService',
  )
})

test('only a port that is routed can have a rival', async () => {
  const world = await cluster(gatewayApi)
  await world.client.create(httpRoutes, httpRoute(9000))
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(1_000)
  expect((await world.list(httpRoutes)).map(({ metadata }) => metadata.name)).toEqual(['theirs', 'web-80'])
  const parentRefs = [{ group: '', kind: 'Service', name: 'web' }]
  await world.client.patch(httpRoutes, { namespace: 'shop', name: 'theirs' }, { spec: { parentRefs } }, merge)
  await world.run(1_000)
  expect((await world.condition('web'))?.message).toContain('AP2220 HTTPRoute shop/theirs')
})

test('a ServiceProfile blocks on Linkerd, and a Linkerd without that kind is fine', async () => {
  const name = 'web.shop.svc.cluster.local'
  const profile = { apiVersion: 'linkerd.io/v1alpha2', kind: 'ServiceProfile', metadata: { name, namespace: 'shop' } }
  const world = await cluster(linkerd, [serviceProfiles])
  await world.client.create(serviceProfiles, { ...profile, spec: {} })
  world.start()
  await world.flow('web', { weight: 25 })
  await world.run(0)
  expect((await world.condition('web'))?.message).toContain(`ServiceProfile shop/${name} routes shop/web as well`)
  const bare = await cluster(linkerd)
  bare.start()
  await bare.flow('web', { weight: 25 })
  await bare.run(0)
  expect(await bare.weights('web')).toEqual({ 'web-primary': 3, 'web-canary': 1 })
})
