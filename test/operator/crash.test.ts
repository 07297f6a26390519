import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { dyingAt } from './support/dying.ts'
import { definition, split, statusOf } from './support/flows.ts'
import { configMapKind, flowKind, flowProject, istio, phase, World } from './support/world.ts'

const project = flowProject(
  [
    phase('Preparing', { initial: true, outputs: ['configmaps', 'trafficsplits'] }),
    phase('Shifting', { outputs: ['configmaps', 'trafficsplits'] }),
    phase('Finished', { final: true }),
  ],
  { enableFinalizer: true },
)

const map = (name: string) => ({
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } },
})

/** Makes two objects, shifts in three steps, takes one object away, and leaves all traffic on the primary. */
const workflow = definition(
  {
    Preparing: () => ({
      outputs: { configmaps: [map('kept'), map('passing')], trafficsplits: [split(0)] },
      next: 'Shifting',
      reason: 'prepared',
    }),
    Shifting: (context) => {
      const weight = (statusOf(context).weight ?? 0) + 30
      if (weight <= 90) return { outputs: { trafficsplits: [split(weight)] }, status: { weight }, after: '10s' }
      return { outputs: { configmaps: [map('kept')], trafficsplits: [split(0)] }, next: 'Finished' }
    },
  },
  { finalizer: { sync: () => ({ done: true }) } },
)

/** Says of every state of a mesh object whether all of its rules have somewhere to send a request. */
function hasBackends(object: KubeObject): boolean {
  const service = { namespace: 'shop', name: 'web' }
  const { traffic } = istio.observe([object], service, { ports: () => [80] })
  const rules = traffic?.ports.flatMap((port) => port.rules) ?? []
  return rules.length > 0 && rules.every(({ backends }) => backends.some(({ weight }) => weight > 0))
}

async function live(deaths: readonly { readonly call: number; readonly after: boolean }[]) {
  const world = await World.create({ project, definition: workflow })
  await world.service('web')
  const gaps: KubeObject[] = []
  const writes: string[] = []
  world.server.onWrite(({ type, object }) => {
    if (object.kind === 'VirtualService' && (type === 'DELETED' || !hasBackends(object))) gaps.push(object)
    if (object.kind === 'VirtualService') writes.push(`${type} ${object.metadata.generation}`)
  })
  await world.flow('web')
  for (const { call, after } of deaths) {
    const process = world.start((send) => dyingAt(call, after, () => process.kill())(send))
    await world.run(15_000)
    process.kill()
  }
  world.start()
  await world.run(90_000)
  const { phaseHistory = [], ...status } = await world.status('web')
  const conditions = status.conditions?.map(({ type, reason }) => `${type} ${reason}`).toSorted()
  return {
    gaps,
    writes,
    phases: phaseHistory.map(({ phase: name }) => name),
    status: { ...status, conditions },
    maps: (await world.list(configMapKind)).map(({ metadata, ...rest }) => [metadata.name, rest['data']]),
    finalizers: (await world.get(flowKind, 'web'))?.metadata.finalizers,
    weights: await world.weights('web'),
  }
}

const death = fc.record({ call: fc.integer({ min: 1, max: 24 }), after: fc.boolean() })

test.prop([fc.array(death, { maxLength: 4 })], { numRuns: 60 })(
  'killed at any call and started again, the operator comes to the same end and never leaves the apex without a backend',
  async (deaths) => {
    const undisturbed = await live([])
    const { gaps, writes, ...end } = await live(deaths)
    expect(gaps).toEqual([])
    const { gaps: _, writes: planned, ...expected } = undisturbed
    expect(end).toEqual(expected)
    expect(writes).toEqual(planned)
  },
)

test('undisturbed, the workflow of the test above ends as it should', async () => {
  expect(await live([])).toMatchObject({
    gaps: [],
    writes: ['ADDED 1', 'MODIFIED 2', 'MODIFIED 3', 'MODIFIED 4', 'MODIFIED 5'],
    phases: ['Preparing', 'Shifting', 'Finished'],
    status: { phase: 'Finished', weight: 90, conditions: ['Ready Finished', 'TrafficAccepted Accepted'] },
    maps: expect.arrayContaining([['kept', { a: '1' }]]),
    finalizers: ['flows.example.io/flow-operator'],
    weights: { 'web-primary': 1 },
  })
})
