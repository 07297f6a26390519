import { describe, expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { milliseconds, percentage } from '../../support/worker-inputs.ts'

/** A world whose canary has just come up; the next call gives it the first weight. */
async function evaluating(fields = {}): Promise<CanaryWorld> {
  const world = new CanaryWorld({ steps: [10, 50], ...fields })
  await world.run('Waiting')
  world.setImage('podinfo:6.1.0')
  await world.sync()
  await world.sync()
  world.progress()
  return world
}

async function later(world: CanaryWorld, seconds: number) {
  world.now += seconds * 1_000
  const result = await world.sync()
  world.progress()
  return result
}

describe('the canary gets its share step by step', () => {
  test('with as many replicas as the primary, at zero until all of them are available', async () => {
    const world = new CanaryWorld({ steps: [10] })
    await world.run('Waiting')
    world.edit('deployments', 'podinfo-primary', { spec: { replicas: 3 } })
    world.setImage('podinfo:6.1.0')
    world.progress()
    await world.sync()
    await world.sync()
    expect(world.deployment('podinfo-canary')?.spec?.replicas).toBe(3)
    await world.sync()
    expect(world.reason).toBe('podinfo-canary has 0 of 3 replicas available')
    expect(world.weight).toBe(0)
    world.progress()
    await world.sync()
    expect(world.weight).toBe(10)
  })

  test('each step lasts the analysis period, and the next call is asked for exactly when it ends', async () => {
    const world = await evaluating()
    expect(await later(world, 0)).toMatchObject({ after: 1_000, reason: '10 % (step 1 of 2)' })
    expect(await later(world, 1)).toMatchObject({ after: 9_000 })
    expect(world.weight).toBe(10)
    await later(world, 9)
    expect(world.weight).toBe(50)
    await later(world, 1)
    await later(world, 8)
    expect(world.phase).toBe('Evaluating')
    expect(await later(world, 1)).toMatchObject({
      next: 'Promoting',
      reason: '50 % (step 2 of 2): success rate 100 %; podinfo:6.1.0 has passed every step',
    })
  })

  test('a long step is judged after every full window', async () => {
    const world = await evaluating({ analysisPeriod: '5m', measurementInterval: '1m' })
    await later(world, 0)
    expect(await later(world, 30)).toMatchObject({ after: 30_000 })
    expect(await later(world, 30)).toMatchObject({ after: 60_000, reason: '10 % (step 1 of 2): success rate 100 %' })
    world.measurements = { ...world.measurements, successRate: percentage(50) }
    await later(world, 60)
    expect(world.phase).toBe('RollBack')
  })

  test('a step begins when the mesh has taken the weight up', async () => {
    const world = await evaluating()
    world.meshFollows = false
    await later(world, 0)
    await later(world, 1)
    expect(world.reason).toBe('the mesh does not route 10 % of podinfo to podinfo-canary yet')
    await later(world, 60)
    expect(world.weight).toBe(10)
    world.meshFollows = true
    await later(world, 1)
    await later(world, 9)
    expect(world.weight).toBe(10)
    await later(world, 1)
    expect(world.weight).toBe(50)
  })

  test('a mesh that refuses the weight has the progress deadline to change its mind', async () => {
    const world = await evaluating()
    await later(world, 0)
    const conditions = [
      {
        type: 'TrafficAccepted',
        status: 'False' as const,
        reason: 'Rejected',
        message: 'no parent',
        lastTransitionTime: '',
        observedGeneration: 1,
      },
    ]
    world.resource = { ...world.resource, status: { ...world.resource.status, conditions } }
    await later(world, 10)
    expect(world.reason).toBe('the mesh refuses the route of podinfo: no parent')
    await later(world, 599)
    expect([world.phase, world.weight]).toEqual(['Evaluating', 10])
    await later(world, 1)
    expect(world.phase).toBe('RollBack')
  })

  test('a mesh that answers late is waited for at every step, and never asked to go back', async () => {
    const world = await evaluating()
    world.meshAnswersLate = true
    const weights = [world.weight]
    for (let count = 0; count < 60 && world.phase !== 'Promoting'; count++) {
      await later(world, 1)
      if (weights.at(-1) !== world.weight) weights.push(world.weight)
    }
    expect(weights).toEqual([0, 10, 50])
    expect(world.phase).toBe('Promoting')
    expect(world.resource.status?.weight).toBe(50)
  })

  test('a step begins with the answer of a mesh that answers late', async () => {
    const world = await evaluating()
    world.meshAnswersLate = true
    await later(world, 0)
    expect([world.weight, world.resource.status?.weight]).toEqual([10, 0])
    await later(world, 120)
    expect(world.resource.status).toMatchObject({ weight: 10, stepSince: new Date(world.now).toISOString() })
  })

  test('a plan that is changed in the middle is followed from the present weight', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.resource = { ...world.resource, spec: { ...world.resource.spec, steps: [5, 7, 30, 40] } }
    await later(world, 10)
    expect(world.weight).toBe(30)
  })

  test('a plan that stops making sense holds the weight', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.resource = { ...world.resource, spec: { ...world.resource.spec, steps: [50, 50] } }
    await later(world, 600)
    expect(world.reason).toBe('spec.steps must rise, but steps[1] is 50 after 50')
    expect(world.weight).toBe(10)
  })

  test('pausing the target holds the weight, resuming it goes on', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.edit('deployments', 'podinfo', { spec: { paused: true } })
    await later(world, 3_600)
    expect(world.reason).toBe('held at 10 %: Deployment podinfo is paused')
    expect(world.weight).toBe(10)
    world.edit('deployments', 'podinfo', { spec: { paused: null } })
    await later(world, 1)
    expect(world.weight).toBe(50)
  })
})

