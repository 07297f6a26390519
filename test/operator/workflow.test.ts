import { expect, test } from 'vitest'
import { z } from 'zod'
import type { KubeObject } from '../../src/kube/object.ts'
import type { WorkerContext } from '../../src/operator/worker.ts'
import { definition, runningProject, shifting, shiftingProject, specOf } from './support/flows.ts'
import { configMapKind, flowKind, flowProject, phase, World } from './support/world.ts'

test('a resource goes through its phases, and each step is on the mesh and on the status', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
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
  const world = await World.create({ project: shiftingProject, definition: shifting })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  world.server.resetCalls()
  await world.run(10_000)
  expect((await world.status('web'))['weight']).toBe(20)
  expect(world.server.calls('flow-operator')).toEqual({ patch: 2 })
})

test('a worker is called every work interval, and nothing is sent while nothing changes', async () => {
  const times: number[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: ({ now }) => {
        times.push(now)
        return { status: { weight: 5 } }
      },
    }),
  })
  await world.flow('web')
  world.start()
  await world.run(0)
  world.server.resetCalls()
  await world.run(20_000)
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 5_000, 10_000, 15_000, 20_000])
  expect(world.server.calls('flow-operator')).toEqual({})
})

test('a change of what a worker read, or missed, calls it again; other changes do not', async () => {
  const seen: unknown[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: ({ inputs }) => {
        const { configmaps } = inputs as { configmaps: { get(name: string): KubeObject | undefined } }
        seen.push(configmaps.get('settings')?.['data'])
        return { after: '1h' }
      },
    }),
  })
  await world.flow('web')
  world.start()
  await world.run(0)
  const map = (name: string, data: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop' },
    data,
  })
  await world.client.create(configMapKind, map('other', {}))
  await world.run(1_000)
  await world.client.create(configMapKind, map('settings', { a: '1' }))
  await world.run(1_000)
  await world.client.update(configMapKind, map('settings', { a: '2' }))
  await world.run(1_000)
  await world.client.delete(configMapKind, { namespace: 'shop', name: 'settings' })
  await world.run(1_000)
  expect(seen).toEqual([undefined, { a: '1' }, { a: '2' }, undefined])
})

test('what changes while a worker runs is not missed', async () => {
  const seen: unknown[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: async ({ inputs }) => {
        const { configmaps } = inputs as { configmaps: { list(): KubeObject[] } }
        seen.push(configmaps.list().length)
        await world.clock.sleep(1_000)
        return { after: '1h' }
      },
    }),
  })
  await world.flow('web')
  world.start()
  await world.run(500)
  await world.client.create(configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'new', namespace: 'shop' },
  })
  await world.run(10_000)
  // kube-root-ca.crt is in every namespace.
  expect(seen.map((count) => Number(count) - Number(seen[0]))).toEqual([0, 1])
})

test('an edited spec calls the worker, the operator’s own writes do not', async () => {
  const steps: unknown[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: (context) => {
        steps.push(specOf<{ step: number }>(context).step)
        return { status: { weight: steps.length }, after: '1h' }
      },
    }),
  })
  await world.flow('web', { step: 1 })
  world.start()
  await world.run(1_000)
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, { spec: { step: 2 } }, merge)
  await world.run(1_000)
  expect(steps).toEqual([1, 2])
  expect((await world.status('web')).observedGeneration).toBe(2)
})

test('an invalid spec is a condition that names the field; mending it is enough', async () => {
  const calls: unknown[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition(
      {
        Running: (context) => {
          calls.push(specOf(context))
          return {}
        },
      },
      { spec: z.object({ step: z.number(), name: z.string().default('x') }) },
    ),
  })
  await world.flow('web', { step: 'many' })
  world.start()
  await world.run(60_000)
  expect(calls).toEqual([])
  const condition = await world.condition('web')
  expect(condition).toMatchObject({ status: 'False', reason: 'InvalidSpec' })
  expect(condition?.message).toMatch(/^AP4002 the spec of Flow shop\/web is not valid: spec\.step: .*number/)
  expect((await world.events('web')).length).toBe(1)
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, { spec: { step: 1 } }, merge)
  await world.run(0)
  expect(calls).toEqual([{ step: 1, name: 'x' }])
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})

test('an unknown phase is reported and left alone until somebody sets another', async () => {
  let calls = 0
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: () => {
        calls++
        return {}
      },
    }),
  })
  await world.flow('web')
  const setPhase = (name: string) =>
    world.client.patch(
      flowKind,
      { namespace: 'shop', name: 'web' },
      { status: { phase: name } },
      { ...merge, subresource: 'status' },
    )
  await setPhase('Tomorrow')
  world.start()
  await world.run(60_000)
  expect(calls).toBe(0)
  expect(await world.status('web')).toMatchObject({ phase: 'Tomorrow' })
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'UnknownPhase',
    message: expect.stringContaining('AP4001 Flow shop/web is in the phase Tomorrow'),
  })
  expect(await world.events('web')).toEqual([expect.stringContaining('Warning UnknownPhase: AP4001')])
  await setPhase('Running')
  await world.run(0)
  expect(calls).toBe(1)
})

