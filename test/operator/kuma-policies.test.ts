import { expect, test } from 'vitest'
import { kumaProvider } from '../../adapters/kuma/index.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowProject, phase, World } from './support/world.ts'

const kuma = kumaProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const project = flowProject([
  phase('Running', { initial: true, outputs: ['trafficsplits', 'sessionaffinities', 'circuitbreakers'] }),
  phase('Finished', { final: true }),
])

/** Emits a split of the weight, a breaker for so many errors, and an affinity by a header. */
const asTold = definition({
  Running: (context) => {
    const { weight = 0, errors, header } = specOf<{ weight?: number; errors?: number; header?: string }>(context)
    return {
      outputs: {
        trafficsplits: [split(weight)],
        circuitbreakers: errors === undefined ? [] : [{ name: 'web', service: 'web', consecutiveErrors: errors }],
        sessionaffinities: header === undefined ? [] : [{ name: 'web', service: 'web', by: { header } }],
      },
      after: '1h',
    }
  },
})

function kindOf(name: string): Kind {
  const kind = kuma.kinds.find((one) => one.kind === name)
  if (kind === undefined) throw new Error(`Kuma has no ${name}`)
  return kind
}

const breakers = kindOf('MeshCircuitBreaker')
const balancers = kindOf('MeshLoadBalancingStrategy')

async function world(): Promise<World> {
  const cluster = await World.create({ project, definition: asTold, adapter: kuma })
  for (const name of ['web', 'web-primary', 'web-canary']) await cluster.service(name)
  cluster.start()
  return cluster
}

async function names(cluster: World, kind: Kind): Promise<string[]> {
  return (await cluster.list(kind)).map(({ metadata }) => metadata.name)
}

test('a breaker and an affinity on Kuma are on every Service that gets requests, and go with whoever asked', async () => {
  const cluster = await world()
  await cluster.flow('canary', { weight: 10, errors: 7, header: 'x-user' })
  await cluster.run(0)
  const services = ['web.web', 'web.web-canary', 'web.web-primary']
  expect(await names(cluster, breakers)).toEqual(services)
  expect(await names(cluster, balancers)).toEqual(services)
  await cluster.deleteFlow('canary')
  await cluster.run(0)
  expect(await names(cluster, breakers)).toEqual([])
  expect(await names(cluster, balancers)).toEqual([])
})

test('a policy of somebody else for one of these Services is named and waited for, whichever of the kinds it is of', async () => {
  const cluster = await world()
  const foreign = (kind: Kind, conf: object): KubeObject => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind: kind.kind,
    metadata: { name: 'theirs', namespace: 'shop' },
    spec: { to: [{ targetRef: { kind: 'MeshService', name: 'web-canary' }, default: conf }] },
  })
  await cluster.client.create(balancers, foreign(balancers, { loadBalancer: { type: 'Random' } }))
  await cluster.client.create(breakers, foreign(breakers, { connectionLimits: { maxRequests: 5 } }))
  await cluster.flow('canary', { weight: 10, errors: 7, header: 'x-user' })
  const refusal = async () => {
    await cluster.run(0)
    const { reason, message } = (await cluster.condition('canary')) ?? {}
    return reason === 'TrafficRefused' ? message : undefined
  }
  expect(await refusal()).toContain('AP2240 MeshCircuitBreaker shop/theirs is about shop/web-canary as well')
  await cluster.client.delete(breakers, { namespace: 'shop', name: 'theirs' })
  expect(await refusal()).toContain('AP2240 MeshLoadBalancingStrategy shop/theirs is about shop/web-canary as well')
  expect(await names(cluster, breakers)).toEqual([])
  await cluster.client.delete(balancers, { namespace: 'shop', name: 'theirs' })
  expect(await refusal()).toBeUndefined()
  expect(await names(cluster, balancers)).toEqual(['web.web', 'web.web-canary', 'web.web-primary'])
})
