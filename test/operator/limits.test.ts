import { describe, expect, test } from 'vitest'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import { kindsFor } from '../../src/mesh/adapter-kinds.ts'
import { namespaceKind, serviceKind } from '../../src/mesh/core-kinds.ts'
import { linkerd } from '../adapters/adapters.ts'
import { answer } from './support/answer.ts'
import { deploy, deploymentKind } from './support/deployment.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowKind, flowProject, phase, World } from './support/world.ts'

const outputs = ['trafficsplits', 'ratelimits', 'traffictargets', 'mtlspolicies']
const project = flowProject([phase('Running', { initial: true, inputs: ['trafficsplits'], outputs })])
const kinds = kindsFor(linkerd, outputs)
const kindOf = (name: string) => kinds.findLast(({ kind }) => kind === name) as Kind
const [serverKind, limitKind] = [kindOf('Server'), kindOf('HTTPLocalRateLimitPolicy')]
interface Told {
  readonly service?: string
  readonly limit?: number
  readonly perClient?: number
  /** ServiceAccounts to let in to `web`. */
  readonly letIn?: string[]
  readonly mode?: string | null
  readonly weight?: number
  /** Says on the status what limit it sees. */
  readonly tell?: boolean
}

const asTold = definition({
  Running: (context) => {
    const { service = 'web', limit, perClient, letIn = [], mode, weight, tell } = specOf<Told>(context)
    const inputs = context.inputs as {
      trafficsplits: { observed(service: string): { traffic?: { policies?: { rateLimit?: object } } } }
    }
    const seen = tell ? inputs.trafficsplits.observed('web').traffic?.policies?.rateLimit : undefined
    return {
      outputs: {
        trafficsplits: weight === undefined ? [] : [split(weight)],
        ratelimits:
          limit === undefined
            ? []
            : [{ name: service, service, requestsPerSecond: limit, ...(perClient !== undefined && { perClient }) }],
        traffictargets: letIn.map((name) => ({
          name,
          destination: { kind: 'ServiceAccount', name: 'web' },
          sources: [{ kind: 'ServiceAccount', name }],
        })),
        mtlspolicies:
          mode === undefined || mode === null ? [] : [{ name: 'web', workload: { labels: { tier: 'front' } }, mode }],
      },
      ...(tell && { status: { note: JSON.stringify(seen) } }),
      after: '1h',
    }
  },
})

const open = { 'config.linkerd.io/default-inbound-policy': 'all-unauthenticated' }

async function world(annotations: Record<string, string> = open, names: readonly string[] = ['web']): Promise<World> {
  const cluster = await World.create({ project, definition: asTold, adapter: linkerd, kinds })
  for (const name of names) {
    await cluster.service(name)
    await deploy(cluster, name, { port: 80, labels: { tier: 'front' }, annotations })
  }
  cluster.start()
  await cluster.run(0)
  return cluster
}

const servers = async (cluster: World) =>
  Object.fromEntries(
    (await cluster.list(serverKind)).map(({ metadata, spec }) => [
      metadata.name,
      (spec as { accessPolicy?: string }).accessPolicy ?? 'what is granted',
    ]),
  )
const limits = async (cluster: World) =>
  (await cluster.list(limitKind)).map(({ spec }) => {
    const { targetRef, total, identity } = spec as {
      targetRef: { name: string }
      total: { requestsPerSecond: number }
      identity?: { requestsPerSecond: number }
    }
    return [targetRef.name, total.requestsPerSecond, ...(identity ? [identity.requestsPerSecond] : [])]
  })

async function tell(cluster: World, name: string, spec: Told): Promise<void> {
  await cluster.client.patch(flowKind, { namespace: 'shop', name }, { spec }, { type: 'merge', fieldManager: 'tester' })
  await cluster.run(0)
}

