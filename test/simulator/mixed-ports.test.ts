import { expect, test } from 'vitest'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import { canary, clients, images, namespace, podinfo } from '../../src/cli/demo/podinfo.ts'
import { canaryWorkflow } from '../../src/cli/demo/workflow.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshProvider } from '../../src/mesh/adapter.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import type { Clients } from '../../src/simulator/traffic.ts'

const workflow = await canaryWorkflow()
const target = { namespace, name: 'podinfo' }
const ports = [
  { name: 'http', port: 9898 },
  { name: 'grpc', port: 9999 },
  { name: 'tcp-redis', port: 6379 },
]
const mixed = podinfo.map((object): KubeObject => {
  return object.kind === 'Service' ? { ...object, spec: { ...(object.spec as object), ports } } : object
})
const { ports: _httpOnly, ...spec } = canary.spec as { ports: readonly number[] }
const everyPort = { ...canary, spec: { ...spec, analysisPeriod: '10s', measurementInterval: '10s', stepWeight: 50 } }

const asked: Readonly<Record<string, Partial<Clients['request']>>> = {
  http: { method: 'GET', path: '/' },
  grpc: { method: 'POST', path: '/shop.Cart/Add', headers: { 'content-type': 'application/grpc' } },
  // The mesh sees connections: what clients send on them means nothing to it.
  tcp: { method: 'GET', path: '/' },
}

/** The shares of the requests that came to the canary, in percent and by step of the weight. */
async function sharesOn(provider: MeshProvider, port: number, request: Partial<Clients['request']>) {
  await using simulation = await simulate({
    ...workflow,
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed: 1,
    meshDelay: 200,
    startUp: 2000,
    resource: target,
    traffic: {
      rate: 100,
      apex: target,
      port,
      source: { namespace, name: 'shoppers' },
      clients: clients.map((group) => ({ ...group, request: { ...group.request, ...request } })),
      versions: Object.fromEntries(
        [images.old, images.new].map((image) => [image, { errorRate: 0, latency: { median: 10, p99: 50 } }]),
      ),
    },
  })
  await simulation.apply(mixed)
  await simulation.runFor(7000)
  await simulation.apply([everyPort])
  expect(await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60_000)).toBe(true)
  await simulation.setImage(target, 'podinfod', images.new)
  expect(await simulation.runUntil(() => simulation.timeline.phase === 'Promoting', 120_000)).toBe(true)
  await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60_000)
  expect(simulation.invariants.violations).toEqual([])
  return simulation.timeline.steps.map(({ routed }) => {
    const all = [...routed.values()].reduce((sum, { requests }) => sum + requests, 0)
    return ((routed.get('podinfo-canary')?.requests ?? 0) / all) * 100
  })
}

const meshes = [istioProvider, linkerdProvider, smiProvider, gatewayApiProvider]
test.each(meshes.flatMap((mesh) => Object.keys(asked).map((spoken) => [mesh.name, spoken, mesh] as const)))(
  'a canary on %s divides the %s port of a service that has a port of each kind',
  async (_name, spoken, mesh) => {
    const port = ports.find(({ name }) => name.split('-')[0] === spoken)?.port ?? 0
    const [before = -1, canaried = -1, after = -1] = await sharesOn(mesh, port, asked[spoken] ?? {})
    expect([before, after]).toEqual([0, 0])
    // Four standard deviations of the thousand requests of a step.
    expect(Math.abs(canaried - 50)).toBeLessThan(6.5)
  },
)
