import { describe, expect, test } from 'vitest'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import type { Kind, KubeObject } from '../../src/kube/object.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { serviceKind } from '../../src/mesh/core-kinds.ts'
import type { MeshRequest } from '../../src/mesh/routing.ts'
import { answer } from './support/answer.ts'
import { definition, specOf, split } from './support/flows.ts'
import { flowKind, flowProject, gatewayApi, istio, phase, World } from './support/world.ts'

const linkerd = linkerdProvider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
const project = flowProject([
  phase('Running', { initial: true, outputs: ['trafficsplits', 'sessionaffinities', 'circuitbreakers'] }),
  phase('Finished', { final: true }),
])

interface Told {
  readonly weight?: number
  readonly sticky?: boolean
  readonly errors?: number
}

/** Emits a split of the weight, with a version cookie where it is to be sticky, and a breaker for so many errors. */
const asTold = definition({
  Running: (context) => {
    const { weight, sticky, errors } = specOf<Told>(context)
    const affinity = { name: 'web', service: 'web', versionCookie: { name: 'v' } }
    return {
      outputs: {
        trafficsplits: weight === undefined ? [] : [split(weight)],
        sessionaffinities: sticky === true ? [affinity] : [],
        circuitbreakers: errors === undefined ? [] : [{ name: 'web', service: 'web', consecutiveErrors: errors }],
      },
      after: '1h',
    }
  },
})

async function world(adapter: MeshAdapter): Promise<World> {
  const created = await World.create({ project, definition: asTold, adapter })
  for (const name of ['web', 'web-primary', 'web-canary']) await created.service(name)
  created.start()
  return created
}

async function objectsOf(cluster: World, adapter: MeshAdapter): Promise<KubeObject[]> {
  return (await Promise.all(adapter.kinds.map((kind) => cluster.list(kind)))).flat()
}

const services = { ports: () => [80] }
const get = (cookie?: string): MeshRequest => ({
  service: { namespace: 'shop', name: 'web' },
  port: 80,
  method: 'GET',
  path: '/',
  headers: { ...(cookie !== undefined && { cookie }) },
  query: {},
})

async function tell(cluster: World, spec: Told): Promise<void> {
  const ref = { namespace: 'shop', name: 'canary' }
  await cluster.client.patch(flowKind, ref, { spec }, { type: 'merge', fieldManager: 'tester' })
}

/** Where a request goes by the objects that are in the cluster, as percentages. */
async function shares(cluster: World, adapter: MeshAdapter, cookie?: string): Promise<Record<string, number>> {
  const { outcomes } = adapter.route(get(cookie), await objectsOf(cluster, adapter), services)
  return Object.fromEntries(
    outcomes.map((outcome) => ['service' in outcome ? outcome.service.name : '', Math.round(outcome.share * 100)]),
  )
}

describe.each<[string, MeshAdapter]>([
  ['istio', istio],
  ['gateway-api', gatewayApi],
  ['linkerd', linkerd],
])('a canary with a version cookie on %s', (_name, adapter) => {
  test('keeps its clients while it grows, and gives them back when it is rolled back', async () => {
    const cluster = await world(adapter)
    await cluster.flow('canary', { weight: 10, sticky: true })
    await answer(cluster, adapter)
    expect(await shares(cluster, adapter)).toEqual({ 'web-primary': 90, 'web-canary': 10 })
    expect(await shares(cluster, adapter, 'v=web-canary')).toEqual({ 'web-canary': 100 })
    expect(await shares(cluster, adapter, 'v=web-primary')).toEqual({ 'web-primary': 100 })
    await tell(cluster, { weight: 50 })
    await answer(cluster, adapter)
    expect(await shares(cluster, adapter)).toEqual({ 'web-primary': 50, 'web-canary': 50 })
    expect(await shares(cluster, adapter, 'v=web-canary')).toEqual({ 'web-canary': 100 })
    await tell(cluster, { weight: 0 })
    await answer(cluster, adapter)
    expect(await shares(cluster, adapter, 'v=web-canary')).toEqual({ 'web-primary': 100 })
  })
})

