import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { kindsFor } from '../../src/mesh/adapter-kinds.ts'
import { linkerd } from '../adapters/adapters.ts'
import { deploy, deploymentKind } from './support/deployment.ts'
import { definition, specOf } from './support/flows.ts'
import { flowProject, istio, phase, World } from './support/world.ts'

const outputs = ['traffictargets', 'mtlspolicies']
const project = flowProject([phase('Running', { initial: true, inputs: ['traffictargets'], outputs })])
interface Spec {
  /** ServiceAccounts to let in to `web`. */
  readonly letIn?: string[]
  readonly path?: string
  readonly mode?: string
  /** Says on the status whom it sees let in. */
  readonly tell?: boolean
}

/** Asks for what its spec names. */
const asTold = definition({
  Running: (context) => {
    const { letIn = [], path, mode, tell } = specOf<Spec>(context)
    const inputs = context.inputs as {
      traffictargets: { observed(): { accesses: { grants: { sources: { name: string }[] }[] }[] } }
    }
    const seen = tell ? inputs.traffictargets.observed().accesses : []
    return {
      outputs: {
        traffictargets: letIn.map((name) => ({
          name,
          destination: { kind: 'ServiceAccount', name: 'web' },
          sources: [{ kind: 'ServiceAccount', name }],
          ...(path !== undefined && { rules: [{ path: { regex: path } }] }),
        })),
        mtlspolicies: mode === undefined ? [] : [{ name: 'web', workload: { labels: { app: 'web' } }, mode }],
      },
      ...(tell && {
        status: {
          note: seen.flatMap(({ grants }) => grants.flatMap(({ sources }) => sources.map(({ name }) => name))).join(),
        },
      }),
      after: '1h',
    }
  },
})

async function world(adapter: MeshAdapter, deployed = true): Promise<World> {
  const cluster = await World.create({ project, definition: asTold, adapter, kinds: kindsFor(adapter, outputs) })
  if (deployed) await deploy(cluster)
  cluster.start()
  await cluster.run(0)
  return cluster
}

async function objectsOf(cluster: World, adapter: MeshAdapter): Promise<KubeObject[]> {
  const names = new Set([...(adapter.access?.kinds ?? []), ...(adapter.mtls?.kinds ?? [])])
  return (await Promise.all([...names].map((kind) => cluster.list(kind)))).flat()
}

async function accountsLetIn(cluster: World): Promise<string[]> {
  const objects = await objectsOf(cluster, istio)
  return objects.flatMap(({ spec }) => {
    const { rules = [] } = spec as { rules?: { from: { source: { serviceAccounts: string[] } }[] }[] }
    return rules.flatMap(({ from }) => from.flatMap(({ source }) => source.serviceAccounts))
  })
}

test('what two resources allow adds up, and comes apart when either ends', async () => {
  const cluster = await world(istio)
  await cluster.flow('app', { letIn: ['client'] })
  await cluster.flow('incident', { letIn: ['investigator'] })
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client', 'shop/investigator'])
  await cluster.deleteFlow('incident')
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client'])
  await cluster.deleteFlow('app')
  await cluster.run(0)
  expect(await objectsOf(cluster, istio)).toEqual([])
})

test('on Linkerd all objects of a workload come and go together', async () => {
  const cluster = await world(linkerd)
  await cluster.flow('app', { letIn: ['client'] })
  await cluster.run(0)
  expect((await objectsOf(cluster, linkerd)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'MeshTLSAuthentication web-8080-grant-1',
    'AuthorizationPolicy web-8080-grant-1',
    'Server web-8080',
  ])
  expect(await cluster.condition('app')).toMatchObject({ status: 'True' })
  await cluster.deleteFlow('app')
  await cluster.run(0)
  expect(await objectsOf(cluster, linkerd)).toEqual([])
})

