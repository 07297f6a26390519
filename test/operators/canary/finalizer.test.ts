import { describe, expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { podinfoService } from '../../support/podinfo.ts'
import { percentage } from '../../support/worker-inputs.ts'

async function release(world: CanaryWorld, options = {}): Promise<void> {
  for (let count = 0; count < 50; count++) {
    if (Object.keys(options).length > 0) await world.finalize(options)
    if ((await world.finalize()).done) return
    world.progress()
    world.now += 5_000
  }
  throw new Error(`not released: ${world.reason}`)
}

function given(world: CanaryWorld) {
  return {
    replicas: world.deployment()?.spec?.replicas,
    available: world.deployment()?.status?.availableReplicas,
    image: world.deployment()?.spec?.template.spec?.containers[0]?.image,
    selector: world.service()?.spec?.selector,
    splits: world.splits,
    copies: ['podinfo-primary', 'podinfo-canary'].filter((name) => world.deployment(name) ?? world.service(name)),
  }
}

const released = {
  replicas: 2,
  available: 2,
  image: 'podinfo:6.0.0',
  selector: { app: 'podinfo' },
  splits: [],
  copies: [],
}

describe('deleting the resource gives everything back without losing a request', () => {
  test('at rest', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    await release(world)
    expect(given(world)).toEqual(released)
    expect(world.violations).toEqual([])
  })

  test('in the order of the adoption, reversed', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    const states: string[] = []
    const note = () =>
      states.push(
        [
          `target ${world.deployment()?.status?.availableReplicas}`,
          world.service()?.spec?.selector?.['app'],
          world.splits.length > 0 ? 'routed' : 'free',
          world.deployment('podinfo-primary') ? 'copied' : 'alone',
        ].join(', '),
      )
    for (let done = false; !done; world.now += 5_000) {
      done = (await world.finalize()).done
      note()
      world.progress()
      note()
    }
    expect([...new Set(states)]).toEqual([
      'target 0, podinfo-primary, routed, copied',
      'target 2, podinfo-primary, routed, copied',
      'target 2, podinfo, routed, copied',
      'target 2, podinfo, free, copied',
      'target 2, podinfo, free, alone',
    ])
  })

  test('in the middle of an analysis: the target gets what was promoted, not what was being tried', async () => {
    const world = new CanaryWorld({ steps: [20, 60] })
    await world.run('Waiting')
    world.setImage('podinfo:6.1.0')
    await world.sync()
    for (let count = 0; count < 3; count++) {
      await world.sync()
      world.progress()
    }
    expect(world.weight).toBe(20)
    await release(world)
    expect(given(world)).toEqual(released)
    expect(world.violations).toEqual([])
  })

  test('after a rollback: the bad template is not shipped', async () => {
    const world = new CanaryWorld({ steps: [20] })
    await world.run('Waiting')
    world.measurements = { ...world.measurements, successRate: percentage(10) }
    world.setImage('podinfo:6.1.0')
    world.edit('deployments', 'podinfo', { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } })
    await world.run('RollBack')
    await world.run('Waiting')
    await release(world)
    expect(given(world)).toEqual(released)
    expect(world.deployment()?.spec?.template.spec?.nodeSelector).toBeUndefined()
  })

  test('with the replicas that serve now', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    world.edit('deployments', 'podinfo-primary', { spec: { replicas: 9 } })
    world.progress()
    await release(world)
    expect(given(world)).toEqual({ ...released, replicas: 9, available: 9 })
  })

  test('when the operator dies at any instruction', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    await release(world, { dies: true })
    expect(given(world)).toEqual(released)
    expect(world.violations).toEqual([])
  })

  test('not before the target is available', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    world.broken.add('podinfo:6.0.0')
    for (let count = 0; count < 10; count++) {
      expect((await world.finalize()).done).toBe(false)
      world.progress()
      world.now += 600_000
    }
    expect(world.reason).toBe('giving the traffic back: podinfo has 0 of 2 replicas available')
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo-primary' })
  })
})

describe('deleting is not held up', () => {
  test('before anything was taken over', async () => {
    const world = new CanaryWorld()
    expect(await world.finalize()).toEqual({ done: true })
    const started = new CanaryWorld()
    await started.sync()
    await release(started)
    expect(given(started)).toEqual(released)
  })

  test('by a target that is gone', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    world.remove('Deployment', 'podinfo')
    expect((await world.finalize()).done).toBe(true)
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo' })
  })

  test('by a Service that is gone', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    world.remove('Service', 'podinfo')
    await release(world)
    expect(world.deployment()?.spec?.replicas).toBe(2)
  })

  test('by a namespace that is going, target and Service with it', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    const metadata = { deletionTimestamp: '2026-01-01T01:00:00Z' }
    world.edit('deployments', 'podinfo', { metadata })
    world.edit('services', 'podinfo', { metadata })
    expect(await world.finalize()).toEqual({ done: true })
  })
})

test('a Service that its owner pointed elsewhere meanwhile is left alone', async () => {
  const world = new CanaryWorld()
  await world.run('Waiting')
  const service = podinfoService()
  if (service.spec) service.spec.selector = { app: 'maintenance' }
  world.put(service)
  await release(world)
  expect(world.service()?.spec?.selector).toEqual({ app: 'maintenance' })
})

test('a selector that the promoted template has outgrown gives way to the labels of the target', async () => {
  const world = new CanaryWorld({ steps: [50] })
  world.edit('deployments', 'podinfo', { spec: { template: { metadata: { labels: { version: 'v1' } } } } })
  world.edit('services', 'podinfo', { spec: { selector: { version: 'v1' } } })
  world.progress()
  await world.run('Waiting')
  world.edit('deployments', 'podinfo', { spec: { template: { metadata: { labels: { version: 'v2' } } } } })
  await world.run('Evaluating')
  await world.run('Waiting')
  await release(world)
  expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo' })
  expect(world.violations).toEqual([])
})
