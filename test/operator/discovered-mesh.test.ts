import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { Transport } from '../../src/kube/transport.ts'
import type { MeshProvider } from '../../src/mesh/adapter.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowProject, phase, World } from './support/world.ts'

const crds: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
const gateway = 'gateway.networking.k8s.io'

const project = flowProject([
  phase('Running', { initial: true, outputs: ['trafficsplits', 'retrypolicies'] }),
  phase('Finished', { final: true }),
])

/** A split, and a timeout where the spec says so. */
const asTold = definition({
  Running: (context) => {
    const { timeout } = specOf<{ timeout?: number }>(context)
    const policies = timeout === undefined ? [] : [{ name: 'patience', service: 'web', timeout }]
    return { outputs: { trafficsplits: [split(25)], retrypolicies: policies }, after: '1h' }
  },
})

function kind(group: string, version: string, name: string): Kind {
  const word = name.toLowerCase()
  return { group, version, kind: name, plural: `${word}s`, namespaced: true }
}

/** One definition that serves a kind in these versions, the first of which is stored. */
function crd(group: string, name: string, versions: readonly string[], annotations: Record<string, string> = {}) {
  const [first, ...others] = versions.flatMap((version) => meshCrds([kind(group, version, name)])) as (KubeObject & {
    spec: { versions: { storage: boolean }[] }
  })[]
  if (first === undefined) throw new Error('no versions')
  const more = others.flatMap(({ spec }) => spec.versions.map((version) => ({ ...version, storage: false })))
  return {
    ...first,
    metadata: { ...first.metadata, annotations: { ...first.metadata.annotations, ...annotations } },
    spec: { ...first.spec, versions: [...first.spec.versions, ...more] },
  }
}

function release(version: string, channel = 'standard') {
  return { [`${gateway}/bundle-version`]: version, [`${gateway}/channel`]: channel }
}

async function cluster(provider: MeshProvider, definitions: readonly KubeObject[], spec = {}): Promise<World> {
  const context = { clusterDomain: 'cluster.local', apiVersions: {} }
  const world = await World.create({
    project,
    definition: asTold,
    adapter: provider.create(context),
    adapterFor: (installed) => provider.create({ ...context, installed }),
    kinds: [],
  })
  for (const one of definitions) await world.client.create(crds, one)
  for (const name of ['web', 'web-primary', 'web-canary']) await world.service(name)
  await world.flow('web', spec)
  return world
}

/** The one object of a kind, as this version of it, with the version it was applied in. */
async function applied(world: World, one: Kind) {
  const [object, ...others] = await world.list(one)
  expect(others).toEqual([])
  const [entry] = object?.metadata.managedFields ?? []
  return { object, version: entry?.apiVersion }
}

test('Istio before v1 gets objects of v1beta1', async () => {
  const group = 'networking.istio.io'
  const names = ['VirtualService', 'DestinationRule']
  const world = await cluster(
    istioProvider,
    names.map((name) => crd(group, name, ['v1beta1', 'v1alpha3'])),
  )
  const { operator } = world.start()
  await world.run(0)
  expect(operator.ready()).toBe(true)
  expect((await applied(world, kind(group, 'v1beta1', 'VirtualService'))).version).toBe(`${group}/v1beta1`)
})

test('linkerd-smi has neither newer splits nor route groups, and gets plain splits in the version it has', async () => {
  const group = 'split.smi-spec.io'
  for (const versions of [['v1alpha1', 'v1alpha2'], ['v1alpha1']]) {
    const world = await cluster(smiProvider, [crd(group, 'TrafficSplit', versions)])
    const { operator } = world.start()
    await world.run(0)
    expect(operator.ready()).toBe(true)
    const written = versions.at(-1) ?? ''
    const { object, version } = await applied(world, kind(group, written, 'TrafficSplit'))
    expect(version).toBe(`${group}/${written}`)
    expect(object?.spec).toMatchObject({ service: 'web', backends: [{ weight: 75 }, { weight: 25 }] })
  }
})

