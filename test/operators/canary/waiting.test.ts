import { describe, expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { podinfo, podinfoService } from '../../support/podinfo.ts'

async function adopted(fields = {}): Promise<CanaryWorld> {
  const world = new CanaryWorld(fields)
  await world.run('Waiting')
  return world
}

describe('while nothing is to be tried', () => {
  test('a call changes nothing', async () => {
    const world = await adopted()
    const before = [
      world.deployment(),
      world.deployment('podinfo-primary'),
      world.service(),
      world.resource,
      world.splits,
    ]
    await world.sync()
    expect([
      world.deployment(),
      world.deployment('podinfo-primary'),
      world.service(),
      world.resource,
      world.splits,
    ]).toEqual(before)
    expect(world.reason).toBe('podinfo-primary runs podinfo:6.0.0')
  })

  test('what users do to the primary is left alone: replicas, labels and annotations', async () => {
    const world = await adopted()
    world.edit('deployments', 'podinfo-primary', {
      metadata: { labels: { tier: 'gold' }, annotations: { note: 'ours' } },
      spec: { replicas: 7 },
    })
    world.progress()
    await world.sync()
    const primary = world.deployment('podinfo-primary')
    expect(primary?.spec?.replicas).toBe(7)
    expect(primary?.metadata).toMatchObject({ labels: { tier: 'gold' }, annotations: { note: 'ours' } })
  })

  test('what was deleted or bent by accident comes back', async () => {
    const world = await adopted()
    world.remove('Deployment', 'podinfo-primary')
    world.remove('Service', 'podinfo-canary')
    world.put(podinfoService())
    await world.sync()
    world.progress()
    expect(world.deployment('podinfo-primary')?.spec?.template.spec?.containers[0]?.image).toBe('podinfo:6.0.0')
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(2)
    expect(world.service('podinfo-canary')).toBeDefined()
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo-primary' })
  })

  test('applying the unchanged manifest again puts the target back to rest and keeps the size of the primary', async () => {
    const world = await adopted()
    world.edit('deployments', 'podinfo-primary', { spec: { replicas: 5 } })
    world.edit('deployments', 'podinfo', { spec: { replicas: 2 } })
    await world.sync()
    expect(world.deployment()?.spec?.replicas).toBe(0)
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(5)
  })

  test('another number of replicas in the manifest is meant for what serves', async () => {
    const world = await adopted()
    world.edit('deployments', 'podinfo', { spec: { replicas: 4 } })
    await world.sync()
    expect(world.deployment()?.spec?.replicas).toBe(0)
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(4)
    expect(world.resource.status?.replicas).toBe(4)
  })

  test('where an autoscaler rules, the number in the manifest does not', async () => {
    const world = await adopted()
    world.put({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'cpu', namespace: 'shop' },
      spec: { maxReplicas: 4, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } },
    })
    world.edit('deployments', 'podinfo', { spec: { replicas: 4 } })
    await world.sync()
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(2)
    expect(world.autoscaler('cpu-primary')).toBeDefined()
    world.remove('HorizontalPodAutoscaler', 'cpu')
    await world.sync()
    expect(world.autoscaler('cpu-primary')).toBeUndefined()
  })

  test('a new port of the Service reaches the copies', async () => {
    const world = await adopted()
    world.edit('services', 'podinfo', {
      spec: { ports: [{ name: 'grpc', port: 9999, targetPort: 'grpc', appProtocol: 'grpc', nodePort: 30_002 }] },
    })
    await world.sync()
    const port = { name: 'grpc', port: 9999, targetPort: 'grpc', appProtocol: 'grpc' }
    expect(world.service('podinfo-primary')?.spec?.ports).toEqual([port])
    expect(world.service('podinfo-canary')?.spec?.ports).toEqual([port])
  })
})

describe('a changed pod template', () => {
  test('is tried', async () => {
    const world = await adopted()
    world.setImage('podinfo:6.1.0')
    const result = await world.sync()
    expect(result).toMatchObject({ next: 'Evaluating', reason: 'podinfo asks for podinfo:6.1.0' })
    expect(world.resource.status?.candidate?.images).toEqual(['podinfo:6.1.0'])
  })

  test('is one when only the restart annotation changed, so that a restart is tried like any other version', async () => {
    const world = await adopted()
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T10:00:00Z' }
    world.edit('deployments', 'podinfo', { spec: { template: { metadata: { annotations } } } })
    expect(await world.sync()).toMatchObject({ next: 'Evaluating' })
  })

  test('waits until the target is resumed, the primary is available and the spec makes sense', async () => {
    const world = await adopted()
    world.setImage('podinfo:6.1.0')
    world.edit('deployments', 'podinfo', { spec: { paused: true } })
    await world.sync()
    expect(world.reason).toBe('podinfo:6.1.0 waits: Deployment podinfo is paused')
    world.edit('deployments', 'podinfo', { spec: { paused: null } })
    world.lose('podinfo-primary')
    await world.sync()
    expect(world.reason).toBe('podinfo:6.1.0 waits: podinfo-primary has 0 of 2 replicas available')
    world.progress()
    const { spec } = world.resource
    world.resource = { ...world.resource, spec: { ...spec, steps: [10], stepWeight: 5 } }
    await world.sync()
    expect(world.reason).toBe(
      'podinfo:6.1.0 waits: spec.steps cannot be combined with spec.stepWeight and spec.maxWeight: give one form',
    )
    world.resource = { ...world.resource, spec }
    await world.sync()
    expect(world.phase).toBe('Evaluating')
  })
})

describe('what vanishes is named and nothing is touched', () => {
  test.each([
    [
      'Deployment podinfo does not exist; podinfo-primary keeps serving',
      (world: CanaryWorld) => world.remove('Deployment', 'podinfo'),
    ],
    ['Service podinfo does not exist', (world: CanaryWorld) => world.remove('Service', 'podinfo')],
    [
      'the status of this resource was emptied; delete the resource and create it again',
      (world: CanaryWorld) => {
        world.resource = { ...world.resource, status: { phase: 'Waiting' } }
      },
    ],
    [
      'the target cannot be changed from podinfo (Service podinfo); delete this resource and create another one',
      (world: CanaryWorld) => {
        world.resource = { ...world.resource, spec: { ...world.resource.spec, deployment: 'web' } }
      },
    ],
    [
      'the selector of Deployment podinfo is not the one that was taken over; delete this resource and create it again',
      (world: CanaryWorld) => {
        const target = podinfo()
        if (target.spec) target.spec.selector = { matchLabels: { app: 'podinfo', tier: 'web' } }
        world.put(target)
      },
    ],
  ])('%s', async (problem, change) => {
    const world = await adopted()
    change(world)
    expect(await world.sync()).toEqual({ problem })
    expect(world.phase).toBe('Waiting')
  })
})