describe('a canary that does badly loses its traffic: first the decision is on record, then the weight goes', () => {
  test.each([
    ['at 10 % (step 1 of 2): success rate 98 % is below 99 %', { successRate: percentage(98) }],
    ['at 10 % (step 1 of 2): 99th percentile of the latency 800 ms is above 500ms', { latency: milliseconds(800) }],
  ])('%s', async (reason, measured) => {
    const world = await evaluating({ maxLatency: '500ms' })
    world.measurements = { ...world.measurements, ...measured }
    await later(world, 0)
    expect(await later(world, 10)).toMatchObject({ next: 'RollBack', reason })
    await world.sync()
    expect(world.weight).toBe(0)
    expect(world.resource.status?.failed).toMatchObject({ images: ['podinfo:6.1.0'], reason })
  })

  test('one that does not come up within the progress deadline', async () => {
    const world = await evaluating()
    world.broken.add('podinfo:6.1.0')
    world.lose('podinfo-canary')
    world.remove('Deployment', 'podinfo-canary')
    await later(world, 0)
    expect(await later(world, 599)).toMatchObject({ after: 1_000 })
    expect(await later(world, 1)).toMatchObject({
      next: 'RollBack',
      reason: 'podinfo-canary has 0 of 2 replicas available, for 10m',
    })
  })

  test('one that loses all of its replicas in the middle', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.lose('podinfo-canary')
    expect(await world.sync()).toMatchObject({
      next: 'RollBack',
      reason: 'podinfo-canary lost all of its available replicas',
    })
    await world.sync()
    expect(world.weight).toBe(0)
  })

  test('not when the primary has nothing to take the traffic with', async () => {
    const world = await evaluating()
    world.measurements = { ...world.measurements, successRate: percentage(0) }
    await later(world, 0)
    world.now += 10_000
    world.lose('podinfo-primary')
    await world.sync()
    expect(world.phase).toBe('Evaluating')
    expect(world.reason).toContain('podinfo-primary has no available replica')
    expect(world.weight).toBe(10)
  })
})

