import { afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { gatewayApiProvider } from '../../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../../adapters/istio/index.ts'
import { linkerdProvider } from '../../../adapters/linkerd/index.ts'
import { canary, clients, images, namespace, podinfo, port } from '../../../src/cli/demo/podinfo.ts'
import { canaryWorkflow } from '../../../src/cli/demo/workflow.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { MeshProvider } from '../../../src/mesh/adapter.ts'
import { type Simulation, simulate } from '../../../src/simulator/simulation.ts'

const virtualService: KubeObject = parse(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop, labels: { team: storefront } }
spec:
  hosts: [podinfo.shop.svc.cluster.local]
  http:
    - name: everybody
      timeout: 15s
      route: [{ destination: { host: podinfo, port: { number: 9898 } } }]
`)

const httpRoute: KubeObject = parse(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: storefront, namespace: shop, labels: { team: storefront } }
spec:
  parentRefs: [{ group: "", kind: Service, name: podinfo, port: 9898 }]
  rules:
    - timeouts: { request: 15s }
      backendRefs: [{ name: podinfo, port: 9898 }]
`)

const workflow = await canaryWorkflow()
const target = { namespace, name: 'podinfo' }
const minute = 60_000

let running: Simulation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A shop with a route of its own, and a canary that is attached to it, at rest. */
async function shop(provider: MeshProvider, route: KubeObject, errorRate: number): Promise<Simulation> {
  const latency = { median: 10, p99: 50 }
  running = await simulate({
    ...workflow,
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed: 1,
    meshDelay: 200,
    startUp: 2_000,
    resource: target,
    traffic: {
      rate: 40,
      apex: target,
      port,
      source: { namespace, name: 'shoppers' },
      clients,
      versions: { [images.old]: { errorRate: 0, latency }, [images.new]: { errorRate, latency } },
    },
  })
  const { rate } = running.traffic
  running.traffic.rate = 0
  await running.apply([...podinfo, route])
  await running.runFor(30_000)
  running.traffic.rate = rate
  const { analysisPeriod, ...spec } = { ...(canary.spec as { analysisPeriod?: string }) }
  const attached = { analysisPeriod: '10s', measurementInterval: '10s', stepWeight: 25 }
  const named = { kind: route.kind, name: route.metadata.name }
  await running.apply([{ ...canary, spec: { ...spec, ...attached, route: named } }])
  await running.runUntil(() => running?.timeline.phase === 'Waiting', 10 * minute)
  return running
}

function specOf(simulation: Simulation, { apiVersion, kind, metadata }: KubeObject): unknown {
  const group = apiVersion.split('/')[0] ?? ''
  return simulation.object({ group, kind }, { namespace, name: metadata.name })?.spec
}

test.each<[MeshProvider, KubeObject]>([
  [istioProvider, virtualService],
  [gatewayApiProvider, httpRoute],
  [linkerdProvider, httpRoute],
])(
  '$name: a version is promoted within a route of the user, which is as it was before and afterwards',
  async (provider, route) => {
    const simulation = await shop(provider, route, 0)
    expect(specOf(simulation, route)).toEqual(route.spec)
    await simulation.setImage(target, 'podinfod', images.new)
    await simulation.runUntil(() => simulation.timeline.phase === 'Evaluating', 5 * minute)
    await simulation.runUntil(() => JSON.stringify(specOf(simulation, route)).includes('"weight":50'), 10 * minute)
    await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 30 * minute)
    const primary = simulation.object({ group: 'apps', kind: 'Deployment' }, { namespace, name: 'podinfo-primary' })
    expect(JSON.stringify(primary?.spec)).toContain(images.new)
    expect(specOf(simulation, route)).toEqual(route.spec)
    expect(simulation.written().filter((name) => /VirtualService|HTTPRoute/.test(name))).toEqual([
      `${route.kind} storefront`,
    ])
    await simulation.delete({ ...canary, metadata: { namespace, name: 'podinfo' } })
    const copy = { namespace, name: 'podinfo-primary' }
    await simulation.runUntil(
      () => simulation.object({ group: 'apps', kind: 'Deployment' }, copy) === undefined,
      10 * minute,
    )
    expect(simulation.object({ group: 'apps', kind: 'Deployment' }, copy)).toBeUndefined()
    expect(specOf(simulation, route)).toEqual(route.spec)
    expect(simulation.invariants.violations).toEqual([])
  },
)

test('a bad version is rolled back, and leaves nothing in the route of the user', async () => {
  const simulation = await shop(istioProvider, virtualService, 0.2)
  await simulation.setImage(target, 'podinfod', images.new)
  await simulation.runUntil(() => simulation.timeline.phase === 'Evaluating', 5 * minute)
  await simulation.runUntil(
    () => JSON.stringify(specOf(simulation, virtualService)).includes('"weight":25'),
    5 * minute,
  )
  await simulation.runUntil(() => simulation.timeline.phase === 'RollBack', 5 * minute)
  await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 10 * minute)
  expect(simulation.timeline.phase).toBe('Waiting')
  expect(specOf(simulation, virtualService)).toEqual(virtualService.spec)
})