test('an old Linkerd gets HTTPRoutes of v1beta1', async () => {
  const world = await cluster(linkerdProvider, [
    crd(gateway, 'HTTPRoute', ['v1beta1'], release('v1.1.0', 'experimental')),
    crd(gateway, 'GRPCRoute', ['v1']),
  ])
  world.start()
  await world.run(0)
  expect((await applied(world, kind(gateway, 'v1beta1', 'HTTPRoute'))).version).toBe(`${gateway}/v1beta1`)
})

const routes = (annotations: Record<string, string>) => [
  crd(gateway, 'HTTPRoute', ['v1', 'v1beta1'], annotations),
  crd(gateway, 'GRPCRoute', ['v1']),
]

test('routes for TCP are written in the version that is served, and left out where none is', async () => {
  const ports = [kind(gateway, 'v1alpha2', 'TCPRoute'), kind(gateway, 'v1', 'TCPRoute')]
  for (const one of ports) {
    const world = await cluster(gatewayApiProvider, [
      ...routes(release('v1.6.0')),
      crd(gateway, 'TCPRoute', [one.version]),
    ])
    await world.client.patch(
      { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true },
      { namespace: 'shop', name: 'web' },
      { spec: { ports: [{ name: 'tcp-80', port: 80 }] } },
      { type: 'merge', fieldManager: 'somebody' },
    )
    world.start()
    await world.run(0)
    expect((await applied(world, one)).version).toBe(`${gateway}/${one.version}`)
    expect(world.logs.filter(({ msg }) => msg === 'the cluster lacks optional kinds')).toMatchObject([
      { kinds: [`tlsroutes.${gateway}`] },
    ])
  }
})

test('a field that the installed release would drop without a word is refused, and a newer release takes it', async () => {
  const old = await cluster(gatewayApiProvider, routes(release('v1.1.0')), { timeout: 2_000 })
  old.start()
  await old.run(0)
  expect((await old.condition('web'))?.message).toContain(
    'the installed HTTPRoutes have no timeouts, which are Standard since v1.2',
  )
  expect(await old.list(kind(gateway, 'v1', 'HTTPRoute'))).toEqual([])

  const current = await cluster(gatewayApiProvider, routes(release('v1.5.1')), { timeout: 2_000 })
  current.start()
  await current.run(0)
  const { object } = await applied(current, kind(gateway, 'v1', 'HTTPRoute'))
  expect(object?.spec).toMatchObject({ rules: [{ timeouts: { request: '2s' } }] })
})

/** Between an operator and a server that lets it read no definitions. */
function withoutRight(send: Transport['send']): Transport['send'] {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 }
  return async (request) => {
    if (!request.path.includes('/customresourcedefinitions/')) return send(request)
    const headers = { 'content-type': 'application/json' }
    return { status: 403, headers, body: Readable.from([Buffer.from(JSON.stringify(status))]) }
  }
}

test('without the right to read annotations the least is taken for granted, which the log says', async () => {
  const world = await cluster(gatewayApiProvider, routes(release('v1.5.1')), { timeout: 2_000 })
  world.start(withoutRight)
  await world.run(0)
  expect(world.logs.filter(({ msg }) => msg === 'annotations cannot be read, the least is taken for granted')).toEqual([
    expect.objectContaining({ crds: [`httproutes.${gateway}`] }),
  ])
  expect((await world.condition('web'))?.message).toContain(`let the operator \`get\` httproutes.${gateway}`)
})

test('a mesh that is not there is named with what is served instead, waited for, and then written to', async () => {
  const world = await cluster(gatewayApiProvider, [crd(gateway, 'HTTPRoute', ['v1alpha2'], release('v0.5.0'))])
  const { operator } = world.start()
  await world.run(5_000)
  expect(operator.ready()).toBe(false)
  expect(operator.problems()).toEqual([
    expect.stringContaining(
      `AP2225 the cluster does not serve v1 of httproutes.${gateway}, which gateway-api needs; it serves v1alpha2.`,
    ),
  ])
  await world.client.delete(crds, { name: `httproutes.${gateway}` })
  await world.run(1_000)
  for (const one of routes(release('v1.5.1'))) await world.client.create(crds, one)
  await world.run(60_000)
  expect(operator.ready()).toBe(true)
  expect(await world.list(kind(gateway, 'v1', 'HTTPRoute'))).toHaveLength(1)
})
