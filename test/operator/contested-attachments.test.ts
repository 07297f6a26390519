import { describe, expect, test } from 'vitest'
import type { TrafficInput } from '../../src/operator/worker.ts'
import { definition, runningProject, split } from './support/flows.ts'
import { Shop, shared, virtualService } from './support/shop.ts'
import { World } from './support/world.ts'

describe('a tool that insists on what is in its repository', () => {
  /** Writes the route as it is in the repository, each time it differs. */
  async function insist(shop: Shop): Promise<void> {
    await shop.change((spec) => Object.assign(spec, structuredClone(virtualService.spec)), 'argocd-controller')
    await shop.world.run(0)
  }

  test('is answered at once and named, then later each time, and the route is put back as the tool wants it', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    await insist(shop)
    expect(await shop.rule()).toMatchObject(shared(20))
    const named =
      'Warning WeightsContested: AP4017 argocd-controller has set other weights in VirtualService shop/web than Flow shop/web asks for.'
    expect(await shop.world.events('web')).toEqual([expect.stringContaining(named)])
    await insist(shop)
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
    expect(await shop.world.condition('web')).toMatchObject({ status: 'False', reason: 'WeightsContested' })
    await shop.world.run(1_500)
    expect(await shop.rule()).toMatchObject(shared(20))
    expect(await shop.world.condition('web')).toMatchObject({ status: 'True' })
    await insist(shop)
    await shop.world.run(1_500)
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
    await shop.world.run(1_000)
    expect(await shop.rule()).toMatchObject(shared(20))
    await shop.edit({ weight: null })
    expect((await shop.live())?.spec).toEqual(virtualService.spec)
  })

  test('does not keep the worker from seeing that its weights are there again', async () => {
    const seen: unknown[] = []
    const looking = definition({
      Running: (context) => {
        const traffic = context.inputs['trafficsplits'] as TrafficInput
        const [rule] = traffic.observed('web').attached ?? []
        seen.push(rule?.backends.map(({ weight }) => weight).join('/'))
        const attachTo = { kind: 'VirtualService', name: 'web', rules: ['everybody'] } as const
        return { outputs: { trafficsplits: [split(20, 'web', { attachTo })] }, after: '1h' }
      },
    })
    const world = await World.create({ project: runningProject, definition: looking })
    const shop = new Shop(world, virtualService)
    await world.client.create(shop.kind, virtualService)
    world.start()
    await shop.flow({})
    await world.run(6_000)
    await insist(shop)
    expect(seen).toEqual([undefined, '1', '80/20'])
  })

  test('costs at most a write a minute in the long run', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    let writes = 0
    shop.world.server.onWrite(({ object }) => {
      if (object.kind === 'VirtualService' && JSON.stringify(object.spec).includes('"weight":20')) writes += 1
    })
    for (let minute = 0; minute < 30; minute++) {
      for (let second = 0; second < 60; second += 5) {
        if (JSON.stringify(await shop.rule()) !== JSON.stringify((virtualService.spec as { http: unknown[] }).http[1]))
          await insist(shop)
        await shop.world.run(5_000)
      }
    }
    expect(writes).toBeGreaterThan(25)
    expect(writes).toBeLessThan(40)
  })

  test('another weight of the split itself is no contest, nor is an edit of something else', async () => {
    const shop = await Shop.open()
    await shop.flow({ weight: 20 })
    await shop.edit({ weight: 30 })
    await shop.change(({ http }) => {
      Object.assign(http[1] ?? {}, { timeout: '1s' })
      for (const destination of http[1]?.route ?? []) Object.assign(destination, { headers: {} })
    })
    await shop.world.run(0)
    expect(await shop.rule()).toMatchObject({ ...shared(30), timeout: '1s' })
    expect(await shop.world.events('web')).toEqual([])
  })
})
