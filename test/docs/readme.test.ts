import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crd } from '../../generators/crd.ts'
import { loadDefinition } from '../../src/cli/load-definition.ts'
import { createContainer, meshProviders } from '../../src/container.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { loadOperatorConfig, loadProject } from '../../src/project/load.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { codeBlocks } from '../support/code-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const providers = meshProviders(createContainer())
const minute = 60_000
let folder: string

/** The project of the README as files, in a folder of the checkout, where its libraries are found. */
beforeAll(async () => {
  folder = await mkdtemp(join(root, 'test', 'docs', '.readme-'))
  const library = pathToFileURL(join(root, 'src', 'index.ts')).href
  for (const { file, text } of codeBlocks(await readFile(join(root, 'README.md'), 'utf8'))) {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(
      path,
      text.replace("'mesh-autopilot'", `'${file.endsWith('.ts') ? '../../../../src/index.ts' : library}'`),
    )
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../tsconfig.json', include: ['src'] }),
  )
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const labelsOf = (app: string) => ({ app, part: 'web' })

function workload(app: string, image: string): KubeObject[] {
  const labels = labelsOf(app)
  const container = { name: 'web', image, ports: [{ containerPort: 80 }] }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: app, namespace: 'shop' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app } },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    service(app, { app }),
  ]
}

function service(name: string, selector: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector, ports: [{ name: 'http', port: 80 }] },
  }
}

async function handOver(mesh: string, errorRate: number) {
  const { project } = await loadProject(folder)
  const definition = await loadDefinition(folder)
  const provider = providers.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`no mesh ${mesh}`)
  const resource = { namespace: 'shop', name: 'web' }
  const simulation = await simulate({
    project,
    definition,
    crds: [crd(project, definition)],
    adapter: provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }),
    seed: 1,
    resource,
    traffic: {
      rate: 20,
      apex: resource,
      port: 80,
      source: { namespace: 'shop', name: 'clients' },
      clients: [
        { name: 'all', users: 50, inMesh: true, request: { method: 'GET', path: '/', headers: {}, query: {} } },
      ],
      versions: {
        'web:blue': { errorRate: 0, latency: { median: 5, p99: 20 } },
        'web:green': { errorRate, latency: { median: 5, p99: 20 } },
      },
    },
  })
  try {
    const shop: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
    const apex = service('web', { app: 'blue' })
    await simulation.apply([shop, ...workload('blue', 'web:blue'), ...workload('green', 'web:green'), apex])
    await simulation.runFor(minute)
    const handover: KubeObject = {
      apiVersion: 'examples.io/v1',
      kind: 'Handover',
      metadata: resource,
      spec: { service: 'web', from: 'blue', to: 'green' },
    }
    await simulation.apply([handover])
    await simulation.runUntil(() => ['Finished', 'Failed'].includes(simulation.timeline.phase), 10 * minute)
    await simulation.runFor(minute)
    return {
      phases: simulation.timeline.phases.map(({ phase }) => phase),
      weights: simulation.timeline.steps.map(({ observed }) => Math.round(observed['green'] ?? 0)),
      lengths: simulation.timeline.steps.flatMap(({ time, end }) => (end === undefined ? [] : [end - time])),
      violations: simulation.invariants.violations,
    }
  } finally {
    await simulation.stop()
  }
}

describe('the operator of the README', () => {
  test('compiles', async () => {
    const compiler = join(root, 'node_modules', '.bin', 'tsc')
    await expect(promisify(execFile)(compiler, ['-p', folder])).resolves.toMatchObject({ stdout: '' })
  })

  test('is configured for a mesh by one word', async () => {
    const knownMeshes = providers.map(({ name }) => name)
    const config = await loadOperatorConfig(join(folder, 'autopilot-operator.yaml'), { knownMeshes })
    expect(config.meshProvider).toBe('linkerd')
  })

  test.each(providers.map(({ name }) => name))('hands a service over step by step on %s', async (mesh) => {
    const { phases, weights, lengths, violations } = await handOver(mesh, 0)
    expect(phases).toEqual(['Shifting', 'Finished'])
    expect(weights).toEqual([20, 40, 60, 80, 100])
    // Whatever wakes the worker in between, such as a route's status.
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000)
    expect(violations).toEqual([])
  })

  test.each(providers.map(({ name }) => name))('takes the traffic back from a bad service on %s', async (mesh) => {
    const { phases, weights, violations } = await handOver(mesh, 0.5)
    expect(phases).toEqual(['Shifting', 'Reverting', 'Failed'])
    expect(weights.at(-1)).toBe(0)
    expect(Math.max(...weights)).toBe(20)
    expect(violations).toEqual([])
  })
})
