import { rm } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { httpClients, httpService, readObjects, simulateProject } from '../../src/testing/index.ts'
import { canaryProject } from '../support/canary-project.ts'

const minute = 60_000
let folder: string

beforeAll(async () => {
  folder = await canaryProject(import.meta.dirname)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function promote(mesh: string, meanwhile?: { readonly every: number }) {
  const root = pathToFileURL(`${folder}/`)
  const [example] = await readObjects(new URL('examples/canary.yaml', root))
  if (example === undefined) throw new Error('the template has no example')
  await using simulation = await simulateProject(root, {
    mesh,
    resource: example,
    traffic: httpClients('web', { rate: 20 }),
  })
  await simulation.apply([...httpService('web', 'web-v1'), ...httpService('web-v1'), ...httpService('web-v2')])
  await simulation.runFor(minute)
  await simulation.apply([example])
  const isOver = () => simulation.timeline.phase === 'Promoted'
  for (let turn = 0; turn < 200 && !isOver(); turn += 1) {
    await simulation.runUntil(isOver, meanwhile?.every ?? minute)
    if (meanwhile === undefined || isOver()) continue
    const metadata = { ...example.metadata, annotations: { turn: String(turn) } }
    await simulation.apply([{ ...example, metadata }])
  }
  const { phases, steps } = simulation.timeline
  return {
    phases: phases.map(({ phase }) => phase),
    weights: steps.map(({ observed }) => Math.round(observed['web-v2'] ?? 0)),
    lengths: steps.flatMap(({ time, end }) => (end === undefined ? [] : [end - time])),
  }
}

async function stepIn(mesh: string) {
  const root = pathToFileURL(`${folder}/`)
  const [example] = await readObjects(new URL('examples/canary.yaml', root))
  await using simulation = await simulateProject(root, {
    mesh,
    resource: example,
    traffic: httpClients('web', { rate: 20 }),
  })
  await simulation.apply([...httpService('web', 'web-v1'), ...httpService('web-v1'), ...httpService('web-v2')])
  await simulation.runFor(minute)
  await simulation.apply([example])
  const reach = (phase: string) => simulation.runUntil(() => simulation.timeline.phase === phase, minute)
  await reach('Shifting')
  for (const [verb, phase] of [
    ['abort', 'RolledBack'],
    ['retry', 'Shifting'],
    ['promote', 'Promoted'],
  ] as const) {
    await simulation.tell(verb, 'alice')
    await reach(phase)
  }
  return simulation.timeline
}

describe('the canary template', () => {
  test.each(builtInMeshes.map(({ name }) => name))('takes its steps at their time on %s', async (mesh) => {
    const { phases, weights, lengths } = await promote(mesh)
    expect(phases).toEqual(['Shifting', 'Promoted'])
    expect(weights).toEqual([20, 40, 60, 80, 100])
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000)
  })

  test.each(builtInMeshes.map(({ name }) => name))(
    'goes back, begins again and goes ahead when told so on %s',
    async (mesh) => {
      const { phases, steps } = await stepIn(mesh)
      expect(phases.map(({ phase, reason }) => [phase, reason])).toEqual([
        ['Shifting', ''],
        ['Reverting', 'aborted by alice'],
        ['RolledBack', ''],
        ['Shifting', 'retry by alice'],
        ['Promoted', 'promoted by alice'],
      ])
      expect(steps.at(-1)?.observed['web-v2']).toBe(100)
    },
  )

  test('takes no step earlier because somebody edits the resource', async () => {
    const { weights, lengths } = await promote('istio', { every: 7_000 })
    expect(weights).toEqual([20, 40, 60, 80, 100])
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000)
  })
})
