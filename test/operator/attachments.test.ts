import { describe, expect, test } from 'vitest'
import { definition, runningProject, split } from './support/flows.ts'
import { httpRoute, merge, Shop, shared, virtualService } from './support/shop.ts'
import { flowKind, World } from './support/world.ts'

describe('a split that is attached to a VirtualService of the user', () => {
  test('sets the weights in its rule and makes no object of its own; without the split everything is as it was', async () => {
    const shop = await Shop.open()
    const before = await shop.visible()
    await shop.flow({ weight: 20 })
    expect(await shop.rule()).toEqual({ name: 'everybody', timeout: '3s', ...shared(20) })
    expect(await shop.world.list(shop.kind)).toHaveLength(1)
    expect(await shop.world.condition('web')).toMatchObject({ status: 'True' })
    expect((await shop.live())?.metadata).toMatchObject({ labels: { team: 'storefront' } })
    await shop.edit({ weight: null })
    expect(await shop.visible()).toBe(before)
    expect((await shop.world.status('web'))['attachments']).toBeUndefined()
  })

  test('leaves the route as the user wrote it while it asks for just that', async () => {
    const shop = await Shop.open()
    const { metadata } = (await shop.live()) ?? {}
    await shop.flow({ weight: 0 })
    expect((await shop.live())?.metadata.resourceVersion).toBe(metadata?.resourceVersion)
    await shop.edit({ weight: 50 })
    await shop.edit({ weight: 0 })
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
  })

  test('is undone when the resource is deleted, though the project asks for no finalizer', async () => {
    const shop = await Shop.open()
    const before = await shop.visible()
    await shop.flow({ weight: 20 })
    await shop.world.deleteFlow('web')
    await shop.world.run(0)
    expect(await shop.visible()).toBe(before)
    expect(await shop.world.get(flowKind, 'web')).toBeUndefined()
  })

  test('leaves no field manager behind, so that the next apply of its owner meets no conflict', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    const managers = async () => (await shop.live())?.metadata.managedFields?.map(({ manager }) => manager)
    expect(await managers()).toContain('flow-operator')
    await shop.edit({ weight: 0 })
    expect(await managers()).toEqual(['argocd-controller'])
    const spec = { ...(virtualService.spec as object), http: [] }
    await shop.world.client.apply(shop.kind, { ...virtualService, spec }, { fieldManager: 'kubectl' })
  })

  test('is undone by the next process when the one before died', async () => {
    const shop = await Shop.open(virtualService, { start: false })
    const before = await shop.visible()
    const first = shop.world.start()
    await shop.flow({ weight: 20 })
    first.kill()
    await shop.edit({ weight: null })
    expect(await shop.rule()).toMatchObject(shared(20))
    shop.world.start()
    await shop.world.run(0)
    expect(await shop.visible()).toBe(before)
  })

  test('keeps what the user edits meanwhile, and puts its weights back where they were', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    await shop.change(({ http }) => {
      http.unshift({ route: [{ destination: { host: 'maintenance' } }] })
      Object.assign(http[2] ?? {}, { timeout: '9s' })
    })
    await shop.edit({ weight: 40 })
    expect(await shop.rule(2)).toEqual({ name: 'everybody', timeout: '9s', ...shared(40) })
    await shop.edit({ weight: null })
    expect(await shop.rule(1)).toMatchObject({ name: 'testers' })
    expect(await shop.rule(2)).toEqual({
      name: 'everybody',
      timeout: '9s',
      route: [{ destination: { host: 'web-primary', port: { number: 80 } } }],
    })
  })

  test('an edit of somebody else between reading and writing is not lost', async () => {
    const shop = await Shop.open(virtualService, { start: false })
    let edits = 0
    shop.world.start((send) => async (request) => {
      if (request.method === 'PATCH' && request.call.resource === 'virtualservices' && edits++ === 0)
        await shop.change(({ http }) => Object.assign(http[1] ?? {}, { retries: { attempts: 3 } }))
      return send(request)
    })
    await shop.flow({ weight: 20 })
    expect(edits).toBe(2)
    expect(await shop.rule()).toEqual({ name: 'everybody', timeout: '3s', retries: { attempts: 3 }, ...shared(20) })
  })

  test('waits for a route that is not there, and edits it again when it was deleted and comes back', async () => {
    const shop = await Shop.open()
    const ref = { namespace: 'shop', name: 'web' }
    await shop.world.client.delete(shop.kind, ref)
    await shop.flow({ weight: 20 })
    expect(await shop.world.condition('web')).toMatchObject({
      status: 'False',
      reason: 'TrafficRefused',
      message: expect.stringContaining('AP2213 Flow shop/web: TrafficSplit web is attached to VirtualService shop/web'),
    })
    await shop.world.client.create(shop.kind, virtualService)
    await shop.world.run(0)
    expect(await shop.rule()).toMatchObject(shared(20))
    await shop.world.client.delete(shop.kind, ref)
    await shop.world.run(0)
    expect(await shop.world.condition('web')).toMatchObject({ status: 'False' })
    await shop.world.client.create(shop.kind, virtualService)
    await shop.world.run(0)
    expect(await shop.rule()).toMatchObject(shared(20))
    expect(await shop.world.condition('web')).toMatchObject({ status: 'True' })
    await shop.world.deleteFlow('web')
    await shop.world.run(0)
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
  })

  test('a resource whose route is gone can be deleted', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    await shop.world.client.delete(shop.kind, { namespace: 'shop', name: 'web' })
    await shop.world.run(0)
    await shop.world.deleteFlow('web')
    await shop.world.run(0)
    expect(await shop.world.get(flowKind, 'web')).toBeUndefined()
  })

  test('a rule that is renamed while it is edited is said; the weights stay, and are put back at the end', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    await shop.change(({ http }) => Object.assign(http[1] ?? {}, { name: 'all' }))
    await shop.world.run(0)
    expect(await shop.world.condition('web')).toMatchObject({ message: expect.stringContaining('AP2214') })
    expect(await shop.rule()).toMatchObject({ name: 'all', ...shared(20) })
    await shop.edit({ weight: null })
    expect(await shop.rule()).toMatchObject({ name: 'all', route: [{ destination: { host: 'web-primary' } }] })
  })

  test('two resources on one rule are both told, and the first one’s weights stay until one gives in', async () => {
    const shop = await Shop.open()
    await shop.world.service('api')
    await shop.flow({ weight: 20 })
    await shop.flow({ weight: 70, rules: [1] }, 'other')
    for (const name of ['web', 'other']) {
      const { message } = (await shop.world.condition(name)) ?? {}
      expect(message).toMatch(/AP2217 Flow shop\/\w+.* and Flow shop\/\w+.* both set the weights of http\[1\]/)
    }
    expect(await shop.rule()).toMatchObject(shared(20))
    await shop.edit({ rules: ['everybody'], weight: null })
    expect(await shop.rule()).toMatchObject(shared(70))
    await shop.world.deleteFlow('other')
    await shop.world.run(0)
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
  })

  test('what is attached elsewhere now is put back where it was', async () => {
    const shop = await Shop.open()
    const second = { ...virtualService, metadata: { ...virtualService.metadata, name: 'second' } }
    await shop.world.client.create(shop.kind, second)
    await shop.flow({ weight: 20 })
    await shop.edit({ name: 'second' })
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
    const moved = await shop.world.get(shop.kind, 'second')
    expect(moved?.spec).toMatchObject({ http: [{ name: 'testers' }, shared(20)] })
  })
})

