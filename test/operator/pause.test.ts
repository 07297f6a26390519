import { expect, test } from 'vitest'
import { pauseOf } from '../../src/operator/pause.ts'
import { shifting, shiftingProject } from './support/flows.ts'
import { flowKind, World } from './support/world.ts'

const { group } = shiftingProject
const ref = { namespace: 'shop', name: 'web' }
const merge = { type: 'merge', fieldManager: 'test' } as const

test('a paused resource stays in its phase with its traffic, and goes on when it is resumed', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  const before = await world.weights('web')
  const annotate = (value: string | null) =>
    world.client.patch(flowKind, ref, { metadata: { annotations: { [`${group}/paused`]: value } } }, merge)
  await annotate('true')
  await world.run(600_000)
  expect(await world.weights('web')).toEqual(before)
  expect(await world.status('web')).toMatchObject({ phase: 'Shifting', weight: 10 })
  expect(await world.condition('web')).toMatchObject({ status: 'False', reason: 'Paused' })
  await annotate(null)
  await world.run(60_000)
  expect(await world.status('web')).toMatchObject({ phase: 'Finished', weight: 50 })
})

test('what others change is put back while a resource is paused', async () => {
  const world = await World.create({ project: shiftingProject, definition: shifting })
  await world.service('web')
  await world.flow('web')
  world.start()
  await world.run(0)
  const before = await world.weights('web')
  await world.client.patch(flowKind, ref, { metadata: { annotations: { [`${group}/paused`]: 'true' } } }, merge)
  await world.run(1_000)
  for (const kind of world.adapter.kinds) {
    for (const { metadata } of await world.list(kind)) await world.client.delete(kind, metadata)
  }
  await world.run(1_000)
  expect(await world.weights('web')).toEqual(before)
})

test.each([
  ['true', 'alice at noon', 'paused by alice at noon: what is there is kept, and no worker is called'],
  ['yes', '', `paused by its annotation ${group}/paused: what is there is kept, and no worker is called`],
  ['false', 'alice', undefined],
  ['False ', '', undefined],
  ['', '', undefined],
])('the annotation %j by %j', (value, by, text) => {
  const annotations = { [`${group}/paused`]: value, [`${group}/paused-by`]: by }
  const resource = { apiVersion: 'v1', kind: 'Flow', metadata: { name: 'web', annotations } }
  expect(pauseOf(resource, shiftingProject)).toBe(text)
})
