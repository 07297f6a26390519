import { describe, expect, test } from 'vitest'
import type { Service } from '../../../src/operator/kinds.ts'
import { CanaryWorld } from '../../support/canary-world.ts'
import { canary, podinfo, podinfoService } from '../../support/podinfo.ts'

describe('a target is taken over', () => {
  test('the primary serves, the target rests, and no request was lost on the way', async () => {
    const world = new CanaryWorld()
    await world.run('Waiting')
    expect(world.deployment()?.spec?.replicas).toBe(0)
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(2)
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo-primary' })
    expect(world.splits).toEqual([
      {
        name: 'podinfo',
        service: 'podinfo',
        backends: [
          { service: 'podinfo-primary', weight: 100 },
          { service: 'podinfo-canary', weight: 0 },
        ],
      },
    ])
    expect(world.resource.status).toMatchObject({
      replicas: 2,
      weight: 0,
      adopted: { deployment: 'podinfo', service: 'podinfo', label: 'app', selector: { app: 'podinfo' } },
      promoted: { images: ['podinfo:6.0.0'] },
    })
    expect(world.violations).toEqual([])
  })

  test('one thing after the other: primary, route, selector, replicas', async () => {
    const world = new CanaryWorld()
    const state = () => ({
      primary: world.deployment('podinfo-primary')?.status?.availableReplicas ?? 0,
      routed: world.splits.length > 0,
      selected: world.service()?.spec?.selector?.['app'] === 'podinfo-primary',
      target: world.deployment()?.spec?.replicas,
    })
    const states = []
    while (world.phase === 'Initializing') {
      await world.sync()
      world.progress()
      states.push(JSON.stringify(state()))
      world.now += 5_000
    }
    expect([...new Set(states)].map((text) => JSON.parse(text))).toEqual([
      { primary: 2, routed: false, selected: false, target: 2 },
      { primary: 2, routed: true, selected: false, target: 2 },
      { primary: 2, routed: true, selected: true, target: 2 },
      { primary: 2, routed: true, selected: true, target: 0 },
    ])
  })

  test('nothing is switched while the mesh does not follow', async () => {
    const world = new CanaryWorld()
    world.meshFollows = false
    for (let count = 0; count < 10; count++) {
      await world.sync()
      world.progress()
      world.now += 5_000
    }
    expect(world.phase).toBe('Initializing')
    expect(world.service()?.spec?.selector).toEqual({ app: 'podinfo' })
    expect(world.deployment()?.spec?.replicas).toBe(2)
    expect(world.reason).toBe('the mesh does not route 0 % of podinfo to podinfo-canary yet')
  })

  test('a primary that does not come up leaves the target serving', async () => {
    const world = new CanaryWorld()
    world.broken.add('podinfo:6.0.0')
    for (let count = 0; count < 5; count++) {
      await world.sync()
      world.progress()
    }
    expect(world.reason).toBe('waiting for the primary: podinfo-primary has 0 of 2 replicas available')
    expect(world.deployment()?.spec?.replicas).toBe(2)
    expect(world.splits).toEqual([])
  })

  test('a target that is scaled up meanwhile gets a primary of that size', async () => {
    const world = new CanaryWorld()
    await world.sync()
    world.edit('deployments', 'podinfo', { spec: { replicas: 5 } })
    world.progress()
    await world.run('Waiting')
    expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(5)
    expect(world.resource.status?.replicas).toBe(5)
  })

  test('dying after any write loses nothing', async () => {
    const world = new CanaryWorld()
    while (world.phase === 'Initializing') {
      await world.sync({ dies: true })
      await world.sync()
      world.progress()
      world.now += 5_000
    }
    expect(world.violations).toEqual([])
    expect(world.resource.status).toMatchObject({
      phase: 'Waiting',
      replicas: 2,
      adopted: { selector: { app: 'podinfo' } },
    })
  })

  test('an autoscaler of the target gets a twin for the primary', async () => {
    const world = new CanaryWorld({}, [
      podinfo(),
      podinfoService(),
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'podinfo', namespace: 'shop' },
        spec: {
          minReplicas: 2,
          maxReplicas: 4,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } } },
          ],
        },
      },
    ])
    await world.run('Waiting')
    expect(world.autoscaler('podinfo-primary')?.spec).toEqual({
      ...world.autoscaler('podinfo')?.spec,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
    })
  })
})

