import { expect, test } from 'vitest'
import { z } from 'zod'
import { definition, runningProject, split } from './support/flows.ts'
import { World } from './support/world.ts'

const emoji = '🐤'

/** What a worker that always answers the same leaves on its resource, and how often the status was written in a minute. */
async function settled(answer: Record<string, unknown>) {
  const world = await World.create({
    project: runningProject,
    definition: definition({ Running: () => answer }, { status: z.object({ note: z.any() }) }),
  })
  await world.service('web')
  await world.flow('web')
  let writes = 0
  world.start((send) => (request) => {
    if (request.method === 'PATCH' && request.call.resource === 'flows/status') writes += 1
    return send(request)
  })
  await world.run(60_000)
  return { status: await world.status('web'), condition: await world.condition('web'), writes }
}

test.for<[string, unknown, unknown]>([
  ['fields that are undefined', [{ name: 'a', error: undefined }], [{ name: 'a' }]],
  ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ['half a character', [`chick ${emoji.slice(0, 1)}`], ['chick \uFFFD']],
  ['a field that is to go and was never there', { a: 1, b: null }, { a: 1 }],
  ['a gap in a list', [undefined, 1], [null, 1]],
])('a status with %s is written once', async ([, note, stored]) => {
  const { status, writes } = await settled({ status: { note } })
  expect(status['note']).toEqual(stored)
  expect(writes).toBe(1)
})

test('traffic with fields that are undefined is asked for once', async () => {
  const { status, writes } = await settled({ outputs: { trafficsplits: [{ ...split(5), attachTo: undefined }] } })
  expect(status.outputs).toEqual({ trafficsplits: [split(5)] })
  expect(writes).toBe(1)
})

test.for<[string, unknown, string]>([
  ['a number that is none', { share: Number.NaN }, 'status.note.share: NaN cannot be stored'],
  ['a function', { call: () => {} }, 'status.note: a function cannot be stored'],
  ['a bigint', 5n, 'status.note: a bigint cannot be stored'],
  ['a Map', new Map([['a', 1]]), 'status.note: a Map cannot be stored, only plain objects and lists'],
  ['itself', withItself(), 'status.note: an object that contains itself cannot be stored'],
])('a status with %s is an error of the worker', async ([, note, problem]) => {
  const { condition } = await settled({ status: { note } })
  expect(condition).toMatchObject({ status: 'False', reason: 'WorkerError', message: expect.stringContaining(problem) })
})

test('a sentence is cut to what anybody reads, and never in the middle of a character', async () => {
  const { status, condition, writes } = await settled({ reason: `x${emoji.repeat(10_000)}`, next: 'Finished' })
  const [visit] = status.phaseHistory ?? []
  for (const text of [condition?.message ?? '', visit?.reason ?? '']) {
    expect(text.length).toBeLessThanOrEqual(1_000)
    expect(text.isWellFormed()).toBe(true)
  }
  expect(writes).toBeLessThanOrEqual(2)
})

function withItself(): object {
  const note: Record<string, unknown> = {}
  note['itself'] = { note }
  return note
}