test('a status full of rubbish does no harm', async () => {
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => ({ next: 'Finished' }) }),
  })
  await world.flow('web')
  const rubbish = { phase: 7, phaseHistory: 'none', conditions: [null, 1, { type: 'Ready' }], outputs: [], weight: {} }
  await world.client.patch(
    flowKind,
    { namespace: 'shop', name: 'web' },
    { status: rubbish },
    { ...merge, subresource: 'status' },
  )
  await world.flow('api')
  await world.client.patch(
    flowKind,
    { namespace: 'shop', name: 'api' },
    { status: { outputs: { trafficsplits: [3] } } },
    { ...merge, subresource: 'status' },
  )
  world.start()
  await world.run(0)
  expect(await world.status('web')).toMatchObject({
    phase: 'Finished',
    phaseHistory: [{ phase: 'Running' }, { phase: 'Finished' }],
  })
  expect(await world.condition('api')).toMatchObject({ status: 'False', reason: 'TrafficRefused' })
})

test('only the last twenty visits are kept', async () => {
  const phases = [phase('Ping', { initial: true }), phase('Pong')]
  let turns = 0
  const world = await World.create({
    project: flowProject(phases),
    definition: definition({
      Ping: () => (++turns > 30 ? {} : { next: 'Pong' }),
      Pong: () => ({ next: 'Ping', reason: `turn ${turns}` }),
    }),
  })
  await world.flow('web')
  world.start()
  await world.run(0)
  const { phaseHistory = [] } = await world.status('web')
  expect(phaseHistory).toHaveLength(20)
  expect(phaseHistory.at(-2)).toMatchObject({ phase: 'Pong', reason: 'turn 30' })
  expect(phaseHistory.at(-1)).toEqual({ phase: 'Ping', entered: '2025-01-01T00:00:00.000Z' })
})

test('a worker is told since when its phase lasts, also after a restart', async () => {
  const entered: number[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: (context) => {
        entered.push(context.entered)
        return {}
      },
    }),
  })
  await world.flow('web')
  const first = world.start()
  await world.run(7_000)
  await first.stop()
  world.start()
  await world.run(5_000)
  expect(new Set(entered)).toEqual(new Set([Date.UTC(2025, 0, 1)]))
  expect(entered.length).toBeGreaterThan(2)
})

test('two hundred resources reach their end, each with its own weights', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
  const names = Array.from({ length: 200 }, (_, index) => `web-${index}`)
  for (const name of names) {
    await world.service(name)
    await world.flow(name, { step: 10 + (names.indexOf(name) % 3) * 10 })
  }
  world.start()
  await world.run(60_000)
  const flows = await world.list(flowKind)
  expect(new Set(flows.map(({ status }) => (status as { phase: string }).phase))).toEqual(new Set(['Finished']))
  expect(await world.weights('web-0')).toEqual({ 'web-0-primary': 1, 'web-0-canary': 1 })
  expect(await world.weights('web-1')).toEqual({ 'web-1-primary': 3, 'web-1-canary': 2 })
})

const merge = { type: 'merge', fieldManager: 'tester' } as const

test('a worker cannot change what others see of the cluster', async () => {
  const seen: unknown[] = []
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: (context: WorkerContext) => {
        const { configmaps } = context.inputs as { configmaps: { get(name: string): KubeObject | undefined } }
        const map = configmaps.get('settings')
        seen.push(map?.['data'], structuredClone(context.resource.spec))
        if (map !== undefined) map['data'] = { changed: 'yes' }
        specOf<Record<string, unknown>>(context)['changed'] = true
        return {}
      },
    }),
  })
  await world.client.create(configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'shop' },
    data: { a: '1' },
  })
  await world.flow('web', { step: 1 })
  world.start()
  await world.run(5_000)
  expect(seen).toEqual([{ a: '1' }, { step: 1 }, { a: '1' }, { step: 1 }])
})

test('a process with an old view of the resource writes nothing over it', async () => {
  const gate = Promise.withResolvers<void>()
  let calls = 0
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: async () => {
        calls++
        if (calls === 1) await gate.promise
        return { status: { weight: calls } }
      },
    }),
  })
  await world.flow('web')
  world.start((send) => async (request) => {
    // Watches fall silent: the process does not hear of what others do.
    if (request.call.verb === 'watch' && request.call.resource === 'flows') await new Promise(() => {})
    return send(request)
  })
  await world.run(0)
  const theirs = { status: { phase: 'Finished', weight: 77 } }
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, theirs, { ...merge, subresource: 'status' })
  gate.resolve()
  await world.run(1_000)
  expect(calls).toBeGreaterThan(1)
  expect(await world.status('web')).toEqual(theirs.status)
})
