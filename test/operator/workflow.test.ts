import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { PhaseResult, WorkerContext } from '../../src/operator/worker.ts'
import { flowProject, phase, World, type WorldOptions } from './support/world.ts'

const worlds: World[] = []
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
})

async function worldOf(options: WorldOptions): Promise<World> {
  const world = await World.create(options)
  worlds.push(world)
  return world
}

const split = (weight: number) => ({
  trafficsplits: [
    {
      name: 'web',
      service: 'web',
      backends: [
        { service: 'web-primary', weight: 100 - weight },
        { service: 'web-canary', weight },
      ],
    },
  ],
})

/** Shifts by ten at each sync until half is reached, then finishes. */
function shifting(calls: WorkerContext[] = []): OperatorDefinition {
  return {
    spec: z.object({ step: z.number().default(10) }),
    status: z.object({ weight: z.number() }),
    workers: {
      Shifting: {
        sync(context): PhaseResult {
          calls.push(context)
          const status = context.resource.status as { weight?: number } | undefined
          const weight = (status?.weight ?? 0) + (context.resource.spec as { step: number }).step
          if (weight > 50) return { next: 'Finished', reason: 'half of the traffic is shifted' }
          return { outputs: split(weight), status: { weight }, after: '10s', reason: `${weight} % shifted` }
        },
      },
    },
  }
}

const shiftingProject = flowProject([
  phase('Shifting', { initial: true, outputs: ['trafficsplits'] }),
  phase('Finished', { final: true }),
])

test('a resource goes through its phases, and each step is on the mesh and on the status', async () => {
  const world = await worldOf({ project: shiftingProject, definition: shifting() })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  expect(await world.weights('web')).toEqual({ 'web-primary': 9, 'web-canary': 1 })
  expect(await world.status('web')).toMatchObject({
    phase: 'Shifting',
    weight: 10,
    observedGeneration: 1,
    conditions: [
      { type: 'TrafficAccepted', status: 'True', reason: 'Accepted' },
      { type: 'Ready', status: 'True', reason: 'Synced', message: '10 % shifted' },
    ],
  })
  await world.run(60_000)
  expect(await world.weights('web')).toEqual({ 'web-primary': 1, 'web-canary': 1 })
  const status = await world.status('web')
  expect(status).toMatchObject({ phase: 'Finished', weight: 50 })
  expect(status.phaseHistory).toEqual([
    {
      phase: 'Shifting',
      entered: '2025-01-01T00:00:00.000Z',
      left: '2025-01-01T00:00:50.000Z',
      reason: 'half of the traffic is shifted',
    },
    { phase: 'Finished', entered: '2025-01-01T00:00:50.000Z' },
  ])
  expect(await world.events('web')).toEqual([
    'Normal PhaseChanged: Shifting → Finished: half of the traffic is shifted',
  ])
})

test('a weight step costs one write per mesh object, one of the status, and no read', async () => {
  const world = await worldOf({ project: shiftingProject, definition: shifting() })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  world.server.resetCalls()
  await world.run(10_000)
  expect((await world.status('web'))['weight']).toBe(20)
  expect(world.server.calls('flow-operator')).toEqual({ patch: 2 })
})
