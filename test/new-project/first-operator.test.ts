import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, inject, test } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { type LocalCluster, startLocalCluster } from '../../src/simulator/local-cluster.ts'
import { findProgram } from '../support/cluster/command.ts'
import { followGuide } from '../support/new-project/follow-guide.ts'
import { startSteadyPrometheus } from '../support/new-project/steady-prometheus.ts'
import { Terminal } from '../support/new-project/terminal.ts'

const root = join(import.meta.dirname, '..', '..')
const hasKubectl = (await findProgram('kubectl')) !== undefined

function adapterOf(mesh: string) {
  const provider = builtInMeshes.find(({ name }) => name === mesh)
  if (provider === undefined) throw new Error(`no mesh ${mesh}`)
  return provider.create({ clusterDomain: 'cluster.local', apiVersions: {} })
}

describe.skipIf(!inject('registry'))('the first operator, from an empty folder with the packed library', async () => {
  let folder: string
  let terminal: Terminal
  let prometheus: Awaited<ReturnType<typeof startSteadyPrometheus>>
  let cluster: LocalCluster

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-first-'))
    // What `npm link` does.
    await symlink(join(root, 'bin', 'ap.js'), join(folder, 'ap'))
    prometheus = await startSteadyPrometheus(1)
    cluster = await startLocalCluster(adapterOf('linkerd'))
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    terminal = new Terminal(folder, [folder], { KUBECONFIG: kubeconfig })
  })

  afterAll(async () => {
    await terminal?.close()
    await cluster?.stop()
    await prometheus?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  await followGuide(
    'first-operator.md',
    () => ({ terminal, names: { 'http://localhost:9090': prometheus.url } }),
    (step) => 'mode' in step && step.mode === 'cluster' && !hasKubectl,
  )

  test('the operator ends cleanly', async () => {
    await terminal.close()
  })
})
