import { beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { editRoute } from '../../src/mesh/edit-route.ts'
import { gatewayApi, istio } from '../adapters/adapters.ts'
import { freePorts } from '../support/cluster/ports.ts'
import { type DataPlane, plainRequest } from '../support/dataplane/data-plane.ts'
import { expectShares, sampleSize } from '../support/dataplane/shares.ts'
import { RequestStream } from '../support/dataplane/stream.ts'
import { describeDataPlane } from '../support/dataplane/suite.ts'
import { proves } from '../support/proof.ts'

const [port = 0] = await freePorts(1)
const namespace = 'theirs'
const apex = (adapter: MeshAdapter) => ({ namespace, name: `theirs-${adapter.name}` })

/** Routes as their owners wrote them: requests of testers, and everybody's, which a header is set for. */
const routes: readonly (readonly [MeshAdapter, KubeObject])[] = [
  [
    istio,
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { namespace, name: 'own' },
      spec: {
        hosts: [apex(istio).name],
        http: [
          {
            name: 'testers',
            match: [{ headers: { 'x-tester': { exact: 'yes' } } }],
            route: [{ destination: { host: 'theirs-v2', port: { number: port } } }],
          },
          {
            name: 'everybody',
            headers: { response: { set: { 'x-own': 'yes' } } },
            route: [{ destination: { host: 'theirs-v1', port: { number: port } } }],
          },
        ],
      },
    },
  ],
  [
    gatewayApi,
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { namespace, name: 'own' },
      spec: {
        parentRefs: [{ group: '', kind: 'Service', name: apex(gatewayApi).name, port }],
        rules: [
          {
            matches: [{ headers: [{ name: 'x-tester', value: 'yes' }] }],
            backendRefs: [{ name: 'theirs-v2', port }],
          },
          {
            filters: [
              { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-own', value: 'yes' }] } },
            ],
            backendRefs: [{ name: 'theirs-v1', port }],
          },
        ],
      },
    },
  ],
]

describeDataPlane('a split attached to a route of its owner', (mesh) => {
  beforeAll(async () => {
    for (const name of ['theirs-v1', 'theirs-v2']) await mesh.addService({ namespace, name }, [port])
    for (const [adapter] of routes) await mesh.addService(apex(adapter), [port])
    await mesh.reachable()
  })
  test.each(routes)('of $name divides requests by the weights it is given, and none is lost', (adapter, route) =>
    attached(mesh, adapter, route),
  )
})

async function attached(mesh: DataPlane, adapter: MeshAdapter, route: KubeObject): Promise<void> {
  const kind = adapter.attachable?.find((one) => one.kind.kind === route.kind)
  if (kind === undefined) throw new Error(`${adapter.name} attaches to no ${route.kind}`)
  const service = apex(adapter)
  /** The route as it is, with other weights; of its owner again without. */
  let edit = { object: route, after: [] as ReturnType<typeof editRoute>['after'] }
  const weigh = async (weights?: readonly [number, number]) => {
    const backends = (weights ?? []).map((weight, index) => ({ service: `theirs-v${index + 1}`, weight }))
    const split = {
      output: 'the split',
      source: 'test',
      apex: service,
      route: { kind: route.kind, namespace, name: 'own' },
      rules: [1],
      backends,
    }
    const made = editRoute(edit.object, kind, weights === undefined ? [] : [split], edit.after)
    expect(made.problems).toEqual([])
    edit = made
    await mesh.apply(adapter, [edit.object])
    await mesh.settled(adapter)
  }
  await mesh.apply(adapter, [route])
  await mesh.settled(adapter)
  const stream = RequestStream.start(mesh, { ...plainRequest, service, port })
  try {
    for (const [first, second] of [
      [90, 10],
      [40, 60],
    ] as const) {
      await weigh([first, second])
      await expectShares({ 'theirs/theirs-v1': first, 'theirs/theirs-v2': second }, () => stream.next(sampleSize))
    }
    const tester = await mesh.send({ ...plainRequest, service, port, headers: { 'x-tester': 'yes' } })
    expect(tester.echo?.service).toBe('theirs/theirs-v2')
    await weigh()
    await expectShares({ 'theirs/theirs-v1': 1 }, () => stream.next(200))
  } finally {
    await stream.stop()
  }
  expect(edit.object).toEqual(route)
  expect(stream.failures).toEqual([])
  expect(new Set(stream.answers.map(({ status, headers }) => `${status} ${headers['x-own']}`))).toEqual(
    new Set(['200 yes']),
  )
  proves(adapter.name, 'proxy', ['attachedSplit'])
}
