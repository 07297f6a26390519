import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { MemoryStore } from '../../src/kube/memory-store.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { StoreChange } from '../../src/kube/store.ts'
import { configMap } from './support/scripted-server.ts'

function watched() {
  const changes: string[] = []
  const store = new MemoryStore(({ type, object }) => {
    changes.push(`${type} ${object.metadata.name} ${object.metadata.resourceVersion}`)
  })
  return { store, changes }
}

describe('own writes', () => {
  test('are there at once, and their echo changes nothing', () => {
    const { store, changes } = watched()
    store.put(configMap('a', 1))
    store.observe(configMap('a', 2))
    store.put(configMap('a', 2))
    expect(changes).toEqual(['added a 1', 'changed a 2'])
  })

  test('are not taken back by an older event', () => {
    const { store } = watched()
    store.observe(configMap('a', 9))
    store.put(configMap('a', 8))
    expect(store.get({ namespace: 'shop', name: 'a' })?.metadata.resourceVersion).toBe('9')
  })

  test('compare versions as integers of any size', () => {
    const { store } = watched()
    store.put(configMap('a', 9))
    store.put({
      ...configMap('a', 0),
      metadata: { ...configMap('a', 0).metadata, resourceVersion: '18446744073709551616' },
    })
    expect(store.get({ namespace: 'shop', name: 'a' })?.metadata.resourceVersion).toBe('18446744073709551616')
  })

  test('that deleted an object are not undone by an event from before', () => {
    const { store, changes } = watched()
    store.put(configMap('a', 1))
    store.forget({ namespace: 'shop', name: 'a' })
    store.put(configMap('a', 2))
    store.drop(configMap('a', 3))
    expect(changes).toEqual(['added a 1', 'deleted a 1'])
  })

  test('that are answered late do not bring back what somebody else deleted meanwhile', () => {
    const { store, changes } = watched()
    store.put(configMap('a', 1))
    store.drop(configMap('a', 3))
    store.observe(configMap('a', 2))
    expect(store.get({ namespace: 'shop', name: 'a' })).toBeUndefined()
    expect(changes).toEqual(['added a 1', 'deleted a 3'])
  })

  test('that are answered late do not bring back what a list shows to be gone', () => {
    const { store } = watched()
    store.put(configMap('a', 1))
    store.beginList()
    store.replace([], '3')
    store.observe(configMap('a', 2))
    expect(store.get({ namespace: 'shop', name: 'a' })).toBeUndefined()
    store.beginList()
    store.replace([configMap('a', 1)])
    store.observe(configMap('a', 2))
    expect(store.get({ namespace: 'shop', name: 'a' })?.metadata.resourceVersion).toBe('2')
  })

  test('of what was selected no more are there at once', () => {
    const { store } = watched()
    store.put(configMap('a', 1))
    store.drop(configMap('a', 2))
    store.observe(configMap('a', 3))
    store.beginList()
    store.replace([], '4')
    store.observe(configMap('a', 5))
    expect(store.get({ namespace: 'shop', name: 'a' })?.metadata.resourceVersion).toBe('5')
  })

  test('while a list was under way are kept against the list', () => {
    const { store } = watched()
    store.put(configMap('old', 1))
    store.beginList()
    store.observe(configMap('new', 5))
    store.observe(configMap('old', 6))
    store.replace([configMap('old', 1)])
    expect(store.list().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)).toEqual([
      'old 6',
      'new 5',
    ])
  })

  test('that deleted an object while a list was under way are not undone by the list', () => {
    const { store, changes } = watched()
    store.put(configMap('a', 1))
    store.beginList()
    store.forget({ namespace: 'shop', name: 'a' })
    store.replace([configMap('a', 1)])
    store.put(configMap('a', 1))
    expect(changes).toEqual(['added a 1', 'deleted a 1'])
  })

  test('from before a list are as the list says, even when the server went back in time', () => {
    const { store } = watched()
    store.observe(configMap('a', 500))
    store.observe(configMap('b', 501))
    store.beginList()
    store.replace([configMap('a', 20)])
    expect(store.list().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)).toEqual(['a 20'])
  })
})

