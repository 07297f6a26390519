import { connect as connectTls } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { serviceName } from '../../src/mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { expectShares, placeOf } from '../support/dataplane/shares.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const namespace = 'shop'

describeDataPlane('a split of connections on a real proxy', (mesh) => {
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => connections(mesh, adapter))
})

function connections(mesh: DataPlane, adapter: MeshAdapter): void {
  const named = (name: string) => ({ namespace, name: `connections-${adapter.name}${name}` })
  const [apex, byName, v1, v2] = [named(''), named('-named'), named('-v1'), named('-v2')]
  let [port, first, second, tlsPort] = [0, 0, 0, 0]

  beforeAll(async () => {
    // Listeners on loopback know a TCP port of one Service only, so that each has ports of its own.
    ;[port = 0, first = 0, second = 0, tlsPort = 0] = await freePorts(4)
    await mesh.addService(v1, [first])
    await mesh.addService(v2, [second])
    await mesh.reachable()
  })

  const traffic = (one: number, other: number): ServiceTraffic => {
    const backends = [
      { service: v1, port: first, weight: one },
      { service: v2, port: second, weight: other },
    ]
    return { service: apex, ports: [{ port, protocol: 'tcp', rules: [{ name: 'default', matches: [], backends }] }] }
  }
  // What the connections carry is a request all the same, which tells who answers; each has one of its own.
  const connect = () => mesh.send({ ...plainRequest, service: apex, port, headers: { connection: 'close' } })

  test('of TCP has the weights asked for, and without it the Service answers itself', async () => {
    await mesh.addService(apex, [port], { speaks: 'tcp' })
    const places = async (count: number) => {
      const answers = []
      for (let sent = 0; sent < count; sent += 1) answers.push(await connect())
      return answers
    }
    const answered = (place: ServiceRef) => async () => {
      const answer = await connect().catch(() => undefined)
      return answer !== undefined && placeOf(answer) === serviceName(place)
    }
    await waitFor('the Service answers', answered(apex))

    await mesh.apply(adapter, adapter.translate(traffic(70, 30)))
    await waitFor('the split is followed', answered(v1))
    await expectShares({ [serviceName(v1)]: 70, [serviceName(v2)]: 30 }, () => places(1_000))

    await mesh.apply(adapter, adapter.translate(traffic(0, 1)))
    await waitFor('the other weights are followed', async () => {
      const all = await places(20)
      return all.every((answer) => placeOf(answer) === serviceName(v2))
    })
    for (const object of adapter.translate(traffic(0, 1))) await mesh.remove(adapter, object)
    await waitFor('the Service answers again', answered(apex))
    expect(placeOf(await connect())).toBe(serviceName(apex))
    proves(adapter.name, 'proxy', ['tcpSplit'])
  })

  test('of TLS goes by the most specific server name, and closes connections for other names', async () => {
    const rule = (service: ServiceRef, to: number, ...sniHosts: string[]) => {
      return { name: service.name, matches: [{ sniHosts }], backends: [{ service, port: to, weight: 1 }] }
    }
    const rules = [rule(v2, second, '*.example.com'), rule(v1, first, 'a.example.com', 'c.example.com')]
    await mesh.addService(byName, [tlsPort], { speaks: 'tls' })
    const asked: ServiceTraffic = { service: byName, ports: [{ port: tlsPort, protocol: 'tls', rules }] }
    await mesh.apply(adapter, adapter.translate(asked))
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
    expect(await reached('c.example.com')).toEqual([1, 0])
    expect(await reached('b.example.com')).toEqual([0, 1])
    expect(await reached('y.b.example.com')).toEqual([0, 1])
    expect(await reached('example.org')).toEqual([0, 0])
    proves(adapter.name, 'proxy', ['tlsSplit'])
  })
}

/** Asks for a name. The backends speak no TLS, so that it ends in an error wherever it gets to. */
function shakeHands(to: number, servername: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: to, servername, rejectUnauthorized: false })
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
}
