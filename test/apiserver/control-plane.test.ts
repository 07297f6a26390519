import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { at, list } from '../support/api-suite/client.ts'
import { configMap, deployment } from '../support/api-suite/fixtures.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { InProcess } from './client.ts'

const configMaps = '/api/v1/namespaces/default/configmaps'

function counter(): () => string {
  let next = 0
  return () => {
    next += 1
    return `00000000-0000-4000-8000-${String(next).padStart(12, '0')}`
  }
}

function start(options: Parameters<typeof createControlPlane>[0] = {}) {
  const clock = new VirtualClock()
  const plane = createControlPlane({ clock, uid: counter(), ...options })
  return { clock, plane, api: new InProcess(plane) }
}

describe('a control plane without sockets', () => {
  test('the same requests on virtual time give the same answers', async () => {
    const run = async () => {
      const { clock, plane, api } = start()
      await api.send('POST', configMaps, { metadata: { generateName: 'a-' } })
      await api.send('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web'))
      await clock.advance(5000)
      const answers = [await api.get(configMaps), await api.get('/apis/apps/v1/deployments')]
      await plane.close()
      return answers
    }
    expect(await run()).toEqual(await run())
  })

  test('objects are stamped with virtual time', async () => {
    const { clock, api } = start()
    await clock.advance(90_000)
    const { body } = await api.send('POST', configMaps, configMap('a'))
    expect(at(body, 'metadata', 'creationTimestamp')).toBe('2026-01-01T00:01:30Z')
  })

  test('a watch ends when its request is aborted', async () => {
    const { api } = start()
    const abort = new AbortController()
    const { events, ended } = await api.watch(`${configMaps}?watch=1`, abort.signal)
    await api.send('POST', configMaps, configMap('a'))
    await setImmediate()
    abort.abort()
    await ended
    expect(events.map((event) => event.type)).toEqual(['ADDED'])
  })

  test('a watch gets a bookmark each minute and ends at its timeout, on virtual time', async () => {
    const { clock, api } = start()
    const { events, ended } = await api.watch(`${configMaps}?watch=1&allowWatchBookmarks=true&timeoutSeconds=150`)
    await clock.advance(149_000)
    expect(events.map((event) => event.type)).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK'])
    await clock.advance(1000)
    await ended
  })

  test('watches end with the control plane', async () => {
    const { plane, api } = start()
    const { ended } = await api.watch(`${configMaps}?watch=1`)
    await plane.close()
    await ended
  })

  test('after so many changes the past is gone, for watches and for pages', async () => {
    const { api } = start({ compactAfter: 3 })
    for (const name of ['a', 'b']) await api.send('POST', configMaps, configMap(name))
    const { metadata } = await api.get(`${configMaps}?limit=1`)
    const [revision, token] = [at(metadata, 'resourceVersion'), at(metadata, 'continue')]
    for (const n of ['1', '2', '3']) await api.send('PUT', `${configMaps}/a`, configMap('a', { n }))
    const inTime = await api.watch(`${configMaps}?watch=1&resourceVersion=${revision}&timeoutSeconds=1`)
    await setImmediate()
    expect(inTime.events.map((event) => at(event, 'object', 'data', 'n'))).toEqual(['1', '2', '3'])
    await api.send('PUT', `${configMaps}/a`, configMap('a', { n: '4' }))
    const late = await api.watch(`${configMaps}?watch=1&resourceVersion=${revision}`)
    await late.ended
    expect(late.events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }])
    const page = await api.send('GET', `${configMaps}?limit=1&continue=${String(token)}`)
    expect(page).toMatchObject({ status: 410, body: { reason: 'Expired' } })
  })

  test('writes are told to listeners before they are answered, what controllers do included', async () => {
    const { plane, api } = start()
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
    await api.send('POST', '/api/v1/namespaces/shop/configmaps', configMap('a'))
    const seen: string[] = []
    const stop = plane.onWrite(({ type, object }) => seen.push(`${type} ${object.kind} ${object.metadata.name}`))
    await api.send('DELETE', '/api/v1/namespaces/shop')
    expect(seen).toEqual(['MODIFIED Namespace shop', 'DELETED ConfigMap a', 'DELETED Namespace shop'])
    stop()
    await api.send('POST', configMaps, configMap('b'))
    expect(seen).toHaveLength(3)
  })

  test('calls are counted by verb and resource, and apart by client', async () => {
    const { plane, api } = start()
    const other = new InProcess(plane, 'other/2.0 (linux)')
    await api.send('POST', configMaps, configMap('a'))
    await api.get(configMaps)
    await api.get(`${configMaps}/a`)
    await other.send('PATCH', `${configMaps}/a`, { data: { n: '1' } }, 'application/merge-patch+json')
    await other.send('DELETE', configMaps)
    expect(plane.calls()).toEqual({ create: 1, list: 1, get: 1, patch: 1, deletecollection: 1 })
    expect(plane.calls('other')).toEqual({ patch: 1, deletecollection: 1 })
    expect(plane.callList('other')).toContainEqual({
      client: 'other',
      method: 'PATCH',
      verb: 'patch',
      resource: 'configmaps',
      count: 1,
    })
    plane.resetCalls()
    expect(plane.calls()).toEqual({})
  })

  test('a dependent whose owner is missing goes after a while, unless the owner comes', async () => {
    const { clock, api } = start()
    const owner = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid }] })
    await api.send('POST', configMaps, configMap('ghost', {}, owner('nobody')))
    const { body: real } = await api.send('POST', configMaps, configMap('o'))
    await api.send('POST', configMaps, configMap('child', {}, owner(String(at(real, 'metadata', 'uid')))))
    await clock.advance(2000)
    expect(list((await api.get(configMaps)).items).map((item) => at(item, 'metadata', 'name'))).toEqual(['child', 'o'])
  })

  test('a path that is no path of the API is answered, never thrown', async () => {
    const { api } = start()
    for (const path of [
      '',
      '//',
      '/api/v1/%zz',
      '/apis',
      '/api/v1/namespaces//configmaps',
      '/apis/apps/v1/namespaces/a/deployments/b/c/d',
    ]) {
      expect((await api.raw('GET', path)).status).toBeGreaterThanOrEqual(200)
    }
  })
})

describe('a control plane on loopback', () => {
  test('takes its token as bearer or as password, and nothing else', async () => {
    const { plane } = start()
    const { url, close } = await plane.listen()
    const status = async (authorization: string) =>
      (await fetch(`${url}/version`, { headers: { authorization } })).status
    expect(await status(`Bearer ${plane.token}`)).toBe(200)
    expect(await status(`Basic ${Buffer.from(`admin:${plane.token}`).toString('base64')}`)).toBe(200)
    expect(await status(`Basic ${Buffer.from('admin:wrong').toString('base64')}`)).toBe(401)
    expect(await status('')).toBe(401)
    await close()
  })

  test('a client that goes away takes its watch with it', async () => {
    const plane = createControlPlane()
    const { url } = await plane.listen()
    const abort = new AbortController()
    const headers = { authorization: `Bearer ${plane.token}` }
    const answer = await fetch(`${url}${configMaps}?watch=1`, { headers, signal: abort.signal })
    expect(answer.status).toBe(200)
    abort.abort()
    await plane.close()
  })
})
