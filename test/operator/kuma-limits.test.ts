import { expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { kindsFor } from '../../src/mesh/adapter-kinds.ts'
import { kuma } from '../adapters/adapters.ts'
import { deploy } from './support/deployment.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowKind, flowProject, phase, World } from './support/world.ts'

const outputs = ['trafficsplits', 'ratelimits', 'traffictargets', 'mtlspolicies']
const project = flowProject([phase('Running', { initial: true, outputs })])
const kinds = kindsFor(kuma, outputs)
const kindOf = (name: string) => kinds.find(({ kind }) => kind === name) as Kind
/** Emits a split of the weight, a limit for `web`, and whom to let in to it, by mutual TLS alone. */
const asTold = definition({
  Running: (context) => {
    const { weight, limit, letIn } = specOf<{ weight?: number; limit?: number; letIn?: string }>(context)
    const account = (name: string) => ({ kind: 'ServiceAccount', name })
    return {
      outputs: {
        trafficsplits: weight === undefined ? [] : [split(weight)],
        ratelimits: limit === undefined ? [] : [{ name: 'web', service: 'web', requestsPerSecond: limit }],
        traffictargets: letIn ? [{ name: 'web', destination: account('web'), sources: [account(letIn)] }] : [],
        mtlspolicies: letIn ? [{ name: 'web', workload: { labels: { app: 'web' } }, mode: 'strict' }] : [],
      },
      after: '1h',
    }
  },
})

async function world(): Promise<World> {
  const cluster = await World.create({ project, definition: asTold, adapter: kuma, kinds })
  for (const name of ['web', 'web-primary', 'web-canary']) {
    await cluster.service(name)
    await deploy(cluster, name, { port: 80 })
  }
  cluster.start()
  return cluster
}

async function tell(cluster: World, spec: object): Promise<void> {
  const ref = { namespace: 'shop', name: 'canary' }
  await cluster.client.patch(flowKind, ref, { spec }, { type: 'merge', fieldManager: 'tester' })
  await cluster.run(0)
}

async function limits(cluster: World): Promise<Record<string, unknown>> {
  const all = await cluster.list(kindOf('MeshRateLimit'))
  return Object.fromEntries(
    all.map(({ metadata, spec }) => {
      const { rules } = spec as { rules: { default: { local: { http: { requestRate: { num: number } } } } }[] }
      return [metadata.name, rules[0]?.default.local.http.requestRate.num]
    }),
  )
}

test('a rate limit on Kuma follows the requests from pods to pods, and goes with whoever asked', async () => {
  const cluster = await world()
  await cluster.flow('canary', { limit: 50 })
  await cluster.run(0)
  expect(await limits(cluster)).toEqual({ web: 50 })
  await tell(cluster, { limit: 50, weight: 10 })
  expect(await limits(cluster)).toEqual({ 'web-canary': 50, 'web-primary': 50 })
  await tell(cluster, { limit: 20, weight: 10 })
  expect(await limits(cluster)).toEqual({ 'web-canary': 20, 'web-primary': 20 })
  await cluster.deleteFlow('canary')
  await cluster.run(0)
  expect(await limits(cluster)).toEqual({})
})

test('who may call pods on Kuma, their mutual TLS and their rate limit are policies side by side', async () => {
  const cluster = await world()
  await cluster.flow('canary', { limit: 50, letIn: 'front' })
  await cluster.run(0)
  expect(await limits(cluster)).toEqual({ web: 50 })
  const [permission] = await cluster.list(kindOf('MeshTrafficPermission'))
  expect(JSON.stringify(permission?.spec)).toContain('spiffe://default.default.mesh.local/ns/shop/sa/front')
  expect(await cluster.list(kindOf('MeshTLS'))).toMatchObject([{ spec: { rules: [{ default: { mode: 'Strict' } }] } }])
  await tell(cluster, { limit: null, letIn: 'admin' })
  expect(await limits(cluster)).toEqual({})
  const [changed] = await cluster.list(kindOf('MeshTrafficPermission'))
  expect(JSON.stringify(changed?.spec)).toContain('/sa/admin')
})
