import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeFiles } from '../../generators/project/project-files.ts'
import { canary } from '../../generators/templates/canary.ts'
import type { ProjectIdentity } from '../../generators/templates/template.ts'
import { writeFiles } from '../../src/cli/generate/write-files.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { loadProject } from '../../src/project/load.ts'
import { httpClients, httpService, readObjects, simulateProject } from '../../src/testing/index.ts'

const identity: ProjectIdentity = {
  kind: 'Canary',
  group: 'examples.io',
  version: 'v1',
  operatorName: 'canary-operator',
  mesh: 'istio',
}
const minute = 60_000
let folder: string

/** The template's project, in a folder of the checkout, where its libraries are found. */
beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, '.canary-'))
  const write = (files: readonly { path: string; text: string }[]) =>
    writeFiles(
      folder,
      files.map(({ path, text }) => {
        const up = path.split('/').map(() => '..')
        const library = `'${[...up, '..', '..', 'src', 'index.ts'].join('/')}'`
        return { path, text: text.replace("'mesh-autopilot'", library), state: 'created' }
      }),
    )
  await write([...canary.files(identity), { path: 'autopilot-operator.yaml', text: 'meshProvider: istio\n' }])
  const { project } = await loadProject(folder)
  const library = { library: 'mesh-autopilot', testing: 'mesh-autopilot/testing', typedKinds: [] }
  const code = await codeFiles(project, library)
  await write(code.filter(({ owner }) => owner === 'generated'))
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

describe('the canary template', () => {
  test.each(builtInMeshes.map(({ name }) => name))('takes its steps at their time on %s', async (mesh) => {
    const { phases, weights, lengths } = await promote(mesh)
    expect(phases).toEqual(['Shifting', 'Promoted'])
    expect(weights).toEqual([20, 40, 60, 80, 100])
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000)
  })

  test('takes no step earlier because somebody edits the resource', async () => {
    const { weights, lengths } = await promote('istio', { every: 7_000 })
    expect(weights).toEqual([20, 40, 60, 80, 100])
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000)
  })
})