test('pods that are not known are waited for, and protected as soon as their Deployment is there', async () => {
  const cluster = await world(istio, false)
  await cluster.flow('app', { letIn: ['client'] })
  await cluster.run(0)
  expect(await cluster.condition('app')).toMatchObject({
    status: 'False',
    reason: 'TrafficRefused',
    message: expect.stringContaining('AP2170'),
  })
  await deploy(cluster)
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client'])
})

test('what the mesh cannot say is refused, and what runs stays as it is, for whoever shares it too', async () => {
  const cluster = await world(istio)
  await cluster.flow('app', { letIn: ['client'] })
  await cluster.run(0)
  await cluster.flow('wrong', { letIn: ['admin'], path: '/[a-z]+' })
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client'])
  expect(await cluster.condition('wrong')).toMatchObject({
    reason: 'TrafficRefused',
    message: expect.stringContaining('access by a path expression'),
  })
  await cluster.deleteFlow('wrong')
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client'])
})

test('two modes of mutual TLS for the same pods name both resources, and the first stays', async () => {
  const cluster = await world(istio)
  await cluster.flow('one', { mode: 'strict' })
  await cluster.run(0)
  await cluster.flow('two', { mode: 'permissive' })
  await cluster.run(0)
  expect((await objectsOf(cluster, istio)).map(({ spec }) => spec)).toEqual([
    { selector: { matchLabels: { app: 'web' } }, mtls: { mode: 'STRICT' } },
  ])
  const { message } = (await cluster.condition('two')) ?? {}
  expect(message).toContain('Flow shop/one: MtlsPolicy web and Flow shop/two: MtlsPolicy web do not agree')
  await cluster.deleteFlow('one')
  await cluster.run(10_000)
  expect((await objectsOf(cluster, istio)).map(({ spec }) => spec)).toMatchObject([{ mtls: { mode: 'PERMISSIVE' } }])
})

test('an object that somebody changes or deletes is put back, and a worker sees what the mesh says', async () => {
  const cluster = await world(istio)
  await cluster.flow('app', { letIn: ['client'] })
  await cluster.flow('watcher', { tell: true })
  await cluster.run(0)
  expect(await cluster.status('watcher')).toMatchObject({ note: 'client' })
  const [kind] = istio.access?.kinds ?? []
  if (kind !== undefined) await cluster.client.delete(kind, { namespace: 'shop', name: 'web' })
  await cluster.run(0)
  expect(await accountsLetIn(cluster)).toEqual(['shop/client'])
})

test('a Deployment whose status changes is no reason to work, one whose ports change is', async () => {
  let calls = 0
  const counted = definition({
    Running: () => {
      calls += 1
      const destination = { kind: 'ServiceAccount', name: 'web' }
      const sources = [{ kind: 'ServiceAccount', name: 'client' }]
      return { outputs: { traffictargets: [{ name: 'app', destination, sources }] }, after: '1h' }
    },
  })
  const cluster = await World.create({
    project,
    definition: counted,
    adapter: linkerd,
    kinds: kindsFor(linkerd, outputs),
  })
  await deploy(cluster)
  cluster.start()
  await cluster.flow('app')
  await cluster.run(0)
  const before = calls
  const ref = { namespace: 'shop', name: 'web' }
  await cluster.client.patch(
    deploymentKind,
    ref,
    { status: { replicas: 1 } },
    { type: 'merge', fieldManager: 'test', subresource: 'status' },
  )
  await cluster.run(0)
  expect(calls).toBe(before)
  const containers = [{ name: 'web', image: 'web', ports: [{ containerPort: 8080 }, { containerPort: 9090 }] }]
  const spec = { template: { spec: { serviceAccountName: 'web', containers } } }
  await cluster.client.patch(deploymentKind, ref, { spec }, { type: 'merge', fieldManager: 'test' })
  await cluster.run(0)
  const servers = (await objectsOf(cluster, linkerd)).filter(({ kind }) => kind === 'Server')
  expect(servers.map(({ metadata }) => metadata.name)).toEqual(['web-8080', 'web-9090'])
})
