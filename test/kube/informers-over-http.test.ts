import { describe, expect, test } from 'vitest'
import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { systemClock } from '../../src/kube/clock.ts'
import { anonymous } from '../../src/kube/credentials.ts'
import { HttpClient } from '../../src/kube/http-client.ts'
import type { Informer } from '../../src/kube/informers.ts'
import { PoolTransport } from '../../src/kube/pool-transport.ts'
import { SharedInformers } from '../../src/kube/shared-informers.ts'
import { liveServer } from './support/live-server.ts'
import { configMap, configMaps } from './support/scripted-server.ts'

function connectTo(server: string, token = '') {
  const credentials = { ...anonymous, present: async () => ({ headers: { authorization: `Bearer ${token}` } }) }
  const transport = new PoolTransport({ server, credentials, clock: systemClock })
  const client = new HttpClient(transport, { clock: systemClock, random: () => 0 })
  const informers = new SharedInformers({ client, namespace: 'shop', clock: systemClock, random: () => 0 })
  return { client, informers, transport }
}

/** Resolves when the store has an object of this name. */
function present(informer: Informer, name: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (informer.store.get({ namespace: 'shop', name }) !== undefined) resolve()
    }
    informer.listen(check)
    check()
  })
}

describe('informers over HTTP', () => {
  test('follow the embedded control plane, and leave no connection behind when they stop', async () => {
    const plane = createControlPlane({ token: 'secret' })
    const { url } = await plane.listen()
    const { client, informers } = connectTo(url, 'secret')
    const namespaces = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    const { metadata: _, ...body } = configMap('a', 1)
    const informer = informers.of(configMaps)
    await informers.ready()
    await client.create(configMaps, { ...body, metadata: { namespace: 'shop', name: 'a' } })
    await present(informer, 'a')
    await informers.stop()
    await client.close()
    await plane.close()
    expect(informer.store.list({ namespace: 'shop' }).map(({ metadata }) => metadata.name)).toContain('a')
  })

  test('carry on after a stream that broke off in the middle of an event', async () => {
    const event = (name: string, version: number) => JSON.stringify({ type: 'ADDED', object: configMap(name, version) })
    const asked: string[] = []
    await using server = await liveServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://server').searchParams
      asked.push(query.get('watch') === null ? 'list' : `watch from ${query.get('resourceVersion')}`)
      response.writeHead(200, { 'content-type': 'application/json' })
      if (asked.length === 1) response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items: [] }))
      else if (asked.length === 2) {
        const whole = `${event('whole', 11)}\n`
        response.write(`${whole}${event('half', 12).slice(0, 40)}`, () => request.socket.resetAndDestroy())
      } else response.write(`${event('half', 12)}\n`)
    })
    const { client, informers } = connectTo(`http://127.0.0.1:${server.port}`)
    const informer = informers.of(configMaps)
    await present(informer, 'half')
    expect(asked).toEqual(['list', 'watch from 10', 'watch from 11'])
    expect(informer.store.list()).toHaveLength(2)
    await informers.stop()
    await client.close()
  })
})
