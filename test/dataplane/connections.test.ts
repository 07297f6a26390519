import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import type { ServiceTraffic } from '../../src/mesh/traffic.ts'
import { istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { plainRequest } from '../support/dataplane/data-plane.ts'
import { expectShares, placeOf } from '../support/dataplane/shares.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

// Listeners on loopback know a TCP port of one Service only, so that each has ports of its own.
const [port = 0, first = 0, second = 0, tlsPort = 0] = await freePorts(4)
const namespace = 'shop'
const apex = { namespace, name: 'connections' }
const named = { namespace, name: 'connections-named' }
const v1 = { namespace, name: 'connections-v1' }
const v2 = { namespace, name: 'connections-v2' }

function traffic(one: number, other: number): ServiceTraffic {
  const backends = [
    { service: v1, port: first, weight: one },
    { service: v2, port: second, weight: other },
  ]
  return { service: apex, ports: [{ port, protocol: 'tcp', rules: [{ name: 'default', matches: [], backends }] }] }
}

describeDataPlane('a split of connections on a real proxy', (mesh) => {
  // What the connections carry is a request all the same, which tells who answers; each has one of its own.
  const connect = () => mesh.send({ ...plainRequest, service: apex, port, headers: { connection: 'close' } })

  test('of TCP has the weights asked for, and without it the Service answers itself', async () => {
    await mesh.addService(v1, [first])
    await mesh.addService(v2, [second])
    await mesh.addService(apex, [port], { speaks: 'tcp' })
    await mesh.reachable()
    const places = async (count: number) => {
      const answers = []
      for (let sent = 0; sent < count; sent += 1) answers.push(await connect())
      return answers
    }
    const answered = (place: string) => async () => {
      const answer = await connect().catch(() => undefined)
      return answer !== undefined && placeOf(answer) === place
    }
    await waitFor('the Service answers', answered('shop/connections'))

    await mesh.apply(istio, istio.translate(traffic(70, 30)))
    await waitFor('the split is followed', answered('shop/connections-v1'))
    await expectShares({ 'shop/connections-v1': 70, 'shop/connections-v2': 30 }, () => places(1_000))

    await mesh.apply(istio, istio.translate(traffic(0, 1)))
    await waitFor('the other weights are followed', async () => {
      const all = await places(20)
      return all.every((answer) => placeOf(answer) === 'shop/connections-v2')
    })
    for (const object of istio.translate(traffic(0, 1))) await mesh.remove(istio, object)
    await waitFor('the Service answers again', answered('shop/connections'))
    expect(placeOf(await connect())).toBe('shop/connections')
    proves('istio', 'proxy', ['tcpSplit'])
  })

  test('of TLS goes by the most specific server name, and closes connections for other names', async () => {
    const rule = (service: typeof v1, to: number, name: string) => {
      return { name: service.name, matches: [{ sniHosts: [name] }], backends: [{ service, port: to, weight: 1 }] }
    }
    const rules = [rule(v2, second, '*.example.com'), rule(v1, first, 'a.example.com')]
    await mesh.addService(named, [tlsPort], { speaks: 'tls' })
    await mesh.apply(istio, istio.translate({ service: named, ports: [{ port: tlsPort, protocol: 'tls', rules }] }))
    const reached = async (name: string) => {
      const count = async () => [
        await mesh.counter('upstream_cx_total', v1, first),
        await mesh.counter('upstream_cx_total', v2, second),
      ]
      const before = await count()
      await shakeHands(tlsPort, name)
      return (await count()).map((now, index) => now - (before[index] ?? 0))
    }
    await waitFor('the routes are followed', async () => (await reached('a.example.com'))[0] === 1)
    expect(await reached('a.example.com')).toEqual([1, 0])
    expect(await reached('b.example.com')).toEqual([0, 1])
    expect(await reached('y.b.example.com')).toEqual([0, 1])
    expect(await reached('example.org')).toEqual([0, 0])
    proves('istio', 'proxy', ['tlsSplit'])
  })
})

/** Asks for a name. The backends speak no TLS, so that it ends in an error wherever it gets to. */
function shakeHands(to: number, servername: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: to, servername, rejectUnauthorized: false })
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
}
