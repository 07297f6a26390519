import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { type Command, describeCommand, formatCommand, parseCommand } from '../../src/operator/command.ts'
import type { WorkerContext } from '../../src/operator/worker.ts'
import { dyingAt } from './support/dying.ts'
import { definition, split, statusOf } from './support/flows.ts'
import { flowKind, flowProject, phase, World } from './support/world.ts'

const ref = { namespace: 'shop', name: 'web' }
const annotation = 'flows.example.io/command'
const project = flowProject(
  [
    phase('Shifting', { initial: true, outputs: ['trafficsplits'] }),
    phase('Reverting'),
    phase('Finished', { final: true }),
    phase('Reverted', { final: true }),
  ],
  {
    verbs: [
      { name: 'promote', description: 'All traffic moves at once', phases: ['Shifting'] },
      { name: 'abort', description: 'The traffic goes back', phases: ['Shifting', 'Reverting'] },
      { name: 'retry', description: 'Begins again', phases: ['Reverted'], next: 'Shifting' },
    ],
  },
)

const keepsAll = { 'x-kubernetes-preserve-unknown-fields': true }
const definitions: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** Every command that a worker was given, with its phase. */
interface Heard {
  readonly phase: string
  readonly command: Command
}

/** The world of one flow whose worker of Shifting answers commands by `answer`. */
async function flow(answer: (command: Command) => object = () => ({})) {
  const heard: Heard[] = []
  const hear = (phase: string, { command }: WorkerContext) => {
    if (command === undefined) return undefined
    heard.push({ phase, command: command as Command })
    return command as Command
  }
  const workers = definition({
    Shifting(context) {
      const command = hear('Shifting', context)
      return { after: '10s', ...(command && answer(command)) }
    },
    Reverting: () => ({ next: 'Reverted' }),
  })
  const world = await World.create({ project, definition: workers })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(60_000)
  const command = async (value: string | null) => {
    const patch = { metadata: { annotations: { [annotation]: value } } }
    await world.client.patch(flowKind, ref, patch, { type: 'merge', fieldManager: 'tester' })
    await world.run(0)
  }
  const at = () => new Date(world.clock.now()).toISOString()
  return { world, heard, command, at }
}

test('a command is given to the worker of the present phase once, and the status says that it was', async () => {
  const { world, heard, command, at } = await flow((said) => ({ status: { note: said.verb }, reason: 'as told' }))
  const time = at()
  await command(`promote at ${time} by alice: looks good`)
  await world.run(600_000)
  const given = { verb: 'promote', at: time, by: 'alice', reason: 'looks good' }
  expect(heard).toEqual([{ phase: 'Shifting', command: given }])
  expect(await world.status('web')).toMatchObject({ note: 'promote', lastCommand: { ...given, phase: 'Shifting' } })
  expect(await world.condition('web', 'CommandAccepted')).toMatchObject({
    status: 'True',
    reason: 'Taken',
    message: 'promote by alice (looks good) was taken in Shifting',
  })
  expect(await world.events('web')).toEqual([
    'Normal CommandTaken: promote by alice (looks good) was taken in Shifting',
  ])
  const flowNow = await world.get(flowKind, 'web')
  expect(flowNow?.metadata.annotations).toEqual({ [annotation]: `promote at ${time} by alice: looks good` })
})

test('a tool that puts an old command back repeats nothing; a later one is followed', async () => {
  const { world, heard, command, at } = await flow()
  const first = `promote at ${at()} by alice`
  await command(first)
  await command(null)
  await command(first)
  expect(heard).toHaveLength(1)
  await world.run(1_000)
  await command(`abort at ${at()} by bob`)
  expect(heard).toHaveLength(2)
  await command(first)
  expect(heard).toHaveLength(2)
  expect(await world.condition('web', 'CommandAccepted')).toMatchObject({ status: 'False', reason: 'Outdated' })
  await world.run(1_000)
  await command(`promote at ${at()} by alice`)
  expect(heard.map(({ command: { verb } }) => verb)).toEqual(['promote', 'abort', 'promote'])
  expect(await world.condition('web', 'CommandAccepted')).toMatchObject({ status: 'True', reason: 'Taken' })
})

test('a resource that is made with the command of a former life does not follow it', async () => {
  const { world, heard } = await flow()
  await world.client.create(flowKind, {
    apiVersion: 'flows.example.io/v1',
    kind: 'Flow',
    metadata: { name: 'api', namespace: 'shop', annotations: { [annotation]: 'promote at 2024-12-31T00:00:00Z' } },
    spec: {},
  })
  await world.run(60_000)
  expect(heard).toEqual([])
  expect(await world.condition('api', 'CommandAccepted')).toMatchObject({ status: 'False', reason: 'Outdated' })
})

