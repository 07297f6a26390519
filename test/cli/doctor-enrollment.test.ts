import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namespaceKind } from '../../src/mesh/core-kinds.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'

let cluster: EmbeddedCluster
let folder: string

beforeAll(async () => {
  cluster = await embeddedCluster()
  await cluster.install('istio-ambient')
  folder = await mkdtemp(join(tmpdir(), 'ap-doctor-'))
  await copyFile('operators/canary/autopilot.yaml', join(folder, 'autopilot.yaml'))
  await writeFile(join(folder, 'autopilot-operator.yaml'), 'meshProvider: istio-ambient\n')
})

afterAll(async () => {
  await cluster.close()
  await rm(folder, { recursive: true, force: true })
})

async function saidOfMesh(): Promise<string> {
  const { stdout } = await cluster.ap('doctor', folder, '-o', 'json')
  const { checks } = JSON.parse(stdout) as { checks: { check: string; text: string; remedy?: string }[] }
  return checks.flatMap(({ check, text, remedy = '' }) => (check === 'mesh' ? [`${text} ${remedy}`] : [])).join('\n')
}

test('ap doctor tells which namespaces the mesh looks after, and how one gets to be', async () => {
  const labels = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' }
  expect(await saidOfMesh()).toContain(
    'kubectl label namespace NAME istio.io/dataplane-mode=ambient istio.io/use-waypoint=waypoint',
  )
  await cluster.client.create(namespaceKind, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels },
  })
  expect(await saidOfMesh()).toContain('istio-ambient looks after the Services of shop')
})
