import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { type LocalCluster, startLocalCluster } from '../../src/simulator/local-cluster.ts'
import { findProgram } from '../support/cluster/command.ts'
import { clusterEnvironment } from '../support/cluster/environment.ts'
import { findRegistry } from '../support/cluster/registry.ts'
import { type RealRegistry, startRealRegistry } from '../support/image-registry/real-registry.ts'
import { followGuide } from '../support/new-project/follow-guide.ts'
import type { GuideStep } from '../support/new-project/guide.ts'
import { Terminal } from '../support/new-project/terminal.ts'

const root = join(import.meta.dirname, '..', '..')
const registryProgram = (await findRegistry()) ?? ''
const canPush = registryProgram !== '' || clusterEnvironment().ci
const hasKubectl = (await findProgram('kubectl')) !== undefined

describe.skipIf(!inject('registry'))('a project of the canary template', async () => {
  let folder: string
  let terminal: Terminal
  let cluster: LocalCluster
  let registry: RealRegistry | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-canary-'))
    if (canPush) registry = await startRealRegistry(registryProgram, join(folder, 'registry'))
    // What `npm link` does.
    await symlink(join(root, 'bin', 'ap.js'), join(folder, 'ap'))
    const linkerd = builtInMeshes.find(({ name }) => name === 'linkerd')
    if (linkerd === undefined) throw new Error('no Linkerd')
    cluster = await startLocalCluster(linkerd.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    terminal = new Terminal(folder, [folder], { KUBECONFIG: kubeconfig })
  })

  afterAll(async () => {
    await terminal?.close()
    await cluster?.stop()
    await registry?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const reader = () => ({ terminal, names: { ...(registry && { 'localhost:5000': registry.address }) } })
  const skips = (step: GuideStep) =>
    'command' in step &&
    ((step.command.startsWith('kubectl') && !hasKubectl) || (step.command.endsWith('--push') && !canPush))
  await followGuide('canary-in-ten-minutes.md', reader, skips)
  test('what went on in another terminal ends', () => terminal.close())
  await followGuide('test-without-a-cluster.md', reader, skips)
  await followGuide('choose-a-mesh.md', reader, skips)
  await followGuide('run-in-production.md', reader, skips)
})

describe.skipIf(!inject('registry'))('a project of the original', async () => {
  let folder: string
  let terminal: Terminal

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-migrate-'))
    await symlink(join(root, 'bin', 'ap.js'), join(folder, 'ap'))
    terminal = new Terminal(folder, [folder])
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  await followGuide('migrate.md', () => ({ terminal, names: {} }))
})