describe('reading', () => {
  const owned = (name: string, uid: string, labels: Record<string, string>): KubeObject => {
    const object = configMap(name, 1)
    const owner = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid }
    return { ...object, metadata: { ...object.metadata, labels, ownerReferences: [owner] } }
  }
  const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name)

  test('finds by owner, labels and namespace, whatever changed in between', () => {
    const { store } = watched()
    store.put(owned('a', 'first', { app: 'web' }))
    expect(names(store.list({ labels: { app: 'web' } }))).toEqual(['a'])
    store.put(owned('b', 'first', { app: 'web', tier: 'x' }))
    const moved = owned('a', 'second', { app: 'api' })
    store.put({ ...moved, metadata: { ...moved.metadata, resourceVersion: '2' } })
    expect(names(store.ownedBy('first'))).toEqual(['b'])
    expect(names(store.ownedBy('second'))).toEqual(['a'])
    expect(names(store.list({ labels: { app: 'web' } }))).toEqual(['b'])
    expect(names(store.list({ labels: { app: 'web', tier: 'y' } }))).toEqual([])
    expect(names(store.list({ namespace: 'shop', labels: { app: 'api' } }))).toEqual(['a'])
    expect(names(store.list({ namespace: 'elsewhere' }))).toEqual([])
    store.drop(configMap('b', 9))
    expect(names(store.ownedBy('first'))).toEqual([])
  })

  test('shows no managedFields', () => {
    const { store } = watched()
    const object = configMap('a', 1)
    store.put({ ...object, metadata: { ...object.metadata, managedFields: [{ manager: 'kubectl' }] } })
    expect(store.list()[0]?.metadata).not.toHaveProperty('managedFields')
  })
})

/** A server's history, seen late through a watch and through lists, while the process also writes and deletes by itself. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('write', 'own write', 'delete', 'own delete'),
        name: fc.constantFrom('a', 'b'),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('deliver', 'begin list', 'end list') }) },
  ),
  { maxLength: 40 },
)

test.prop([steps], { numRuns: 500 })(
  'ends as the server is, never goes back, and tells every change exactly once',
  (script) => {
    const told = new Map<string, KubeObject>()
    const store = new MemoryStore((change) => follow(told, change))
    const server = new Map<string, KubeObject>()
    const deletedByUs = new Set<string | undefined>()
    const events: { type: 'put' | 'drop'; object: KubeObject }[] = []
    let version = 0
    let delivered = 0
    let listing: { items: KubeObject[]; events: number } | undefined

    const write = (name: string) => {
      version++
      const uid = server.get(name)?.metadata.uid ?? `${name}-${version}`
      const object = configMap(name, version)
      const written = { ...object, metadata: { ...object.metadata, uid } }
      server.set(name, written)
      events.push({ type: 'put', object: written })
      return written
    }
    const remove = (name: string) => {
      const object = server.get(name)
      if (object === undefined) return false
      version++
      server.delete(name)
      events.push({
        type: 'drop',
        object: { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } },
      })
      return true
    }
    const deliver = () => {
      const event = events[delivered]
      if (event === undefined) return
      delivered++
      store[event.type](event.object)
    }

    for (const step of script) {
      const before = new Map(store.list().map(({ metadata }) => [metadata.uid, Number(metadata.resourceVersion)]))
      if ('name' in step) {
        if (step.do === 'write') write(step.name)
        if (step.do === 'own write') store.observe(write(step.name))
        if (step.do === 'delete') remove(step.name)
        if (step.do === 'own delete') {
          const live = server.get(step.name)?.metadata.uid
          const known = store.get({ namespace: 'shop', name: step.name })?.metadata.uid
          if (live !== undefined && live === known && remove(step.name)) {
            store.forget({ namespace: 'shop', name: step.name })
            deletedByUs.add(live)
          }
        }
      } else if (step.do === 'begin list') {
        store.beginList()
        listing = { items: [...server.values()], events: events.length }
      } else if (step.do === 'end list' && listing !== undefined) {
        store.replace(listing.items)
        delivered = listing.events
        listing = undefined
      } else if (step.do === 'deliver' && listing === undefined) deliver()
      for (const { metadata } of store.list()) {
        expect(deletedByUs).not.toContain(metadata.uid)
        expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(before.get(metadata.uid) ?? 0)
      }
      expect(new Map(store.list().map((object) => [object.metadata.name, object]))).toEqual(told)
    }
    if (listing !== undefined) {
      store.replace(listing.items)
      delivered = listing.events
    }
    while (delivered < events.length) deliver()
    expect(new Map(store.list().map((object) => [object.metadata.name, object]))).toEqual(server)
  },
)

/** Applies a change as a listener would, and refuses one that makes no sense. */
function follow(told: Map<string, KubeObject>, change: StoreChange): void {
  const { name } = change.object.metadata
  const known = told.get(name)
  if (change.type === 'added') expect(known).toBeUndefined()
  if (change.type === 'changed') expect(known).toEqual(change.previous)
  if (change.type === 'deleted') expect(known?.metadata.uid).toBe(change.object.metadata.uid)
  if (change.type === 'deleted') told.delete(name)
  else told.set(name, change.object)
}
