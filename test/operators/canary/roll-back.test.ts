import { expect, test } from 'vitest'
import { CanaryWorld } from '../../support/canary-world.ts'
import { percentage } from '../../support/worker-inputs.ts'

async function failed(): Promise<CanaryWorld> {
  const world = new CanaryWorld({ steps: [20] })
  await world.run('Waiting')
  world.setImage('podinfo:6.1.0')
  world.measurements = { ...world.measurements, successRate: percentage(97.2) }
  await world.run('RollBack')
  return world
}

test('the canary goes after its traffic, and the reason stays to be read', async () => {
  const world = new CanaryWorld({ steps: [20] })
  await world.run('Waiting')
  world.setImage('podinfo:6.1.0')
  world.measurements = { ...world.measurements, successRate: percentage(97.2) }
  while (world.phase !== 'RollBack') {
    await world.sync()
    world.progress()
    world.now += 10_000
  }
  world.meshFollows = false
  await world.sync()
  expect(world.weight).toBe(0)
  await world.sync()
  expect(world.deployment('podinfo-canary')).toBeDefined()
  world.meshFollows = true
  await world.sync()
  world.now += 4_999
  await world.sync()
  expect(world.deployment('podinfo-canary')).toBeDefined()
  world.now += 1
  await world.sync()
  expect(world.deployment('podinfo-canary')).toBeUndefined()
  await world.sync()
  expect(world.phase).toBe('Waiting')
  expect(world.reason).toBe('podinfo:6.1.0 was rolled back: at 20 % (step 1 of 1): success rate 97.2 % is below 99 %')
  expect(world.violations).toEqual([])
})

test('the same template is not tried again, another one is', async () => {
  const world = await failed()
  await world.run('Waiting')
  world.measurements = { ...world.measurements, successRate: percentage(100) }
  for (let count = 0; count < 5; count++) await world.sync()
  expect(world.phase).toBe('Waiting')
  world.setImage('podinfo:6.1.1')
  await world.run('Evaluating')
  await world.run('Waiting')
  expect(world.resource.status?.promoted?.images).toEqual(['podinfo:6.1.1'])
  expect(world.resource.status?.failed).toBeUndefined()
})

test('going back to the promoted template forgets the failure', async () => {
  const world = await failed()
  await world.run('Waiting')
  world.setImage('podinfo:6.0.0')
  await world.sync()
  expect(world.resource.status?.failed).toBeUndefined()
  expect(world.reason).toBe('podinfo-primary runs podinfo:6.0.0')
})

test('a decision to go back survives a mesh that answers late', async () => {
  const world = new CanaryWorld({ steps: [20, 40] })
  await world.run('Waiting')
  world.meshAnswersLate = true
  world.setImage('podinfo:6.1.0')
  const weights: (number | undefined)[] = []
  for (let count = 0; count < 40; count++) {
    await world.sync()
    world.progress()
    if (weights.at(-1) !== world.weight) weights.push(world.weight)
    if (world.weight === 20) world.measurements = { ...world.measurements, successRate: percentage(50) }
    if (world.phase === 'RollBack') world.measurements = { ...world.measurements, successRate: percentage(100) }
    world.now += 5_000
  }
  expect(weights).toEqual([0, 20, 0])
  expect(world.phase).toBe('Waiting')
  expect(world.resource.status?.failed?.images).toEqual(['podinfo:6.1.0'])
  expect(world.violations).toEqual([])
})

test('dying at any instruction loses nothing', async () => {
  const world = await failed()
  while (world.phase === 'RollBack') {
    await world.sync({ dies: true })
    await world.sync()
    world.now += 5_000
  }
  expect(world.phase).toBe('Waiting')
  expect(world.deployment('podinfo-canary')).toBeUndefined()
  expect(world.violations).toEqual([])
})
