import { describe, expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { percentage } from '../../support/worker-inputs.ts'

const version = (world: CanaryWorld, name: string) =>
  world.deployment(name)?.spec?.template.spec?.containers.map(({ image }) => image)

/** A run that is at its first step of two. */
async function atFirstStep(fields = {}): Promise<CanaryWorld> {
  const world = new CanaryWorld({ steps: [10, 50], analysisPeriod: '1h', ...fields })
  await world.run('Waiting')
  world.setImage('podinfo:6.1.0')
  await world.run('Evaluating', 1).catch(() => undefined)
  while (world.weight !== 10) {
    await world.sync()
    world.progress()
    world.now += 5_000
  }
  return world
}

async function say(world: CanaryWorld, verb: string, reason?: string): Promise<void> {
  world.command = { verb, by: 'alice', ...(reason !== undefined && { reason }) }
  await world.sync()
}

describe('promote', () => {
  test('skips the steps that are left', async () => {
    const world = await atFirstStep()
    await say(world, 'promote', 'tried by hand')
    expect([world.phase, world.reason]).toEqual(['Promoting', 'promoted at 10 % by alice: tried by hand'])
    await world.run('Waiting')
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.1.0'])
    expect(world.resource.status?.promoted?.images).toEqual(['podinfo:6.1.0'])
    expect(world.violations).toEqual([])
  })

  test('works before the canary has any pods', async () => {
    const world = new CanaryWorld({ steps: [10] })
    await world.run('Waiting')
    world.setImage('podinfo:6.1.0')
    await world.sync()
    await say(world, 'promote')
    await world.run('Waiting')
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.1.0'])
    expect(world.violations).toEqual([])
  })

  test('is about the template that was tried: not for another that has come meanwhile', async () => {
    const world = await atFirstStep()
    world.setImage('podinfo:6.2.0')
    await say(world, 'promote')
    expect([world.phase, world.refused]).toEqual(['Evaluating', 'the template of podinfo has changed'])
  })

  test('does not help a canary that has lost its pods', async () => {
    const world = await atFirstStep()
    world.lose('podinfo-canary')
    await say(world, 'promote')
    expect(world.phase).toBe('RollBack')
    expect(world.refused).toBe('podinfo-canary lost all of its available replicas')
  })
})

describe('abort', () => {
  test('rolls back at once, and the template is not tried again', async () => {
    const world = await atFirstStep()
    await say(world, 'abort', 'errors in the log')
    expect([world.phase, world.reason]).toEqual(['RollBack', 'aborted by alice: errors in the log'])
    await world.run('Waiting')
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.0.0'])
    expect([world.weight, world.deployment('podinfo-canary')]).toEqual([0, undefined])
    expect(world.reason).toBe('podinfo:6.1.0 was rolled back: aborted by alice: errors in the log')
    expect(world.violations).toEqual([])
  })

  test('gives a primary in the middle of its promotion the old template back', async () => {
    const world = await atFirstStep()
    await say(world, 'promote')
    await world.sync()
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.1.0'])
    await say(world, 'abort')
    expect(world.phase).toBe('RollBack')
    await world.run('Waiting')
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.0.0'])
    expect(world.violations).toEqual([])
  })

  test('comes too late when the primary runs the new template', async () => {
    const world = await atFirstStep()
    await say(world, 'promote')
    await world.sync()
    world.progress()
    await say(world, 'abort')
    expect(world.phase).toBe('Promoting')
    expect(world.refused).toBe('podinfo-primary runs podinfo:6.1.0 already; to go back, change the template')
  })

  test('stops nothing that cannot be looked at, and says so', async () => {
    const world = await atFirstStep()
    world.remove('Deployment', 'podinfo')
    await say(world, 'abort')
    expect(world.phase).toBe('Evaluating')
    expect(world.refused).toBe('Deployment podinfo does not exist; podinfo-primary keeps serving')
    expect(world.weight).toBe(0)
  })
})

describe('retry', () => {
  test('tries the template again that was rolled back', async () => {
    const world = await atFirstStep({ analysisPeriod: '10s' })
    world.measurements = { ...world.measurements, successRate: percentage(60) }
    await world.run('Waiting')
    world.measurements = { ...world.measurements, successRate: percentage(100) }
    await world.sync()
    expect(world.phase).toBe('Waiting')
    await say(world, 'retry')
    expect(world.phase).toBe('Evaluating')
    await world.run('Waiting')
    expect(version(world, 'podinfo-primary')).toEqual(['podinfo:6.1.0'])
    expect(world.violations).toEqual([])
  })

  test('waits for what keeps every new template waiting', async () => {
    const world = await atFirstStep()
    await say(world, 'abort')
    await world.run('Waiting')
    world.edit('deployments', 'podinfo', { spec: { paused: true } })
    await say(world, 'retry')
    expect([world.phase, world.reason]).toEqual(['Waiting', 'podinfo:6.1.0 waits: Deployment podinfo is paused'])
    expect(world.refused).toBeUndefined()
    world.edit('deployments', 'podinfo', { spec: { paused: false } })
    await world.sync()
    expect(world.phase).toBe('Evaluating')
  })

  test('is refused when nothing was rolled back', async () => {
    const world = new CanaryWorld({ steps: [10] })
    await world.run('Waiting')
    await say(world, 'retry')
    expect([world.phase, world.refused]).toEqual(['Waiting', 'podinfo:6.0.0 was not rolled back; it serves'])
  })
})