describe('a circuit breaker on Istio', () => {
  const [destinationRules = istio.kinds[0]] = istio.kinds.filter(({ kind }) => kind === 'DestinationRule')
  const kind = destinationRules as Kind
  const rules = async (cluster: World) =>
    (await cluster.list(kind)).map(({ metadata, spec }) => [
      metadata.name,
      (spec as { trafficPolicy?: unknown }).trafficPolicy,
    ])
  const breaker = (consecutive5xxErrors: number) => ({
    outlierDetection: { consecutive5xxErrors, maxEjectionPercent: 100 },
  })

  test('is on every Service that gets requests of the apex, and goes with whoever asked for it', async () => {
    const cluster = await world(istio)
    await cluster.flow('canary', { weight: 10 })
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    expect(await rules(cluster)).toEqual([
      ['web.web', breaker(7)],
      ['web.web-canary', breaker(7)],
      ['web.web-primary', breaker(7)],
    ])
    await cluster.deleteFlow('guard')
    await cluster.run(0)
    expect(await rules(cluster)).toEqual([])
    expect(await shares(cluster, istio)).toEqual({ 'web-primary': 90, 'web-canary': 10 })
  })

  test('of two resources is a conflict that names both, and what runs stays', async () => {
    const cluster = await world(istio)
    await cluster.flow('first', { errors: 7 })
    await cluster.run(0)
    await cluster.flow('second', { errors: 3 })
    await cluster.run(0)
    expect(await rules(cluster)).toEqual([['web.web', breaker(7)]])
    expect(await cluster.condition('second')).toMatchObject({
      reason: 'TrafficRefused',
      message: expect.stringMatching(
        /AP2191 .*shop\/first.* and .*shop\/second.* both say the circuit breaker of shop\/web/,
      ),
    })
  })

  test('waits for a DestinationRule of somebody else to go, and names it', async () => {
    const cluster = await world(istio)
    const foreign = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'tls', namespace: 'shop' },
      spec: { host: 'web-canary', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
    }
    await cluster.client.create(kind, foreign)
    await cluster.flow('canary', { weight: 10, errors: 7 })
    await cluster.run(0)
    expect(await rules(cluster)).toEqual([['tls', foreign.spec.trafficPolicy]])
    expect(await cluster.condition('canary')).toMatchObject({
      reason: 'TrafficRefused',
      message: expect.stringContaining(
        'AP2192 DestinationRule shop/tls is about web-canary.shop.svc.cluster.local as well',
      ),
    })
    await cluster.client.delete(kind, { namespace: 'shop', name: 'tls' })
    await cluster.run(0)
    expect((await rules(cluster)).map(([name]) => name)).toEqual(['web.web', 'web.web-canary', 'web.web-primary'])
    expect(await cluster.condition('canary')).not.toMatchObject({ reason: 'TrafficRefused' })
  })
})

