import { describe, expect, test } from 'vitest'
import { at, list, type WatchEvent } from './client.ts'
import { configMap, install, nameOf, namespace, revision, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

function shown(events: readonly WatchEvent[]): string[] {
  return events.map(({ type, object }) => `${type} ${nameOf(object)}`)
}

/** Watches: what they see, from where, and how they end. */
export function watchTests(api: Connected): void {
  describe.concurrent('watches', () => {
    test('a watch from a list sees every later change, once and in order', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      await api().post(path, configMap('before'))
      const { body } = await api().get(path)
      await api().post(path, configMap('a', { n: '1' }))
      await api().merge(`${path}/a`, { data: { n: '2' } })
      await api().delete(`${path}/a`)
      const events = await api().watch(path, { resourceVersion: revision(body) }, (seen) => seen.length === 3)
      expect(shown(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
      expect(events.map(({ object }) => at(object, 'data', 'n'))).toEqual(['1', '2', '2'])
      const revisions = events.map(({ object }) => Number(revision(object)))
      expect([...revisions].sort((left, right) => left - right)).toEqual(revisions)
      expect(new Set(revisions).size).toBe(3)
    })

    test('a watch sees changes that happen while it runs', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body } = await api().get(path)
      const events = await api().watch(
        path,
        { resourceVersion: revision(body) },
        (seen) => seen.length === 2,
        async () => {
          await api().post(path, configMap('a'))
          await api().post(path, configMap('b'))
        },
      )
      expect(shown(events)).toEqual(['ADDED a', 'ADDED b'])
    })

    test('a watch without a resourceVersion starts with what is there', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      await api().post(path, configMap('a'))
      await api().post(path, configMap('b'))
      const events = await api().watch(path, {}, (seen) => seen.length === 2)
      expect(shown(events).sort()).toEqual(['ADDED a', 'ADDED b'])
    })

    test('an object that enters or leaves the selection is added or deleted', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body } = await api().get(path)
      const label = (tier: string) => api().merge(`${path}/a`, { metadata: { labels: { tier } } })
      await api().post(path, configMap('a'))
      await label('in')
      await api().merge(`${path}/a`, { data: { n: '1' } })
      const { body: left } = await label('out')
      await label('in')
      const events = await api().watch(
        path,
        { resourceVersion: revision(body), labelSelector: 'tier=in' },
        (seen) => seen.length === 4,
      )
      expect(shown(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a'])
      expect(revision(events[2]?.object)).toBe(revision(left))
    })

    test('a watch of one name sees that object only', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body } = await api().get(path)
      await api().post(path, configMap('a'))
      await api().post(path, configMap('b'))
      await api().post(path, configMap('c'))
      await api().delete(`${path}/b`)
      const query = { resourceVersion: revision(body), fieldSelector: 'metadata.name=b' }
      const events = await api().watch(path, query, (seen) => seen.length === 2)
      expect(shown(events)).toEqual(['ADDED b', 'DELETED b'])
    })

    test('a watch across namespaces sees them all', async () => {
      const one = await namespace(api())
      const two = await namespace(api())
      const { body } = await api().get('/api/v1/configmaps', { limit: 1 })
      await api().post(`${one.core}/configmaps`, configMap(one.name))
      await api().post(`${two.core}/configmaps`, configMap(two.name))
      const wanted = [`ADDED ${one.name}`, `ADDED ${two.name}`]
      const events = await api().watch('/api/v1/configmaps', { resourceVersion: revision(body) }, (seen) => {
        const all = shown(seen)
        return wanted.every((one) => all.includes(one))
      })
      expect(shown(events).filter((event) => wanted.includes(event))).toEqual(wanted)
    })

    test('a resourceVersion from before the server remembers is an Expired error', async () => {
      const kind = widgets({ type: 'object' })
      await install(api(), kind)
      const events = await api().watch(kind.path('default'), { resourceVersion: '1' }, (seen) => seen.length === 1)
      expect(events[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } })
    })

    test('a list at a resourceVersion that is no number is a bad request', async () => {
      const { core } = await namespace(api())
      const { status, body } = await api().get(`${core}/configmaps`, { resourceVersion: 'abc' })
      expect(status).toBe(400)
      expect(body.message).toContain('Invalid value: "abc"')
    })

    test('a watch with bookmarks gets one before its time is up, and then ends', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body } = await api().get(path)
      const query = { resourceVersion: revision(body), allowWatchBookmarks: true, timeoutSeconds: 4 }
      // No server promises a bookmark to each watch; one that never sends any is broken.
      let bookmark: WatchEvent | undefined
      for (let attempt = 0; bookmark === undefined && attempt < 3; attempt += 1) {
        const events = await api().watch(path, query, () => false)
        bookmark = events.find(({ type }) => type === 'BOOKMARK')
      }
      expect(bookmark?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
      expect(Number(revision(bookmark?.object))).toBeGreaterThanOrEqual(Number(revision(body)))
    })

    test('a watch without bookmarks gets none', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      const { body } = await api().get(path)
      const events = await api().watch(path, { resourceVersion: revision(body), timeoutSeconds: 3 }, () => false)
      expect(events).toEqual([])
    })

    test('a watch that lists first says by a bookmark where the list ends', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      await api().post(path, configMap('a'))
      await api().post(path, configMap('b'))
      const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true }
      const events = await api().watch(path, query, (seen) => seen.some(({ type }) => type === 'BOOKMARK'))
      expect(shown(events.slice(0, 2)).sort()).toEqual(['ADDED a', 'ADDED b'])
      expect(at(events[2]?.object, 'metadata', 'annotations')).toEqual({ 'k8s.io/initial-events-end': 'true' })
    })

    test('initial events need a match on the resourceVersion', async () => {
      const { core } = await namespace(api())
      const { status } = await api().get(`${core}/configmaps`, { watch: true, sendInitialEvents: true })
      expect(status).toBe(422)
    })

    test('a watch can be a stream of Tables', async () => {
      const { core } = await namespace(api())
      const path = `${core}/configmaps`
      await api().post(path, configMap('a'))
      const { text } = await api().request('GET', `${path}?watch=true&timeoutSeconds=1`, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      })
      const event: unknown = JSON.parse(text.split('\n')[0] ?? '')
      expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } })
      expect(list(at(event, 'object', 'rows'))).toHaveLength(1)
    })
  })
}