test('a command is given again until the result that follows from it has taken effect', async () => {
  let calls = 0
  const { world, command, heard, at } = await flow(() => {
    calls++
    if (calls === 1) throw new Error('not now')
    return { next: 'Reverting' }
  })
  await command(`abort at ${at()}`)
  expect((await world.status('web'))['lastCommand']).toBeUndefined()
  await world.run(60_000)
  expect(heard).toHaveLength(2)
  expect(await world.status('web')).toMatchObject({
    phase: 'Reverted',
    lastCommand: { verb: 'abort', phase: 'Shifting' },
  })
})

const death = fc.record({ call: fc.integer({ min: 1, max: 24 }), after: fc.boolean() })

test.prop([fc.array(death, { maxLength: 4 })], { numRuns: 25 })(
  'killed at any call and started again, the operator lets a command take effect once',
  async (deaths) => {
    const counting = definition({
      Shifting(context) {
        const weight = (statusOf(context).weight ?? 0) + 1
        return context.command === undefined ? {} : { outputs: { trafficsplits: [split(weight)] }, status: { weight } }
      },
      Reverting: () => ({}),
    })
    const world = await World.create({ project, definition: counting })
    await world.service('web')
    await world.flow('web')
    const value = `promote at ${new Date(world.clock.now()).toISOString()}`
    const patch = { metadata: { annotations: { [annotation]: value } } }
    await world.client.patch(flowKind, ref, patch, { type: 'merge', fieldManager: 'tester' })
    for (const { call, after } of deaths) {
      const process = world.start((send) => dyingAt(call, after, () => process.kill())(send))
      await world.run(15_000)
      process.kill()
    }
    world.start()
    await world.run(60_000)
    expect(await world.status('web')).toMatchObject({ weight: 1, lastCommand: { verb: 'promote' } })
    expect(await world.weights('web')).toEqual({ 'web-primary': 99, 'web-canary': 1 })
  },
)

describe('what is not followed is said with an Event and a condition, and the workflow goes on', () => {
  test('a verb of another phase', async () => {
    const { world, heard, command, at } = await flow()
    await command(`retry at ${at()} by alice`)
    await world.run(60_000)
    expect(heard).toEqual([])
    expect(await world.condition('web')).toMatchObject({ status: 'True' })
    expect(await world.condition('web', 'CommandAccepted')).toMatchObject({
      status: 'False',
      reason: 'Refused',
      message:
        'retry by alice is not followed in Shifting: AP4026 Flow shop/web is in Shifting, where retry is not possible. Possible now: promote, abort.',
    })
    expect((await world.status('web'))['lastCommand']).toMatchObject({ verb: 'retry', phase: 'Shifting' })
    expect((await world.events('web')).filter((text) => text.startsWith('Warning CommandRefused'))).toHaveLength(1)
  })

  test.each([
    'promote',
    'promote now',
    'promote at noon',
    'promote at 2025-13-01T00:00:00Z',
    '\u0000',
    ': at by',
    'x'.repeat(500),
  ])('the value %j', async (value) => {
    const { world, heard, command } = await flow()
    await command(value)
    await world.run(60_000)
    expect(heard).toEqual([])
    expect(await world.condition('web')).toMatchObject({ status: 'True' })
    expect(await world.condition('web', 'CommandAccepted')).toMatchObject({ status: 'False', reason: 'Malformed' })
    expect(await world.events('web')).toHaveLength(1)
    await command(null)
    expect(await world.condition('web', 'CommandAccepted')).toBeUndefined()
  })

  test('what the worker refuses, with its words', async () => {
    const { world, command, heard, at } = await flow(() => ({ refuses: 'the moon is full' }))
    await command(`promote at ${at()} by alice`)
    await world.run(60_000)
    expect(heard).toHaveLength(1)
    expect(await world.status('web')).toMatchObject({ lastCommand: { verb: 'promote', refused: 'the moon is full' } })
    expect(await world.events('web')).toEqual([
      'Warning CommandRefused: promote by alice is not followed in Shifting: the moon is full',
    ])
  })

  test('what a worker does not look at', async () => {
    const { world, command, at } = await flow()
    await command(`abort at ${at()}`)
    const workers = definition({ Shifting: () => ({}), Reverting: () => ({ after: '1s' }) })
    expect(await world.condition('web', 'CommandAccepted')).toMatchObject({ reason: 'Taken' })
    const deaf = await World.create({ project, definition: workers })
    await deaf.flow('web')
    deaf.start()
    await deaf.run(1_000)
    const value = `promote at ${new Date(deaf.clock.now()).toISOString()}`
    const patch = { metadata: { annotations: { [annotation]: value } } }
    await deaf.client.patch(flowKind, ref, patch, { type: 'merge', fieldManager: 'tester' })
    await deaf.run(1_000)
    expect(await deaf.condition('web', 'CommandAccepted')).toMatchObject({
      status: 'False',
      reason: 'Refused',
      message: expect.stringContaining('AP4029 the worker of Shifting did not look at the command promote'),
    })
  })
})