describe('a circuit breaker on Linkerd', () => {
  const prefix = 'balancer.linkerd.io/failure-accrual'
  const web = { namespace: 'shop', name: 'web' }
  const annotations = async (cluster: World) => (await cluster.get(serviceKind, 'web'))?.metadata.annotations
  const accrual = async (cluster: World) =>
    Object.entries((await annotations(cluster)) ?? {}).filter(([name]) => name.startsWith(prefix))
  const of = (failures: number) => [
    [prefix, 'consecutive'],
    [`${prefix}-consecutive-max-failures`, String(failures)],
  ]
  const annotate = (cluster: World, values: Record<string, string | null>) =>
    cluster.client.patch(
      serviceKind,
      web,
      { metadata: { annotations: values } },
      { type: 'merge', fieldManager: 'kubectl-annotate' },
    )

  test('is on the Service that clients call, changes there and goes without a trace', async () => {
    const cluster = await world(linkerd)
    await annotate(cluster, { team: 'shop' })
    const before = await cluster.get(serviceKind, 'web')
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(of(7))
    await cluster.client.patch(
      flowKind,
      { ...web, name: 'guard' },
      { spec: { errors: 3 } },
      { type: 'merge', fieldManager: 't' },
    )
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(of(3))
    expect((await cluster.get(serviceKind, 'web-canary'))?.metadata.annotations).toBeUndefined()
    await cluster.deleteFlow('guard')
    await cluster.run(0)
    const after = await cluster.get(serviceKind, 'web')
    expect(after).toEqual({
      ...before,
      metadata: { ...before?.metadata, resourceVersion: after?.metadata.resourceVersion },
    })
  })

  test('goes when its resource goes, though no operator was there to see it', async () => {
    const cluster = await World.create({ project, definition: asTold, adapter: linkerd })
    for (const name of ['web', 'web-primary', 'web-canary']) await cluster.service(name)
    const first = cluster.start()
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    await first.stop()
    await cluster.deleteFlow('guard')
    expect(await accrual(cluster)).toEqual(of(7))
    cluster.start()
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual([])
  })

  test('stays with the split when whoever asked for it leaves', async () => {
    const cluster = await world(linkerd)
    await cluster.flow('canary', { weight: 10 })
    await cluster.flow('guard', { errors: 7 })
    await answer(cluster, linkerd)
    expect(await accrual(cluster)).toEqual(of(7))
    await cluster.deleteFlow('guard')
    await answer(cluster, linkerd)
    expect(await accrual(cluster)).toEqual([])
    expect(await shares(cluster, linkerd)).toEqual({ 'web-primary': 90, 'web-canary': 10 })
  })

  test('is put back when it is taken off, and written once', async () => {
    const cluster = await world(linkerd)
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    await annotate(cluster, { [`${prefix}-consecutive-max-failures`]: null })
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(of(7))
    const { resourceVersion } = (await cluster.get(serviceKind, 'web'))?.metadata ?? {}
    await cluster.run(60_000)
    expect((await cluster.get(serviceKind, 'web'))?.metadata.resourceVersion).toBe(resourceVersion)
  })

  test.each<[string, Record<string, string>]>([
    ['the mode', { [prefix]: 'consecutive' }],
    ['a part that the breaker does not speak of', { [`${prefix}-consecutive-jitter-ratio`]: '1.0' }],
  ])('is refused where somebody has set %s, and follows when that is taken off', async (_what, theirs) => {
    const cluster = await world(linkerd)
    await annotate(cluster, theirs)
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(Object.entries(theirs))
    expect(await cluster.condition('guard')).toMatchObject({
      reason: 'Blocked',
      message: expect.stringContaining(`AP2193 linkerd is told about breakers by annotations of the Service shop/web`),
    })
    await annotate(cluster, Object.fromEntries(Object.keys(theirs).map((name) => [name, null])))
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(of(7))
    expect(await cluster.condition('guard')).toMatchObject({ status: 'True' })
  })

  test('that somebody changes is theirs from then on, and is left to them', async () => {
    const cluster = await world(linkerd)
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    await annotate(cluster, { [`${prefix}-consecutive-max-failures`]: '2' })
    await cluster.run(0)
    expect(await cluster.condition('guard')).toMatchObject({ reason: 'Blocked' })
    await cluster.deleteFlow('guard')
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual([[`${prefix}-consecutive-max-failures`, '2']])
  })

  test('waits for a ServiceProfile to go, beside which Linkerd does not read it', async () => {
    const profiles = linkerd.rivals.find(({ kind }) => kind === 'ServiceProfile') as Kind
    const cluster = await World.create({
      project,
      definition: asTold,
      adapter: linkerd,
      kinds: [...linkerd.kinds, profiles],
    })
    await cluster.service('web')
    const profile = { apiVersion: 'linkerd.io/v1alpha2', kind: 'ServiceProfile', spec: { routes: [] } }
    const name = 'web.shop.svc.cluster.local'
    await cluster.client.create(profiles, { ...profile, metadata: { name, namespace: 'shop' } })
    cluster.start()
    await cluster.flow('guard', { errors: 7 })
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual([])
    expect(await cluster.condition('guard')).toMatchObject({ reason: 'Blocked' })
    await cluster.client.delete(profiles, { namespace: 'shop', name })
    await cluster.run(0)
    expect(await accrual(cluster)).toEqual(of(7))
  })
})
