import { beforeAll, describe, expect, test } from 'vitest'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { HttpMatch } from '../../src/mesh/match.ts'
import type { ServiceTraffic, TrafficRule, WeightedBackend } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { exactPlace } from '../support/dataplane/places.ts'
import { expectShares, sampleSize } from '../support/dataplane/shares.ts'
import { sendMany } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const [port = 0, other = 0] = await freePorts(2)
const namespace = 'shop'
const named = (name: string) => ({ namespace, name })

describeDataPlane('at the edges of a split on a real proxy', (mesh) => {
  beforeAll(async () => {
    await mesh.addService(named('edge-v1'), [port, other])
    await mesh.addService(named('edge-narrow'), [other])
    await mesh.addService({ namespace: 'pay', name: 'edge-api' }, [port])
    await mesh.reachable()
    await mesh.addService(named('edge-empty'), [port], { endpoints: false })
  })
  for (const adapter of [istio, gatewayApi]) describe(adapter.name, () => edges(mesh, adapter))
})

function edges(mesh: DataPlane, adapter: MeshAdapter): void {
  const missing = adapter.name === 'istio' ? 'status 503' : 'status 500'
  let count = 0

  /** A Service of its own with these rules; the last one takes the rest. */
  const apexWith = async (...rules: (Pick<TrafficRule, 'backends'> & { readonly match?: HttpMatch })[]) => {
    count += 1
    const service = named(`edge-${adapter.name}-${count}`)
    await mesh.addService(service, [port])
    await mesh.reachable()
    const traffic: ServiceTraffic = {
      service,
      ports: [
        {
          port,
          rules: rules.map(({ match, backends }, index) => ({
            name: match === undefined ? 'default' : `r${index + 1}`,
            matches: match === undefined ? [] : [match],
            backends,
          })),
        },
      ],
    }
    await mesh.follow(adapter, traffic)
    return service
  }
  const to = (name: string, weight = 1, changes: Partial<WeightedBackend> = {}): WeightedBackend => ({
    service: named(name),
    port,
    weight,
    ...changes,
  })

  test.each([
    ['that is missing', to('edge-gone', 30), missing],
    ['that lacks the port', to('edge-narrow', 30), missing],
    ['that has no endpoints', to('edge-empty', 30), 'status 503'],
  ])('a backend %s fails its share of the requests, and only that', async (_what, backend, failure) => {
    const service = await apexWith({ backends: [to('edge-v1', 70), backend] })
    await expectShares({ 'shop/edge-v1': 70, [failure]: 30 }, () =>
      sendMany(mesh, { ...plainRequest, service, port }, sampleSize),
    )
    if (backend.service.name === 'edge-gone') proves(adapter.name, 'proxy', ['missingBackend'])
  })

  test('a backend that is missing gets its share once it is there', async () => {
    const late = `edge-late-${adapter.name}`
    const service = await apexWith({ backends: [to(late)] })
    expect(exactPlace(await mesh.send({ ...plainRequest, service, port }))).toBe(missing)
    await mesh.addService(named(late), [port])
    await mesh.reachable()
    await mesh.settled(adapter)
    expect(exactPlace(await mesh.send({ ...plainRequest, service, port }))).toBe(`shop/${late}:${port}`)
  })

  test('a missing backend without weight does no harm', async () => {
    const service = await apexWith({ backends: [to('edge-gone', 0), to('edge-v1', 1)] })
    await expectShares({ 'shop/edge-v1': 1 }, () => sendMany(mesh, { ...plainRequest, service, port }, 200))
  })

  test('a backend may be in another namespace, and on another port than the apex', async () => {
    const elsewhere = to('edge-api', 1, { service: { namespace: 'pay', name: 'edge-api' } })
    const service = await apexWith(
      { match: { path: { exact: '/api' } }, backends: [elsewhere] },
      { backends: [to('edge-v1', 1, { port: other })] },
    )
    expect(exactPlace(await mesh.send({ ...plainRequest, service, port, path: '/api' }))).toBe(`pay/edge-api:${port}`)
    expect(exactPlace(await mesh.send({ ...plainRequest, service, port }))).toBe(`shop/edge-v1:${other}`)
  })

  test('the apex may be its own backend, for what no rule takes', async () => {
    const service = named(`edge-${adapter.name}-${count + 1}`)
    await apexWith(
      { match: { headers: [{ name: 'x-beta', exact: 'yes' }] }, backends: [to('edge-v1')] },
      { backends: [to(service.name)] },
    )
    const beta = { ...plainRequest, service, port, headers: { 'x-beta': 'yes' } }
    expect(exactPlace(await mesh.send(beta))).toBe(`shop/edge-v1:${port}`)
    expect(exactPlace(await mesh.send({ ...plainRequest, service, port }))).toBe(`shop/${service.name}:${port}`)
  })

  test('a match may have a split of its own beside that of the rest', async () => {
    const service = await apexWith(
      { match: { cookies: [{ name: 'beta', exact: '1' }] }, backends: [to('edge-v1', 1), to('edge-gone', 1)] },
      { backends: [to('edge-v1', 9), to('edge-gone', 1)] },
    )
    const beta = { ...plainRequest, service, port, headers: { cookie: 'beta=1' } }
    await expectShares({ 'shop/edge-v1': 50, [missing]: 50 }, () => sendMany(mesh, beta, sampleSize))
    await expectShares({ 'shop/edge-v1': 90, [missing]: 10 }, () =>
      sendMany(mesh, { ...plainRequest, service, port }, sampleSize),
    )
  })

  test('weights of a million and one are divided as they are', async () => {
    const service = await apexWith({ backends: [to('edge-v1', 1_000_000), to('edge-gone', 1)] })
    await expectShares({ 'shop/edge-v1': 1_000_000, [missing]: 1 }, () =>
      sendMany(mesh, { ...plainRequest, service, port }, 200),
    )
  })
}
