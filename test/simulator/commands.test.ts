import { expect, test } from 'vitest'
import { canary, clients, images, namespace, podinfo, port } from '../../src/cli/demo/podinfo.ts'
import { canaryWorkflow } from '../../src/cli/demo/workflow.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { type Simulation, simulate } from '../../src/simulator/simulation.ts'

const workflow = await canaryWorkflow()
const target = { namespace, name: 'podinfo' }
const second = 1000
const slow = { ...canary, spec: { ...(canary.spec as object), analysisPeriod: '1h', measurementInterval: '10s' } }

/** A canary at its first step, which would last an hour. */
async function atFirstStep(mesh: string): Promise<Simulation> {
  const provider = builtInMeshes.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`there is no mesh ${mesh}`)
  const latency = { median: 10, p99: 50 }
  const simulation = await simulate({
    ...workflow,
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed: 1,
    startUp: 2 * second,
    resource: target,
    traffic: {
      rate: 20,
      apex: target,
      port,
      source: { namespace, name: 'shoppers' },
      clients,
      versions: { [images.old]: { errorRate: 0, latency }, [images.new]: { errorRate: 0, latency } },
    },
  })
  await simulation.apply(podinfo)
  await simulation.runFor(10 * second)
  await simulation.apply([slow])
  await reach(simulation, 'Waiting')
  await simulation.setImage(target, 'podinfod', images.new)
  const weighted = () => (simulation.timeline.steps.at(-1)?.observed['podinfo-canary'] ?? 0) > 0
  expect(await simulation.runUntil(weighted, 120 * second)).toBe(true)
  return simulation
}

const reach = (simulation: Simulation, phase: string) =>
  simulation.runUntil(() => simulation.timeline.phase === phase, 300 * second)
const visits = ({ timeline }: Simulation) => timeline.phases.slice(2).map(({ phase, reason }) => [phase, reason])
const serves = (simulation: Simulation) =>
  simulation.object({ group: 'apps', kind: 'Deployment' }, { namespace, name: 'podinfo-primary' })?.spec

test.each(builtInMeshes.map(({ name }) => name))(
  'on %s, promote skips the steps that are left, and loses no request',
  async (mesh) => {
    await using simulation = await atFirstStep(mesh)
    const before = simulation.timeline.failures
    await simulation.tell('promote', 'alice')
    expect(await reach(simulation, 'Waiting')).toBe(true)
    expect(visits(simulation)[1]).toEqual(['Promoting', expect.stringMatching(/^promoted at \d+ % by alice$/)])
    expect(JSON.stringify(serves(simulation))).toContain(images.new)
    expect(simulation.timeline.failures).toBe(before)
    expect(simulation.invariants.violations).toEqual([])
  },
)

test('abort rolls back at once, retry tries the same version again, and both lose no request', async () => {
  await using simulation = await atFirstStep('istio')
  const before = simulation.timeline.failures
  await simulation.tell('abort', 'alice')
  expect(await reach(simulation, 'Waiting')).toBe(true)
  await simulation.runFor(600 * second)
  expect(simulation.timeline.phase).toBe('Waiting')
  expect(JSON.stringify(serves(simulation))).toContain(images.old)
  await simulation.tell('retry', 'bob')
  expect(await reach(simulation, 'Evaluating')).toBe(true)
  await simulation.runFor(60 * second)
  await simulation.tell('promote', 'bob')
  expect(await reach(simulation, 'Waiting')).toBe(true)
  expect(JSON.stringify(serves(simulation))).toContain(images.new)
  expect(visits(simulation).map(([phase]) => phase)).toEqual([
    'Evaluating',
    'RollBack',
    'Waiting',
    'Evaluating',
    'Promoting',
    'Waiting',
  ])
  expect(simulation.timeline.failures).toBe(before)
  expect(simulation.invariants.violations).toEqual([])
})
