import { describe, expect, test } from 'vitest'
import { ApiError, ConnectionError, isConflict, isForbidden, isNotFound } from '../../src/kube/errors.ts'
import { explain } from '../../src/kube/explain.ts'
import { HttpClient } from '../../src/kube/http-client.ts'
import { InProcessTransport, type RequestHandler } from '../../src/kube/in-process-transport.ts'
import type { Kind } from '../../src/kube/object.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { configMap, configMaps, failure, json, scriptedServer } from './support/scripted-server.ts'

const a = { namespace: 'shop', name: 'a' }
const nodes: Kind = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }
const routes: Kind = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

/** Lets a call run with as much time as it needs. */
async function settle<T>(clock: VirtualClock, call: Promise<T>): Promise<T | Error> {
  const result = call.catch((error: Error) => error)
  await clock.advance(600_000)
  return result
}

describe('paths', () => {
  test('are those of the kind, with the subresource', async () => {
    const server = scriptedServer(new VirtualClock(), () => json(200, configMap('a', 1)))
    await server.client.get(configMaps, a)
    await server.client.get(nodes, { name: 'n1' })
    await server.client.patch(routes, a, {}, { type: 'merge', fieldManager: 'me', subresource: 'status' })
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/shop/configmaps/a',
      '/api/v1/nodes/n1',
      '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/a/status',
    ])
  })

  test('never mean another object: a missing name or namespace is refused, slashes are escaped', async () => {
    const server = scriptedServer(new VirtualClock(), () => json(200, configMap('a', 1)))
    await expect(server.client.delete(configMaps, { name: 'a' })).rejects.toThrow('ConfigMap a without a namespace')
    await expect(server.client.delete(configMaps, { namespace: 'shop', name: '' })).rejects.toThrow('without a name')
    await server.client.get(configMaps, { namespace: 'shop', name: '../../secrets/x' })
    expect(server.requests[0]?.path).toBe('/api/v1/namespaces/shop/configmaps/..%2F..%2Fsecrets%2Fx')
  })
})

describe('retries', () => {
  /** A server that fails so often and then answers. */
  const failing = (clock: VirtualClock, times: number, code: number, headers: Record<string, string> = {}) => {
    let left = times
    return scriptedServer(clock, () => (left-- > 0 ? failure(code, 'Trouble', headers) : json(200, configMap('a', 1))))
  }

  test.each([429, 500, 502, 503, 504])('reads survive %i', async (code) => {
    const clock = new VirtualClock()
    const server = failing(clock, 3, code)
    expect(await settle(clock, server.client.get(configMaps, a))).toMatchObject({ metadata: { name: 'a' } })
  })

  test('reads are given up after five attempts', async () => {
    const clock = new VirtualClock()
    const server = failing(clock, 99, 503)
    expect(await settle(clock, server.client.get(configMaps, a))).toMatchObject({ code: 503 })
    expect(server.requests).toHaveLength(5)
  })

  test('wait as long as the server asks', async () => {
    const clock = new VirtualClock()
    const server = failing(clock, 1, 429, { 'retry-after': '7' })
    await settle(clock, server.client.get(configMaps, a))
    expect((server.requests[1]?.at ?? 0) - (server.requests[0]?.at ?? 0)).toBe(7_000)
  })

  test('repeat a write only when the server says that it has not begun it', async () => {
    const clock = new VirtualClock()
    const throttled = failing(clock, 1, 429, { 'retry-after': '1' })
    await settle(clock, throttled.client.create(configMaps, configMap('a', 0)))
    expect(throttled.requests).toHaveLength(2)
    for (const server of [failing(clock, 1, 500), failing(clock, 1, 429)]) {
      expect(await settle(clock, server.client.create(configMaps, configMap('a', 0)))).toBeInstanceOf(ApiError)
      expect(server.requests).toHaveLength(1)
    }
  })

  test('end with the call', async () => {
    const clock = new VirtualClock()
    const server = failing(clock, 99, 503)
    const stop = new AbortController()
    const call = server.client.get(configMaps, a, stop.signal).catch((error: unknown) => error)
    await clock.advance(0)
    stop.abort()
    expect(await call).toBe(stop.signal.reason)
    await clock.advance(60_000)
    expect(server.requests).toHaveLength(1)
  })
})