describe('a measurement that says nothing', () => {
  test.each([
    ['wait', 'Evaluating', 10],
    ['fail', 'RollBack', 0],
    ['proceed', 'Evaluating', 50],
  ])('without traffic, %s: %s at %i %', async (noTraffic, phase, weight) => {
    const world = await evaluating({ noTraffic })
    world.measurements = { ...world.measurements, successRate: { state: 'no-data', text: 'no traffic in the last 1m' } }
    await later(world, 0)
    await later(world, 10)
    if (world.phase === 'RollBack') await world.sync()
    expect([world.phase, world.weight]).toEqual([phase, weight])
  })

  test('waiting for traffic has no deadline', async () => {
    const world = await evaluating()
    world.measurements = { ...world.measurements, successRate: { state: 'no-data', text: 'no traffic in the last 1m' } }
    await later(world, 0)
    await later(world, 86_400)
    expect(world.reason).toBe('10 % (step 1 of 2): no traffic in the last 1m')
    expect([world.phase, world.weight]).toEqual(['Evaluating', 10])
  })

  test.each([
    ['Prometheus down', { state: 'error', text: 'Prometheus cannot be reached' } as const],
    ['not a number', { state: 'ok', value: Number.NaN, text: 'NaN %' } as const],
  ])('%s is neither success nor failure, and ends at the progress deadline', async (_, successRate) => {
    const world = await evaluating()
    const healthy = world.measurements
    world.measurements = { ...healthy, successRate }
    await later(world, 0)
    expect(await later(world, 10)).toMatchObject({ after: 10_000 })
    expect([world.phase, world.weight]).toEqual(['Evaluating', 10])
    expect(world.reason).toContain('no measurement of the success rate: ')
    world.measurements = healthy
    await later(world, 300)
    expect(world.weight).toBe(50)
    world.measurements = { ...healthy, successRate }
    await later(world, 10)
    await later(world, 599)
    expect(world.phase).toBe('Evaluating')
    await later(world, 1)
    expect(world.phase).toBe('RollBack')
  })

  test('a definite failure outweighs a measurement that could not be had', async () => {
    const world = await evaluating({ maxLatency: '500ms' })
    world.measurements = { successRate: { state: 'error', text: 'slow' }, latency: milliseconds(900) }
    await later(world, 0)
    await later(world, 10)
    expect(world.phase).toBe('RollBack')
  })
})

describe('a template that changes in the middle', () => {
  test('starts over: the traffic goes first, then the canary gets the new one', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.setImage('podinfo:6.2.0')
    await world.sync()
    expect(world.weight).toBe(0)
    expect(image(world)).toBe('podinfo:6.1.0')
    world.now += 1_000
    await world.sync()
    expect(image(world)).toBe('podinfo:6.2.0')
    expect(world.resource.status?.candidate?.images).toEqual(['podinfo:6.2.0'])
    await world.run('Promoting')
    expect(world.violations).toEqual([])
  })

  test('and goes back to what is promoted ends the run without blame', async () => {
    const world = await evaluating()
    await later(world, 0)
    world.setImage('podinfo:6.0.0')
    expect(await world.sync()).toMatchObject({ next: 'RollBack', reason: 'the template of podinfo was changed back' })
    expect(world.resource.status?.failed).toBeUndefined()
    await world.run('Waiting')
    expect(world.deployment('podinfo-canary')).toBeUndefined()
  })
})

test('replicas asked for in the middle reach the primary', async () => {
  const world = await evaluating()
  await later(world, 0)
  world.edit('deployments', 'podinfo', { spec: { replicas: 6 } })
  await world.sync()
  expect(world.deployment()?.spec?.replicas).toBe(0)
  expect(world.deployment('podinfo-primary')?.spec?.replicas).toBe(6)
  expect(world.resource.status?.replicas).toBe(6)
})

test('without a target the canary has no traffic, and it starts again when the target is back', async () => {
  const world = await evaluating()
  await later(world, 0)
  const target = world.deployment()
  world.remove('Deployment', 'podinfo')
  await world.sync()
  expect(world.problem).toBe('Deployment podinfo does not exist; podinfo-primary keeps serving')
  expect(world.weight).toBe(0)
  if (target) world.put(target)
  await later(world, 5)
  expect([world.phase, world.weight]).toEqual(['Evaluating', 10])
})

function image(world: CanaryWorld): string | undefined {
  return world.deployment('podinfo-canary')?.spec?.template.spec?.containers[0]?.image
}
