import { expect, test } from 'vitest'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import { definition, runningProject, specOf, split } from './support/flows.ts'
import { configMapKind, flowKind, World } from './support/world.ts'

const merge = { type: 'merge', fieldManager: 'tester' } as const

interface Spec {
  readonly maps?: Record<string, Record<string, string>>
  readonly edit?: Record<string, unknown>
  readonly weight?: number
}

/** Makes the config maps of its spec, edits the Service `web` and splits it, all as its spec says. */
const asTold = definition({
  Running: (context) => {
    const { maps, edit, weight } = specOf<Spec>(context)
    const objects = Object.entries(maps ?? {}).map(([name, data]) => ({
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
      initially: [['data', 'initial']],
    }))
    return {
      outputs: {
        ...(maps !== undefined && { configmaps: objects }),
        ...(edit !== undefined && { services: [{ edit: { name: 'web', fields: edit } }] }),
        ...(weight !== undefined && { trafficsplits: [split(weight)] }),
      },
      after: '1h',
    }
  },
})

async function told(spec: Spec): Promise<World> {
  const world = await World.create({ project: runningProject, definition: asTold })
  await world.service('web')
  await world.flow('web', { ...spec })
  world.start()
  await world.run(0)
  return world
}

async function tell(world: World, spec: object): Promise<void> {
  await world.client.patch(flowKind, { namespace: 'shop', name: 'web' }, { spec }, merge)
  await world.run(0)
}

async function ownMaps(world: World) {
  const maps = (await world.list(configMapKind)).filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
  return Object.fromEntries(maps.map(({ metadata, ...map }) => [metadata.name, map['data']]))
}

test('objects follow what the worker wants, and are the resource’s own', async () => {
  const world = await told({ maps: { a: { x: '1' }, b: { x: '1' } } })
  expect(await ownMaps(world)).toEqual({ a: { x: '1' }, b: { x: '1' } })
  const owners = (await world.get(configMapKind, 'a'))?.metadata.ownerReferences
  expect(owners).toMatchObject([{ kind: 'Flow', name: 'web', controller: true }])
  await tell(world, { maps: { a: { x: '2' }, b: null } })
  expect(await ownMaps(world)).toEqual({ a: { x: '2' } })
  await world.deleteFlow('web')
  await world.run(0)
  expect(await ownMaps(world)).toEqual({})
})

test('a kind that is left out keeps what is there, an empty list deletes it', async () => {
  const world = await told({ maps: { a: {} } })
  await tell(world, { maps: null })
  expect(Object.keys(await ownMaps(world))).toEqual(['a'])
  await tell(world, { maps: {} })
  expect(Object.keys(await ownMaps(world))).toEqual([])
})

test('a field that is only wanted initially keeps what others make of it', async () => {
  const world = await told({ maps: { a: { x: '1', initial: 'ours' } } })
  await world.client.patch(configMapKind, { namespace: 'shop', name: 'a' }, { data: { initial: 'theirs' } }, merge)
  await tell(world, { maps: { a: { x: '2', initial: 'ours' } } })
  expect(await ownMaps(world)).toEqual({ a: { x: '2', initial: 'theirs' } })
})

test('an object that somebody changes or deletes is put right', async () => {
  const world = await told({ maps: { a: { x: '1' } } })
  await world.client.patch(configMapKind, { namespace: 'shop', name: 'a' }, { data: { x: '9' } }, merge)
  await world.run(0)
  expect(await ownMaps(world)).toEqual({ a: { x: '1' } })
  await world.client.delete(configMapKind, { namespace: 'shop', name: 'a' })
  await world.run(0)
  expect(await ownMaps(world)).toEqual({ a: { x: '1' } })
})

test('edits set fields of an object that belongs to somebody else, which stays theirs', async () => {
  const world = await told({ edit: { spec: { selector: { role: 'primary', app: null } } } })
  const service = await world.get(serviceKind, 'web')
  expect(service?.spec).toMatchObject({ selector: { role: 'primary' }, ports: [{ port: 80 }] })
  expect(service?.spec).not.toMatchObject({ selector: { app: expect.anything() } })
  expect(service?.metadata.ownerReferences).toBeUndefined()
  await tell(world, { edit: null })
  expect((await world.get(serviceKind, 'web'))?.spec).toMatchObject({ selector: { role: 'primary' } })
})

test('within one sync, additions come before the traffic, and changes and deletions after it', async () => {
  const world = await told({ maps: { old: {} } })
  const writes: string[] = []
  world.server.onWrite(({ type, object }) => {
    if (object.kind !== 'Flow' && object.kind !== 'Event') writes.push(`${type} ${object.kind} ${object.metadata.name}`)
  })
  await tell(world, { maps: { old: null, new: {} }, weight: 50, edit: { metadata: { labels: { stage: 'new' } } } })
  expect(writes).toEqual([
    'ADDED ConfigMap new',
    'MODIFIED Service web',
    'ADDED VirtualService web',
    'DELETED ConfigMap old',
  ])
  writes.length = 0
  await tell(world, { weight: 20, edit: { metadata: { labels: { stage: 'newer' } } } })
  expect(writes).toEqual(['MODIFIED VirtualService web', 'MODIFIED Service web'])
})

test('an edit of an object that is not there is said on the resource and tried again', async () => {
  const world = await World.create({ project: runningProject, definition: asTold })
  await world.flow('web', { edit: { metadata: { labels: { a: 'b' } } } })
  world.start()
  await world.run(1_000)
  expect(await world.condition('web')).toMatchObject({
    status: 'False',
    reason: 'ApplyFailed',
    message: expect.stringContaining('services shop/web'),
  })
  await world.service('web')
  await world.run(5_000)
  expect((await world.get(serviceKind, 'web'))?.metadata.labels).toEqual({ a: 'b' })
  expect(await world.condition('web')).toMatchObject({ status: 'True' })
})
