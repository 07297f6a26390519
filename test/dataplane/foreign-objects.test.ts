import { beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import type { ServiceRef } from '../../src/mesh/traffic.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { foreignHttpRoutes } from '../support/dataplane/foreign-http-routes.ts'
import {
  type ForeignCase,
  type ForeignNames,
  foreignVirtualServices,
} from '../support/dataplane/foreign-virtual-services.ts'
import { decidedPlaces, exactPlace } from '../support/dataplane/places.ts'
import { clientNamespace } from '../support/dataplane/sidecar.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'

const [port = 0, second = 0] = await freePorts(2)
/** That of the client too, so that its routes are the Service's own. */
const namespace = clientNamespace

describeDataPlane('objects that others wrote mean on a real proxy what our rules say', (mesh) => {
  beforeAll(async () => {
    for (const name of ['foreign-v1', 'foreign-v2']) await mesh.addService({ namespace, name }, [port, second])
    await mesh.addService({ namespace, name: 'foreign-other' }, [second])
    await mesh.addService({ namespace: 'pay', name: 'foreign-pay' }, [port])
  })
  describe('VirtualServices', () => {
    const shape = ({ apex }: ForeignNames) => ({ hosts: [`${apex}.${namespace}.svc.cluster.local`] })
    foreign(mesh, istio, foreignVirtualServices, shape)
  })
  describe('HTTPRoutes', () => {
    const shape = ({ apex }: ForeignNames) => ({ parentRefs: [{ group: '', kind: 'Service', name: apex, port }] })
    foreign(mesh, gatewayApi, foreignHttpRoutes, shape)
  })
  describe('both kinds, and routes of the client’s namespace', () => together(mesh))
})

/** Objects of both kinds about one Service, as the Istio adapter follows them. */
function together(mesh: DataPlane): void {
  const kinds = [...istio.kinds, ...gatewayApi.kinds]
  const virtualService = (apex: ServiceRef, to: string, match: object = {}): KubeObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { namespace: apex.namespace, name: apex.name },
    spec: {
      hosts: [`${apex.name}.${apex.namespace}.svc.cluster.local`],
      http: [{ match: [match], route: [{ destination: { host: `${to}.${namespace}.svc.cluster.local` } }] }],
    },
  })
  const httpRoute = (apex: ServiceRef, owner: string, to: string): KubeObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace: owner, name: apex.name },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: apex.name, namespace: apex.namespace, port }],
      rules: [{ backendRefs: [{ name: to, namespace, port }] }],
    },
  })
  const here = (name: string) => ({ namespace, name })
  const pay = (name: string) => ({ namespace: 'pay', name })
  const cases: readonly (readonly [string, ServiceRef, readonly KubeObject[]])[] = [
    [
      'an HTTPRoute in place of a VirtualService, on its port',
      here('both-a'),
      [virtualService(here('both-a'), 'foreign-v1'), httpRoute(here('both-a'), namespace, 'foreign-v2')],
    ],
    [
      'an HTTPRoute of one port beside a VirtualService of the other',
      here('both-b'),
      [
        virtualService(here('both-b'), 'foreign-v1', { port: second }),
        httpRoute(here('both-b'), namespace, 'foreign-v2'),
      ],
    ],
    ['a route of the client’s namespace', pay('both-c'), [httpRoute(pay('both-c'), namespace, 'foreign-v1')]],
    ['a route of the Service’s namespace', pay('both-d'), [httpRoute(pay('both-d'), 'pay', 'foreign-v1')]],
    [
      'a route of each of the two namespaces',
      pay('both-e'),
      [httpRoute(pay('both-e'), 'pay', 'foreign-v1'), httpRoute(pay('both-e'), namespace, 'foreign-v2')],
    ],
  ]

  beforeAll(async () => {
    for (const [, apex] of cases) await mesh.addService(apex, [port, second])
    await mesh.reachable()
    for (const [, , objects] of cases) await mesh.apply({ kinds }, objects)
    await mesh.settled(istio)
    await mesh.settled(gatewayApi)
  })

  test.each(cases)('%s', async (_what, service, objects) => {
    const stored = await Promise.all(objects.map((object) => mesh.read({ kinds }, object)))
    for (const one of [port, second]) {
      const request = { ...plainRequest, service, port: one, from: clientNamespace }
      const place = exactPlace(await mesh.send(request))
      expect(decidedPlaces(istio.route(request, stored, mesh.services)), `port ${one}`).toEqual([place])
    }
  })
}

function foreign(
  mesh: DataPlane,
  adapter: MeshAdapter,
  all: readonly ForeignCase[],
  shape: (names: ForeignNames) => object,
): void {
  const kind = adapter.kinds.find((one) => one.kind === 'VirtualService' || one.kind === 'HTTPRoute')
  if (kind === undefined) throw new Error(`${adapter.name} writes nothing`)
  const cases = all.map((one, index) => {
    const names = { apex: `foreign-${adapter.name}-${index}`, namespace, port, second }
    const objects = one.specs(names).map(
      (spec, age): KubeObject => ({
        apiVersion: `${kind.group}/${kind.version}`,
        kind: kind.kind,
        // Ages count in whole seconds, and these are written within one: then names decide.
        metadata: { namespace, name: `${names.apex}-${age}` },
        spec: { ...shape(names), ...spec },
      }),
    )
    return { ...one, names, objects }
  })

  beforeAll(async () => {
    for (const { names } of cases) await mesh.addService({ namespace, name: names.apex }, [port, second])
    await mesh.reachable()
    for (const { objects } of cases) await mesh.apply(adapter, objects)
    await mesh.settled(adapter)
  })

  test.each(cases)('$what', async ({ names, objects, requests, deviation }) => {
    const stored = await Promise.all(objects.map((object) => mesh.read(adapter, object)))
    const service = { namespace, name: names.apex }
    for (const [index, changes] of (typeof requests === 'function' ? requests(names) : requests).entries()) {
      const request = { ...plainRequest, service, port, ...changes }
      const place = exactPlace(await mesh.send(request))
      const decided = decidedPlaces(adapter.route(request, stored, mesh.services))
      const known = deviation?.places[index]
      if (known === undefined) expect(decided, JSON.stringify(changes)).toEqual([place])
      else expect(place).toBe(typeof known === 'number' ? `status ${known}` : `${namespace}/${known}:${port}`)
    }
  })
}