describe('a rate limit on Linkerd', () => {
  test('is on a Server that lets in whom the pods let in without it, and goes with it', async () => {
    const cluster = await world()
    await cluster.flow('guard', { limit: 100, perClient: 20, tell: true })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-unauthenticated' })
    expect(await limits(cluster)).toEqual([['web-80', 100, 20]])
    expect(await cluster.condition('guard')).toMatchObject({ status: 'True' })
    await tell(cluster, 'guard', { limit: 50 })
    expect(await limits(cluster)).toEqual([['web-80', 50, 20]])
    expect(await cluster.status('guard')).toMatchObject({ note: '{"perClient":20,"requestsPerSecond":100}' })
    await cluster.deleteFlow('guard')
    await cluster.run(0)
    expect([await servers(cluster), await limits(cluster)]).toEqual([{}, []])
  })

  test('is refused where nobody says who may call the pods, and follows when somebody does', async () => {
    const cluster = await world({})
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect([await servers(cluster), await limits(cluster)]).toEqual([{}, []])
    expect(await cluster.condition('guard')).toMatchObject({
      reason: 'TrafficRefused',
      message: expect.stringContaining('AP2195 linkerd limits pods, and cannot do so for port 80'),
    })
    await cluster.client.patch(
      deploymentKind,
      { namespace: 'shop', name: 'web' },
      {
        spec: {
          template: { metadata: { annotations: { ...open, 'config.linkerd.io/default-inbound-policy': 'deny' } } },
        },
      },
      { type: 'merge', fieldManager: 'tester' },
    )
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'deny' })
    expect(await limits(cluster)).toEqual([['web-80', 100]])
  })

  test('goes by the namespace where the pods themselves say nothing, and follows when that says something else', async () => {
    const cluster = await world({})
    const annotate = async (annotations: Record<string, string>) => {
      const tester = { type: 'merge', fieldManager: 'tester' } as const
      await cluster.client.patch(namespaceKind, { name: 'shop' }, { metadata: { annotations } }, tester)
      await cluster.run(0)
    }
    await annotate({ 'config.linkerd.io/default-inbound-policy': 'cluster-authenticated' })
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'cluster-authenticated' })
    await annotate({ 'config.linkerd.io/default-inbound-policy': 'all-authenticated' })
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-authenticated' })
    await annotate({ 'config.linkerd.io/opaque-ports': '80' })
    expect((await cluster.condition('guard'))?.message).toContain(
      'or its namespace says by config.linkerd.io/opaque-ports',
    )
  })

  test('goes by the pods before their namespace', async () => {
    const cluster = await world({ ...open, 'config.linkerd.io/opaque-ports': '' })
    const annotations = {
      'config.linkerd.io/default-inbound-policy': 'deny',
      'config.linkerd.io/opaque-ports': '80',
    }
    const tester = { type: 'merge', fieldManager: 'tester' } as const
    await cluster.client.patch(namespaceKind, { name: 'shop' }, { metadata: { annotations } }, tester)
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-unauthenticated' })
  })

  test('shares the Server of an access policy, whichever comes or goes first', async () => {
    const cluster = await world()
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    await cluster.flow('access', { letIn: ['client'] })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'what is granted' })
    expect(await limits(cluster)).toEqual([['web-80', 100]])
    await cluster.deleteFlow('access')
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-unauthenticated' })
    expect(await limits(cluster)).toEqual([['web-80', 100]])
    await cluster.flow('access', { letIn: ['client'] })
    await cluster.run(0)
    await cluster.deleteFlow('guard')
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'what is granted' })
    expect(await limits(cluster)).toEqual([])
    const [server] = await cluster.list(serverKind)
    expect(server?.metadata.ownerReferences?.map(({ name }) => name)).toContain('access')
  })

  test('shares the Server of a policy for mutual TLS, beside which there is never a second', async () => {
    const cluster = await world()
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-unauthenticated' })
    await cluster.flow('mtls', { mode: 'strict' })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'front-80': 'all-authenticated' })
    expect(await limits(cluster)).toEqual([['front-80', 100]])
    await tell(cluster, 'mtls', { mode: null })
    // The name stays, as a webhook refuses a second Server for the same pods.
    expect(await servers(cluster)).toEqual({ 'front-80': 'all-unauthenticated' })
    expect(await limits(cluster)).toEqual([['front-80', 100]])
  })

  test('that is refused keeps no Server beside the one of a policy for mutual TLS', async () => {
    const cluster = await world()
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    await twin(cluster)
    await cluster.flow('twin', { service: 'twin', limit: 7 })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'web-80': 'all-unauthenticated' })
    await cluster.flow('mtls', { mode: 'strict' })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'front-80': 'all-authenticated' })
  })

  test('is put on a Server of somebody else, which stays as it is', async () => {
    const cluster = await world({})
    const theirs = server('their-web', { podSelector: { matchLabels: { app: 'web' } }, port: 80, accessPolicy: 'deny' })
    await cluster.client.create(serverKind, theirs)
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await servers(cluster)).toEqual({ 'their-web': 'deny' })
    expect(await limits(cluster)).toEqual([['their-web', 100]])
    await cluster.client.delete(serverKind, { namespace: 'shop', name: 'their-web' })
    await cluster.run(0)
    expect(await cluster.condition('guard')).toMatchObject({ reason: 'TrafficRefused' })
  })

  test.each<[string, object, string]>([
    ['selects more pods', { podSelector: {}, port: 80 }, 'Server shop/theirs selects other pods as well'],
    [
      'takes everything for opaque',
      { podSelector: { matchLabels: { app: 'web' } }, port: 80, proxyProtocol: 'opaque' },
      'Server shop/theirs takes what is sent to them for opaque',
    ],
    [
      'is limited already',
      { podSelector: { matchLabels: { app: 'web' } }, port: 80 },
      'HTTPLocalRateLimitPolicy shop/other is there already',
    ],
  ])('is refused beside a Server of somebody else that %s', async (_what, spec, message) => {
    const cluster = await world(open, ['web', 'api'])
    await cluster.client.create(serverKind, server('theirs', spec))
    if (message.startsWith('HTTP'))
      await cluster.client.create(limitKind, {
        apiVersion: 'policy.linkerd.io/v1alpha1',
        kind: 'HTTPLocalRateLimitPolicy',
        metadata: { name: 'other', namespace: 'shop' },
        spec: {
          targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'theirs' },
          total: { requestsPerSecond: 1 },
        },
      })
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await cluster.condition('guard')).toMatchObject({ message: expect.stringContaining(message) })
    expect((await limits(cluster)).filter(([, count]) => count === 100)).toEqual([])
    await cluster.client.delete(serverKind, { namespace: 'shop', name: 'theirs' })
    await cluster.run(0)
    expect((await limits(cluster)).filter(([, count]) => count === 100)).toEqual([['web-80', 100]])
  })

  test('is on the pods that get the requests, whoever divides them', async () => {
    const cluster = await world(open, ['web', 'web-primary', 'web-canary'])
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(0)
    expect(await limits(cluster)).toEqual([['web-80', 100]])
    await cluster.flow('canary', { weight: 10 })
    await answer(cluster, linkerd)
    expect(await limits(cluster)).toEqual([
      ['web-canary-80', 100],
      ['web-primary-80', 100],
    ])
    await cluster.deleteFlow('canary')
    await cluster.run(0)
    expect(await limits(cluster)).toEqual([['web-80', 100]])
    expect(Object.keys(await servers(cluster))).toEqual(['web-80'])
  })

  test('of other pods of the namespace is not touched by what is wrong with one', async () => {
    const cluster = await world(open, ['web', 'api'])
    await cluster.flow('web', { limit: 100 })
    await cluster.flow('api', { service: 'api', limit: 7 })
    await cluster.run(0)
    await cluster.client.create(serverKind, server('all', { podSelector: { matchLabels: { app: 'api' } }, port: 80 }))
    await cluster.client.create(serverKind, server('two', { podSelector: { matchLabels: { app: 'api' } }, port: 80 }))
    await cluster.run(0)
    await tell(cluster, 'web', { limit: 50 })
    expect(await cluster.condition('web')).toMatchObject({ status: 'True' })
    expect(await cluster.condition('api')).toMatchObject({ reason: 'TrafficRefused' })
    expect(await limits(cluster)).toEqual([
      ['all', 7],
      ['web-80', 50],
    ])
  })

  test('of two Services with the same pods has to be the same', async () => {
    const cluster = await world()
    await twin(cluster)
    await cluster.flow('web', { limit: 100 })
    await cluster.run(0)
    await cluster.flow('twin', { service: 'twin', limit: 7 })
    await cluster.run(0)
    expect(await cluster.condition('twin')).toMatchObject({
      reason: 'TrafficRefused',
      message: expect.stringContaining('AP2196 shop/twin and shop/web ask for different rate limits of port 80'),
    })
    expect(await limits(cluster)).toEqual([['web-80', 100]])
    await tell(cluster, 'twin', { limit: 100 })
    expect(await cluster.condition('twin')).toMatchObject({ status: 'True' })
    await cluster.deleteFlow('web')
    await cluster.run(0)
    expect(await limits(cluster)).toEqual([['web-80', 100]])
  })

  test('is refused on a cluster whose Linkerd has no kind for it', async () => {
    const cluster = await World.create({
      project,
      definition: asTold,
      adapter: linkerd,
      kinds: kinds.filter((kind) => kind !== limitKind),
    })
    await cluster.service('web')
    cluster.start()
    await cluster.flow('guard', { limit: 100 })
    await cluster.run(60_000)
    expect(await cluster.condition('guard')).toMatchObject({
      message: expect.stringContaining(
        'the cluster does not serve HTTPLocalRateLimitPolicy (policy.linkerd.io/v1alpha1)',
      ),
    })
  })
})

/** A Service in front of the same pods. */
async function twin(cluster: World): Promise<void> {
  await cluster.client.create(serviceKind, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'twin', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 8080, targetPort: 80 }] },
  })
}

function server(name: string, spec: object): KubeObject {
  return { apiVersion: 'policy.linkerd.io/v1beta3', kind: 'Server', metadata: { name, namespace: 'shop' }, spec }
}
