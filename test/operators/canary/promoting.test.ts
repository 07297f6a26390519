import { describe, expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'

async function promoting(strategy?: object): Promise<CanaryWorld> {
  const world = new CanaryWorld({ steps: [20, 60] })
  if (strategy) world.edit('deployments', 'podinfo', { spec: { strategy } })
  world.progress()
  await world.run('Waiting')
  world.setImage('podinfo:6.1.0')
  await world.run('Evaluating')
  while (world.phase === 'Evaluating') {
    world.now += 10_000
    await world.sync()
  }
  expect(world.phase).toBe('Promoting')
  return world
}

function image(world: CanaryWorld, name: string): string | undefined {
  return world.deployment(name)?.spec?.template.spec?.containers[0]?.image
}

describe('a version that passed', () => {
  test('is on every replica of the primary before traffic moves, and the canary goes last', async () => {
    const world = await promoting()
    await world.sync()
    expect(image(world, 'podinfo-primary')).toBe('podinfo:6.1.0')
    expect(world.weight).toBe(60)
    await world.sync()
    expect(world.weight).toBe(60)
    world.progress()
    await world.sync()
    expect(world.weight).toBe(0)
    expect(world.deployment('podinfo-canary')).toBeDefined()
    world.now += 1_000
    await world.sync()
    world.now += 4_999
    await world.sync()
    expect(world.deployment('podinfo-canary')).toBeDefined()
    world.now += 1
    expect(await world.sync()).toMatchObject({ next: 'Waiting', reason: 'podinfo:6.1.0 is promoted' })
    expect(world.deployment('podinfo-canary')).toBeUndefined()
    expect(world.resource.status).toMatchObject({
      promoted: { images: ['podinfo:6.1.0'] },
      promotions: [{ images: ['podinfo:6.1.0'] }],
    })
    expect(world.resource.status?.candidate).toBeUndefined()
    expect(world.violations).toEqual([])
  })

  test('is not moved to before the mesh has followed', async () => {
    const world = await promoting()
    await world.sync()
    world.progress()
    world.meshFollows = false
    for (let count = 0; count < 10; count++) {
      await world.sync()
      world.now += 60_000
    }
    expect(world.phase).toBe('Promoting')
    expect(world.deployment('podinfo-canary')).toBeDefined()
    world.meshFollows = true
    await world.run('Waiting')
  })

  test('dying at any instruction loses nothing', async () => {
    const world = await promoting()
    while (world.phase === 'Promoting') {
      await world.sync({ dies: true })
      await world.sync()
      world.progress()
      world.now += 5_000
    }
    expect(world.phase).toBe('Waiting')
    expect(world.resource.status?.promotions).toHaveLength(1)
    expect(world.violations).toEqual([])
  })

  test.each([
    ['Recreate', { type: 'Recreate', rollingUpdate: null }],
    ['a generous maxUnavailable', { rollingUpdate: { maxUnavailable: '100%' } }],
  ])('leaves the traffic to the canary while the primary is replaced by %s', async (_, strategy) => {
    const world = await promoting(strategy)
    await world.sync()
    expect(image(world, 'podinfo-primary')).toBe('podinfo:6.0.0')
    expect(world.weight).toBe(100)
    await world.sync()
    expect(image(world, 'podinfo-primary')).toBe('podinfo:6.1.0')
    await world.run('Waiting')
    expect(world.weight).toBe(0)
    expect(world.violations.filter((violation) => violation.includes('%'))).toEqual([])
  })

  test('moves to the primary early when the canary dies meanwhile', async () => {
    const world = await promoting()
    await world.sync()
    world.lose('podinfo-canary')
    await world.sync()
    expect([world.phase, world.weight]).toEqual(['Promoting', 0])
    world.progress()
    await world.run('Waiting')
    expect(image(world, 'podinfo-primary')).toBe('podinfo:6.1.0')
  })

  test('is finished when the target changes once more, and the new template is tried after it', async () => {
    const world = await promoting()
    world.setImage('podinfo:6.2.0')
    await world.run('Waiting')
    expect(world.resource.status?.promotions?.map(({ images }) => images[0])).toEqual([
      'podinfo:6.1.0',
      'podinfo:6.2.0',
    ])
  })
})

describe('a primary that does not come up with the new template', () => {
  test('gets its old one back while the canary carries its share, and the version counts as failed', async () => {
    const world = await promoting()
    world.broken.add('podinfo:6.1.0')
    await world.sync()
    world.progress()
    world.now += 600_000
    expect(await world.sync()).toMatchObject({
      next: 'RollBack',
      reason: 'podinfo-primary has 1 of 2 replicas available with the new template after 10m',
    })
    expect(world.weight).toBe(60)
    await world.sync()
    expect(image(world, 'podinfo-primary')).toBe('podinfo:6.0.0')
    expect(world.weight).toBe(60)
    await world.sync()
    world.progress()
    await world.sync()
    expect(world.weight).toBe(0)
    await world.run('Waiting')
    expect(world.reason).toContain('podinfo:6.1.0 was rolled back: podinfo-primary has 1 of 2')
    expect(world.deployment('podinfo-canary')).toBeUndefined()
    expect(world.violations).toEqual([])
  })

  test('hands over to what is left of it when the canary dies on the way back', async () => {
    const world = await promoting()
    world.broken.add('podinfo:6.1.0')
    await world.sync()
    world.progress()
    world.now += 600_000
    await world.sync()
    world.lose('podinfo-canary')
    await world.sync()
    expect([world.phase, world.weight]).toEqual(['RollBack', 0])
  })
})