describe('errors', () => {
  const errorOf = async (answer: ReturnType<typeof json>) => {
    const clock = new VirtualClock()
    const { client } = scriptedServer(clock, () => answer)
    const error = await settle(clock, client.apply(routes, { ...configMap('a', 0) }, { fieldManager: 'me' }))
    if (!(error instanceof ApiError)) throw new Error(`not an ApiError: ${JSON.stringify(error)}`)
    return error
  }

  test('say what was asked, what the answer is, and can be told apart', async () => {
    const conflict = await errorOf(failure(409, 'Conflict'))
    expect(conflict.message).toBe('apply httproutes shop/a: 409 it is Conflict')
    expect([isConflict(conflict), isNotFound(conflict), isForbidden(conflict)]).toEqual([true, false, false])
  })

  test('of the connection say what was asked as well', async () => {
    const handle: RequestHandler = () => Promise.reject(new ConnectionError('here', 'refused', 'connection refused'))
    const client = new HttpClient(new InProcessTransport(handle), { clock: new VirtualClock(), random: Math.random })
    const error = await client.create(configMaps, configMap('a', 0)).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      problem: 'refused',
      message: 'create configmaps shop/a: here: connection refused',
      call: { verb: 'create', resource: 'configmaps', target: 'shop/a' },
    })
  })

  test('may be no Status at all', async () => {
    const plain = await errorOf({ status: 404, headers: {}, body: '404 page not found\n' })
    expect(plain).toMatchObject({ code: 404, reason: '', message: 'apply httproutes shop/a: 404 404 page not found' })
  })

  test('that forbid something become a sentence with verb, resource and user', async () => {
    const said =
      'httproutes.gateway.networking.k8s.io "a" is forbidden: User "system:serviceaccount:ops:canary" cannot patch resource ' +
      '"httproutes" in API group "gateway.networking.k8s.io" in the namespace "shop"'
    const error = await errorOf(json(403, { kind: 'Status', code: 403, reason: 'Forbidden', message: said }))
    expect(explain(error, { server: 'here' })?.message).toBe(
      'system:serviceaccount:ops:canary may not patch httproutes.gateway.networking.k8s.io in the namespace shop',
    )
  })

  test.each([
    [
      'gone',
      {
        code: 404,
        reason: 'NotFound',
        message: 'namespaces "shop" not found',
        details: { name: 'shop', kind: 'namespaces' },
      },
    ],
    [
      'going',
      {
        code: 403,
        reason: 'Forbidden',
        message: 'it is being terminated',
        details: { causes: [{ reason: 'NamespaceTerminating' }] },
      },
    ],
  ])('tell a namespace that is %s from other trouble', async (_, status) => {
    const error = await errorOf(json(status.code, { kind: 'Status', ...status }))
    expect(explain(error, { server: 'here' })?.code).toBe('AP3016')
  })

  test('of a collection that is not there mean that the kind is not installed', async () => {
    const { client } = scriptedServer(new VirtualClock(), () => ({
      status: 404,
      headers: {},
      body: '404 page not found',
    }))
    const error = await client.list(routes).catch((cause: unknown) => cause)
    expect(explain(error, { server: 'here', kind: routes })?.message).toBe(
      'the cluster does not serve HTTPRoute (gateway.networking.k8s.io/v1)',
    )
  })
})

test('a deletion answers with the object as long as something keeps it, and with nothing when it is gone', async () => {
  const object = configMap('a', 1)
  const terminating = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
  const held = { ...terminating, metadata: { ...terminating.metadata, finalizers: ['x/y'] } }
  const answers = [json(200, { kind: 'Status', status: 'Success' }), json(200, terminating), json(200, held)]
  const { client } = scriptedServer(new VirtualClock(), () => answers.shift() ?? failure(500, ''))
  expect(await client.delete(configMaps, a)).toBeUndefined()
  expect(await client.delete(configMaps, a)).toBeUndefined()
  expect(await client.delete(configMaps, a)).toEqual(held)
})

test('warnings of the server are handed on', async () => {
  const clock = new VirtualClock()
  const warning = '299 - "v1beta1 is deprecated, use \\"v1\\"", 299 - "unknown field"'
  const handle: RequestHandler = async () => json(200, configMap('a', 1), { warning })
  const warnings: string[] = []
  const client = new HttpClient(new InProcessTransport(handle), {
    clock,
    random: Math.random,
    onWarning: (text, { resource }) => warnings.push(`${resource}: ${text}`),
  })
  await client.get(configMaps, a)
  expect(warnings).toEqual(['configmaps: v1beta1 is deprecated, use "v1"', 'configmaps: unknown field'])
})