describe('an HTTPRoute of the user', () => {
  const spec = { kind: 'HTTPRoute', rules: [1] }

  /** What the controller of the route's Gateway says. */
  async function answer(shop: Shop): Promise<void> {
    const { generation } = (await shop.live())?.metadata ?? {}
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: type,
      message: '',
      observedGeneration: generation,
      lastTransitionTime: '2025-01-01T00:00:00Z',
    })
    const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' }
    const conditions = [condition('Accepted'), condition('ResolvedRefs')]
    const parents = [{ parentRef, controllerName: 'example.com/gateway', conditions }]
    const ref = { namespace: 'shop', name: 'web' }
    await shop.world.client.patch(shop.kind, ref, { status: { parents } }, { ...merge, subresource: 'status' })
    await shop.world.run(0)
  }

  test('is edited and put back; a step is done when the controller of its Gateway has taken it up', async () => {
    const shop = await Shop.open(httpRoute)
    const before = await shop.visible()
    await shop.flow({ ...spec, weight: 10 })
    expect(await shop.rule()).toEqual({
      filters: [{ type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Limit', name: 'gold' } }],
      backendRefs: [
        { name: 'web-primary', port: 80, weight: 90 },
        { name: 'web-canary', port: 80, weight: 10 },
      ],
    })
    await shop.world.run(1_000)
    expect(await shop.world.condition('web', 'TrafficAccepted')).toMatchObject({ status: 'Unknown', reason: 'Pending' })
    await answer(shop)
    expect(await shop.world.condition('web', 'TrafficAccepted')).toMatchObject({ status: 'True' })
    await shop.world.deleteFlow('web')
    await shop.world.run(0)
    expect(await shop.visible()).toBe(before)
  })
})

test('an attached split and an own one of the same apex are refused, both by name', async () => {
  const both = definition({
    Running: () => ({
      outputs: {
        trafficsplits: [
          split(10, 'web', { attachTo: { kind: 'VirtualService', name: 'web' } }),
          split(20, 'web', { name: 'own' }),
        ],
      },
    }),
  })
  const world = await World.create({ project: runningProject, definition: both })
  await world.service('web')
  world.start()
  await world.flow('web')
  await world.run(0)
  expect((await world.condition('web'))?.message).toContain(
    "AP2211 Flow shop/web: TrafficSplit web sets weights of shop/web in a user's route, and Flow shop/web: TrafficSplit own is about shop/web too",
  )
})
