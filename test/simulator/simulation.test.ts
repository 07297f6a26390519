import { afterEach, describe, expect, test } from 'vitest'
import { gatewayApiProvider } from '../../adapters/gateway-api/index.ts'
import { istioProvider } from '../../adapters/istio/index.ts'
import { linkerdProvider } from '../../adapters/linkerd/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import { canary, clients, images, namespace, podinfo, port } from '../../src/cli/demo/podinfo.ts'
import { canaryWorkflow } from '../../src/cli/demo/workflow.ts'
import type { MeshProvider } from '../../src/mesh/adapter.ts'
import { Random } from '../../src/simulator/random.ts'
import { type Simulation, simulate } from '../../src/simulator/simulation.ts'
import type { Shares } from '../../src/simulator/timeline.ts'
import { proves } from '../support/proof.ts'

const providers = [istioProvider, linkerdProvider, smiProvider, gatewayApiProvider]
const workflow = await canaryWorkflow()
const target = { namespace, name: 'podinfo' }
const shortCanary = {
  ...canary,
  spec: { ...(canary.spec as object), analysisPeriod: '10s', measurementInterval: '10s', stepWeight: 25 },
}
const second = 1000

let running: Simulation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

interface World {
  errorRate?: number
  meshDelay?: number
  startUp?: number
  rate?: number
  speed?: number | undefined
}

async function begin(
  provider: MeshProvider,
  seed: number,
  { errorRate = 0, meshDelay = 200, startUp = 2 * second, rate = 40, speed }: World = {},
): Promise<Simulation> {
  await running?.stop()
  const latency = { median: 10, p99: 50 }
  running = await simulate({
    ...workflow,
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed,
    meshDelay,
    startUp,
    speed,
    resource: target,
    traffic: {
      rate,
      apex: target,
      port,
      source: { namespace, name: 'shoppers' },
      // Some of the callers have no proxy: they must never be refused either.
      clients: clients.map((group, index) => ({ ...group, inMesh: index !== 2 })),
      versions: { [images.old]: { errorRate: 0, latency }, [images.new]: { errorRate, latency } },
    },
  })
  await running.apply(podinfo)
  await running.runFor(startUp + 5 * second)
  return running
}