describe('what cannot be taken over is named, and left alone', () => {
  const service = (spec: Partial<Service['spec']>): Service => {
    const object = podinfoService()
    return { ...object, spec: { ...object.spec, ...spec } as NonNullable<Service['spec']> }
  }
  const portless = podinfo()
  for (const container of portless.spec?.template.spec?.containers ?? []) delete container.ports
  const paused = podinfo()
  if (paused.spec) paused.spec.paused = true
  const unlabelled = podinfo()
  if (unlabelled.spec) unlabelled.spec.selector = { matchExpressions: [{ key: 'app', operator: 'Exists' }] }
  const foreign = podinfo({ name: 'podinfo-primary' })

  test.each([
    ['Deployment podinfo does not exist', [podinfoService()], {}],
    ['Service podinfo does not exist', [podinfo()], {}],
    ['Service web does not exist', [podinfo(), podinfoService()], { service: 'web' }],
    ['no container of Deployment podinfo declares a port', [portless, podinfoService()], {}],
    ['Deployment podinfo is paused', [paused, podinfoService()], {}],
    [
      'Deployment podinfo is scaled to 0, so there is nothing to take over',
      [podinfo({ replicas: 0 }), podinfoService()],
      {},
    ],
    [
      'the selector of Deployment podinfo has no matchLabels, so copies of it cannot be told apart',
      [unlabelled, podinfoService()],
      {},
    ],
    [
      'Service podinfo is headless: clients choose pods themselves, so no mesh can split it',
      [podinfo(), service({ clusterIP: 'None' })],
      {},
    ],
    ['Service podinfo is an ExternalName, which no mesh can split', [podinfo(), service({ type: 'ExternalName' })], {}],
    ['Service podinfo has no selector', [podinfo(), service({ selector: {} })], {}],
    ['Service podinfo has no ports', [podinfo(), service({ ports: [] })], {}],
    [
      'Service podinfo does not select the pods of Deployment podinfo: its selector is app=web',
      [podinfo(), service({ selector: { app: 'web' } })],
      {},
    ],
    ['spec.ports names 80, but Service podinfo has 9898, 9797', [podinfo(), podinfoService()], { ports: [9898, 80] }],
    ['Deployment podinfo-primary exists and was not made by this resource', [podinfo(), podinfoService(), foreign], {}],
    ['spec.steps must rise, but steps[1] is 20 after 50', [podinfo(), podinfoService()], { steps: [50, 20] }],
  ])('%s', async (problem, objects, fields) => {
    const world = new CanaryWorld(fields, objects)
    const before = world.deployment()
    const result = await world.sync()
    expect(result).toEqual({ problem })
    expect(world.deployment()).toEqual(before)
    expect(world.splits).toEqual([])
  })

  test('everything that is wrong is said at once', async () => {
    const world = new CanaryWorld({ ports: [80] }, [paused, podinfoService()])
    await world.sync()
    expect(world.problem).toBe('Deployment podinfo is paused; spec.ports names 80, but Service podinfo has 9898, 9797')
  })

  test('what was wrong and is mended is taken over', async () => {
    const world = new CanaryWorld({}, [podinfo()])
    await world.sync()
    world.put(podinfoService())
    await world.run('Waiting')
    expect(world.deployment()?.spec?.replicas).toBe(0)
  })

  test('of two canaries on one target the younger is refused, whichever comes first', async () => {
    const elder = canary('elder')
    const younger = new CanaryWorld()
    younger.resource = {
      ...younger.resource,
      metadata: { ...younger.resource.metadata, creationTimestamp: '2026-01-02T00:00:00Z' },
    }
    younger.others.push(elder)
    await younger.sync()
    expect(younger.problem).toBe('CanaryDeployment elder has the same target; delete one of the two')
    expect(younger.deployment('podinfo-primary')).toBeUndefined()

    const world = new CanaryWorld()
    world.others.push({ ...elder, metadata: { ...elder.metadata, creationTimestamp: '2026-01-02T00:00:00Z' } })
    await world.run('Waiting')
    expect(world.phase).toBe('Waiting')
  })

  test('a canary on a copy made by another is refused', async () => {
    const first = new CanaryWorld()
    await first.run('Waiting')
    const copy = first.deployment('podinfo-primary')
    const service = first.service('podinfo-primary')
    const world = new CanaryWorld(
      { deployment: 'podinfo-primary' },
      [copy, service].filter((object) => object !== undefined),
    )
    await world.sync()
    expect(world.problem).toContain('Deployment podinfo-primary is itself a copy made by CanaryDeployment podinfo')
  })
})
