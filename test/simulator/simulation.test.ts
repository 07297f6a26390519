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

async function begin(
  provider: MeshProvider,
  seed: number,
  { errorRate = 0, meshDelay = 200, startUp = 2 * second, rate = 40 } = {},
): Promise<Simulation> {
  await running?.stop()
  const latency = { median: 10, p99: 50 }
  running = await simulate({
    ...workflow,
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed,
    meshDelay,
    startUp,
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

/** What users are owed: nobody was refused, and nothing but the new version ever failed. */
function expectUnharmed(simulation: Simulation, what: string): void {
  expect(simulation.invariants.violations, what).toEqual([])
}

describe.each(providers)('on $name', (provider) => {
  test('whatever happens in the middle of a canary, no request goes nowhere, for a hundred seeds', async () => {
    for (let seed = 0; seed < 100; seed++) {
      const chance = new Random(seed, 'what happens')
      const simulation = await begin(provider, seed, {
        errorRate: chance.next() < 0.5 ? 0 : 0.2,
        meshDelay: chance.below(3000),
        startUp: chance.below(8000),
        rate: 10,
      })
      const story = [`${provider.name}, seed ${seed}`]
      await simulation.apply([shortCanary])
      await simulation.runFor(chance.below(60) * second)
      for (let event = 0; event < 2; event++) {
        const what = ['new image', 'old image', 'no traffic', 'deleted'][chance.below(4)] ?? ''
        story.push(what)
        if (what === 'new image') await simulation.setImage(target, 'podinfod', images.new)
        if (what === 'old image') await simulation.setImage(target, 'podinfod', images.old)
        if (what === 'no traffic') simulation.traffic.rate = 0
        if (what === 'deleted') await simulation.delete(shortCanary).catch(() => story.push('twice'))
        await simulation.runFor(chance.below(40) * second)
      }
      await simulation.runFor(30 * second)
      expectUnharmed(simulation, story.join(', '))
    }
  })
})