describe('a simulation', () => {
  test('shifts the weight step by step, and requests follow it', async () => {
    const simulation = await begin(istioProvider, 1, { rate: 200 })
    await simulation.apply([shortCanary])
    expect(await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60 * second)).toBe(true)
    await simulation.setImage(target, 'podinfod', images.new)
    expect(await simulation.runUntil(() => simulation.timeline.phase === 'Promoting', 120 * second)).toBe(true)
    await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60 * second)
    const steps = simulation.timeline.steps.map(({ requested, observed }) => [requested, observed].map(canaryShare))
    expect(steps).toEqual([
      [0, 0],
      [25, 25],
      [50, 50],
      [0, 0],
    ])
    for (const { requested, routed } of simulation.timeline.steps.slice(0, 3)) {
      const all = [...routed.values()].reduce((sum, { requests }) => sum + requests, 0)
      const share = ((routed.get('podinfo-canary')?.requests ?? 0) / all) * 100
      expect(Math.abs(share - canaryShare(requested))).toBeLessThan(6)
    }
    expect(simulation.invariants.violations).toEqual([])
  })

  test('tells the reason of each transition, and how many users saw an error', async () => {
    const simulation = await begin(smiProvider, 1, { errorRate: 0.2 })
    await simulation.apply([shortCanary])
    await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60 * second)
    await simulation.setImage(target, 'podinfod', images.new)
    await simulation.runUntil(() => simulation.timeline.phase === 'RollBack', 120 * second)
    expect(simulation.timeline.phases.at(-1)).toMatchObject({
      phase: 'RollBack',
      reason: expect.stringMatching(/^at 25 % \(step 1 of 2\): success rate [\d.]+ % is below 99 %$/),
    })
    expect(simulation.timeline.failedUsers.size).toBeGreaterThan(0)
    expect(simulation.timeline.failedUsers.size).toBeLessThanOrEqual(simulation.timeline.failures)
  })

  test('finds the moment in which somebody takes a backend away that has weight', async () => {
    const simulation = await begin(linkerdProvider, 1)
    await simulation.apply([shortCanary])
    await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60 * second)
    await simulation.setImage(target, 'podinfod', images.new)
    const weighted = () => canaryShare(simulation.timeline.steps.at(-1)?.observed) > 0
    expect(await simulation.runUntil(weighted, 60 * second)).toBe(true)
    expect(simulation.invariants.violations).toEqual([])
    const name = 'podinfo-canary'
    await simulation.delete({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } })
    expect(simulation.invariants.violations.map(({ write }) => write)).toContain(
      `Deployment ${namespace}/${name} deleted`,
    )
  })

  test('lets a mesh with route status take up a route only when it has said so', async () => {
    const simulation = await begin(gatewayApiProvider, 1, { meshDelay: 5 * second })
    await simulation.apply([shortCanary])
    const route = () =>
      simulation.object(
        { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
        { namespace, name: `podinfo-${port}` },
      )
    expect(await simulation.runUntil(() => route() !== undefined, 60 * second)).toBe(true)
    const written = simulation.clock.now()
    const observed = () => simulation.timeline.steps.at(-1)?.observed ?? {}
    expect(observed()).toEqual({})
    await simulation.runUntil(() => 'podinfo-primary' in observed(), 60 * second)
    expect(simulation.clock.now()).toBe(written + 5 * second)
    expect(route()?.status).toMatchObject({
      parents: [
        {
          conditions: [
            { type: 'Accepted', status: 'True' },
            { type: 'ResolvedRefs', status: 'True' },
          ],
        },
      ],
    })
  })

  test('is the same at any speed', async () => {
    const history = async (speed: number | undefined) => {
      const simulation = await begin(linkerdProvider, 3, { speed })
      await simulation.apply([shortCanary])
      await simulation.runUntil(() => simulation.timeline.phase === 'Waiting', 60 * second)
      await simulation.setImage(target, 'podinfod', images.new)
      await simulation.runFor(60 * second)
      const { phases, requests, failures } = simulation.timeline
      return { phases, requests, failures, calls: simulation.operatorCalls(), now: simulation.clock.now() }
    }
    expect(await history(1000)).toEqual(await history(undefined))
  })
})

describe.each(providers)('on $name', (provider) => {
  // A hundred seeds, dealt to the meshes in turn; few to a test, so that none takes long on a machine that does other things as well.
  const seeds = Array.from({ length: 100 }, (_, seed) => seed).filter(
    (seed) => seed % providers.length === providers.indexOf(provider),
  )
  const batches = Array.from({ length: 5 }, (_, batch) => seeds.slice(batch * 5, batch * 5 + 5))

  test.for(batches)(
    'no request goes nowhere, whatever happens in the middle of a canary (seeds %i …)',
    async (...[batch]) => {
      proves(provider.name, 'simulation', ['weightedSplit'])
      for (const seed of batch) {
        const chance = new Random(seed, 'what happens')
        const simulation = await begin(provider, seed, {
          errorRate: chance.next() < 0.5 ? 0 : 0.2,
          meshDelay: chance.below(3 * second),
          startUp: chance.below(8 * second),
          rate: 10,
        })
        const story = [`seed ${seed}`]
        await simulation.apply([shortCanary])
        await simulation.runFor(chance.below(60) * second)
        for (let event = 0; event < 2; event++) {
          const what = ['new image', 'old image', 'no traffic', 'deleted'][chance.below(4)] ?? ''
          story.push(what)
          if (what === 'new image') await simulation.setImage(target, 'podinfod', images.new)
          if (what === 'old image') await simulation.setImage(target, 'podinfod', images.old)
          if (what === 'no traffic') simulation.traffic.rate = 0
          if (what === 'deleted') await simulation.delete(shortCanary).catch(() => story.push('which is gone'))
          await simulation.runFor(chance.below(40) * second)
        }
        await simulation.runFor(30 * second)
        expect(simulation.invariants.violations, story.join(', ')).toEqual([])
      }
    },
  )
})

function canaryShare(shares: Shares | undefined): number {
  return shares?.['podinfo-canary'] ?? 0
}
