import { expect, test } from 'vitest'
import type { WorkerContext } from '../../src/operator/worker.ts'
import { definition, runningProject, split } from './support/flows.ts'
import { flowProject, phase, World } from './support/world.ts'

const restricted = flowProject([
  phase('Running', {
    initial: true,
    inputs: ['metrics'],
    outputs: ['trafficsplits', 'configmaps'],
    next: ['Finished'],
  }),
  phase('Other'),
  phase('Finished', { final: true }),
])

async function answerOf(sync: (context: WorkerContext) => unknown, project = restricted) {
  const world = await World.create({ project, definition: definition({ Running: sync, Other: () => ({}) }) })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  return { world, status: await world.status('web'), condition: await world.condition('web') }
}

test.for<[string, unknown, string]>([
  ['an undeclared output', { outputs: { pods: [] } }, 'AP4004 the worker of Running returned outputs.pods'],
  ['an unknown phase', { next: 'Nowhere' }, 'AP4005 the worker of Running went to Nowhere, which is no phase'],
  [
    'a phase that next does not allow',
    { next: 'Other' },
    'AP4006 the worker of Running went to Other, and autopilot.yaml allows Finished after Running',
  ],
  ['nothing', undefined, 'AP4007 the worker of Running returned something malformed: undefined instead of an object'],
  ['a list', [], 'AP4007 the worker of Running returned something malformed: a list instead of an object'],
  ['a misspelt field', { nxt: 'Finished' }, 'it has the unknown field nxt'],
  [
    'outputs that are no list',
    { outputs: { trafficsplits: split(5) } },
    'outputs.trafficsplits is an object instead of a list',
  ],
  [
    'an object without a name',
    { outputs: { configmaps: [{ object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } }] } },
    'outputs.configmaps[0].object has no metadata.name',
  ],
  [
    'an object of another kind',
    { outputs: { configmaps: [{ object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } } }] } },
    'is a v1 Secret instead of a v1 ConfigMap',
  ],
  [
    'an object of another namespace',
    {
      outputs: {
        configmaps: [{ object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'else' } } }],
      },
    },
    'is in the namespace else instead of shop',
  ],
  [
    'an output that is neither object nor edit',
    { outputs: { configmaps: [7] } },
    'outputs.configmaps[0] is neither { object } nor { edit: { name, fields } }',
  ],
  ['the operator’s status', { status: { phase: 'Finished' } }, 'AP4008 the worker of Running sets status.phase'],
  ['an unknown status field', { status: { wight: 5 } }, 'status.wight is not in the status of the definition'],
  ['a status of a wrong type', { status: { weight: 'much' } }, 'status.weight: '],
  ['an after that is no duration', { after: 'soon' }, 'AP4010 after is soon, which is no duration'],
  ['a negative after', { after: -1 }, 'AP4010 after is -1'],
])('%s is refused in whole, with a condition that says why', async ([, answer, message]) => {
  const valid = { outputs: { trafficsplits: [split(5)] } }
  const { world, status, condition } = await answerOf(() =>
    typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? { ...valid, ...answer } : answer,
  )
  expect(condition).toMatchObject({ status: 'False', reason: 'WorkerError' })
  expect(condition?.message).toContain(message)
  expect(status.phase).toBe('Running')
  expect(await world.weights('web')).toEqual({})
})

test.for<[string, (context: WorkerContext) => unknown, string]>([
  [
    'throws',
    () => {
      throw new Error('no luck\nwith details')
    },
    'no luck',
  ],
  ['rejects', () => Promise.reject(new TypeError('bad type')), 'bad type'],
  ['rejects with nothing', () => Promise.reject(), 'undefined'],
  [
    'throws something odd',
    () => {
      throw Object.create(null)
    },
    'object',
  ],
  [
    'reads an undeclared input',
    ({ inputs }) => (inputs as Record<string, { get(): void }>)['pods']?.get(),
    'AP4003 the worker of Running reads inputs.pods, which the phase does not declare. Add pods to `inputs:`',
  ],
  [
    'asks for a window that is none',
    ({ inputs }) =>
      (inputs['metrics'] as { successRate(q: object): unknown }).successRate({ workload: 'web', window: 'a while' }),
    'AP4010 the window is "a while"',
  ],
  [
    'asks for a quantile that is none',
    ({ inputs }) =>
      (inputs['metrics'] as { latency(q: object): unknown }).latency({ workload: 'web', window: '1m', quantile: 99 }),
    'AP4011 the quantile is 99',
  ],
])(
  'a worker that %s is tried again with growing delays, and the reason is on the resource once',
  async ([, sync, message]) => {
    let calls = 0
    const { world, condition } = await answerOf((context) => {
      calls++
      return sync(context)
    })
    expect(condition).toMatchObject({ status: 'False', reason: 'WorkerError' })
    expect(condition?.message).toContain(`the worker of Running failed: ${message}`)
    expect(condition?.message).not.toContain('details')
    await world.run(10_000)
    // 5 + 10 + ... + 5 * 2^n stays below ten seconds for eleven tries.
    expect(calls).toBe(11)
    expect(await world.events('web')).toHaveLength(1)
    const [error] = world.logs.filter(({ msg }) => msg === 'worker failed')
    expect(error).toMatchObject({ resource: 'shop/web', phase: 'Running' })
  },
)

test('a worker that recovers is ready again, and its next failure starts with a short delay', async () => {
  let failing = true
  const { world } = await answerOf(() => {
    if (failing) throw new Error('not yet')
    return {}
  })
  await world.run(1_000)
  failing = false
  await world.run(2_000)
  expect(await world.condition('web')).toMatchObject({ status: 'True', reason: 'Synced' })
})

test('a worker that never answers is given up after its time', async () => {
  const { world } = await answerOf(() => new Promise(() => {}))
  await world.run(301_000)
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'WorkerError',
    message: expect.stringContaining('AP4009 the worker of Running has not answered for 5m'),
  })
})

test('a worker that hangs holds nobody up when the operator stops, and its late result is dropped', async () => {
  const late = Promise.withResolvers<unknown>()
  const world = await World.create({ project: runningProject, definition: definition({ Running: () => late.promise }) })
  await world.flow('web')
  const process = world.start()
  await world.run(0)
  await process.stop()
  late.resolve({ status: { weight: 1 } })
  await world.run(1_000)
  expect(await world.status('web')).toEqual({})
})

test('the signal of a worker aborts when its resource is deleted', async () => {
  let aborted = false
  const world = await World.create({
    project: runningProject,
    definition: definition({
      Running: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('aborted'))
          })
        }),
    }),
  })
  await world.flow('web')
  const process = world.start()
  await world.run(0)
  await world.deleteFlow('web')
  await world.run(0)
  expect(aborted).toBe(true)
  expect(process.operator.busy()).toBe(false)
  expect(world.logs.filter(({ msg }) => msg === 'worker failed')).toEqual([])
})

test('a problem makes the resource not ready and warns once, while the rest of the answer takes effect', async () => {
  const problem = 'Deployment web does not exist'
  const { world, status, condition } = await answerOf(() => ({ problem, outputs: { trafficsplits: [split(30)] } }))
  expect(condition).toMatchObject({ status: 'False', reason: 'Blocked', message: problem })
  expect(status.phase).toBe('Running')
  expect(await world.weights('web')).toEqual({ 'web-primary': 7, 'web-canary': 3 })
  await world.run(30_000)
  expect(await world.events('web')).toEqual([`Warning Blocked: ${problem}`])
})