test('a verb leads out of a final phase where the workflow says so, and nothing else does', async () => {
  const { world, command, heard, at } = await flow(() => ({ next: 'Reverting' }))
  await command(`abort at ${at()}`)
  expect(await world.status('web')).toMatchObject({ phase: 'Reverted' })
  await world.run(1_000)
  await command(`promote at ${at()}`)
  expect(await world.status('web')).toMatchObject({ phase: 'Reverted' })
  expect(await world.condition('web', 'CommandAccepted')).toMatchObject({
    message:
      'promote is not followed in Reverted: AP4026 Flow shop/web is in Reverted, where promote is not possible. Possible now: retry.',
  })
  await world.run(1_000)
  await command(`retry at ${at()} by alice`)
  await world.run(60_000)
  const { phaseHistory, ...status } = await world.status('web')
  expect(status).toMatchObject({ phase: 'Shifting', lastCommand: { verb: 'retry', phase: 'Reverted' } })
  expect(phaseHistory?.map(({ phase, reason }) => [phase, reason])).toEqual([
    ['Shifting', undefined],
    ['Reverting', undefined],
    ['Reverted', 'retry by alice'],
    ['Shifting', undefined],
  ])
  expect(heard).toHaveLength(1)
})

test('a command waits while its resource is paused', async () => {
  const { world, command, heard, at } = await flow()
  const pause = (value: string | null) =>
    world.client.patch(
      flowKind,
      ref,
      { metadata: { annotations: { 'flows.example.io/paused': value } } },
      { type: 'merge', fieldManager: 'tester' },
    )
  await pause('true')
  await command(`promote at ${at()}`)
  await world.run(60_000)
  expect(heard).toEqual([])
  await pause(null)
  await world.run(1_000)
  expect(heard).toHaveLength(1)
})

test('where an older definition of the kind would forget it, a command waits for the newer one', async () => {
  const { world, heard, command, at } = await flow()
  const crd = { name: 'flows.flows.example.io' }
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const known = ['phase', 'conditions', 'phaseHistory', 'outputs', 'observedGeneration']
  const older = { type: 'object', properties: Object.fromEntries(known.map((name) => [name, keepsAll])) }
  const define = (status: object) => {
    const path = '/spec/versions/0/schema/openAPIV3Schema/properties/status'
    const patch = [{ op: 'replace', path, value: status }]
    return world.client.patch(definitions, crd, patch, { type: 'json', fieldManager: 'tester' })
  }
  await define(older)
  await command(`promote at ${at()} by alice`)
  await world.run(60_000)
  expect(heard).toEqual([])
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
  expect(await world.condition('web', 'CommandAccepted')).toMatchObject({
    status: 'False',
    reason: 'Forgotten',
    message: expect.stringContaining('AP4034 the CustomResourceDefinition of Flow drops status.lastCommand'),
  })
  expect(await world.events('web')).toHaveLength(1)
  await define(anything)
  await world.run(60_000)
  expect(heard).toHaveLength(1)
  await define(older)
  await world.run(1_000)
  await command(`retry at ${at()}`)
  await world.run(60_000)
  expect(heard).toHaveLength(1)
})

describe('the annotation', () => {
  test.each<[Command, string]>([
    [{ verb: 'promote', at: '2025-01-01T00:00:00Z' }, 'promote at 2025-01-01T00:00:00Z'],
    [{ verb: 'promote', at: '2025-01-01T00:00:00Z', by: 'alice' }, 'promote at 2025-01-01T00:00:00Z by alice'],
    [
      { verb: 'abort', at: '2025-01-01T00:00:00.5+01:00', by: 'oidc:bob b', reason: 'slow: by 2 s at noon' },
      'abort at 2025-01-01T00:00:00.5+01:00 by oidc:bob b: slow: by 2 s at noon',
    ],
    [{ verb: 'abort', at: '2025-01-01T00:00:00Z', reason: 'slow' }, 'abort at 2025-01-01T00:00:00Z: slow'],
  ])('%j is written %j and read again', (command, text) => {
    expect(formatCommand(command)).toBe(text)
    expect(parseCommand(` ${text}\n`)).toEqual(command)
  })

  const text = fc.string({ unit: 'grapheme' })
  test.prop([text, text])(
    'is read as it was written, whatever people are called and give as a reason',
    (by, reason) => {
      const written = formatCommand({ verb: 'abort', at: '2025-01-01T00:00:00Z', by, reason })
      const read = parseCommand(written)
      expect(read).toMatchObject({ verb: 'abort', at: '2025-01-01T00:00:00Z' })
      const bare = (words = '') => words.replace(/\s/g, '')
      expect([bare(read?.by), bare(read?.reason)]).toEqual([bare(by), bare(reason)])
    },
  )

  test('names and reasons of several lines become one', () => {
    const written = formatCommand({ verb: 'abort', at: '2025-01-01T00:00:00Z', by: 'a:\tb', reason: ' two\nlines ' })
    expect(written).toBe('abort at 2025-01-01T00:00:00Z by a:b: two lines')
    expect(describeCommand(parseCommand(written) as Command)).toBe('abort by a:b (two lines)')
  })
})
